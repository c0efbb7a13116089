"""``scripts/status.py``: how far the runs of experiments are, read off their files alone."""
