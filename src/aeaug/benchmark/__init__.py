"""How fast the stages are, against something to compare them with: what ``scripts/benchmark.py`` prints.

Every comparison takes place within one process, in short blocks that take turns (A B A B …), so that whatever else the
machine does slows both; a ratio is the median over pairs of neighbouring blocks.
"""
