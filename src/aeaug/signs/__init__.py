"""Signs of life: whether each strategy does what its source says, on three subsets of 100 to 500 images.

What is to be seen stands in ``of_runs``, ``of_autoencoders``, ``of_codes``, ``of_sources`` and ``of_gates``, and was
written there before it was measured; ``scripts/signs_of_life.py`` keeps the outcome in docs/results/signs.csv.
"""
