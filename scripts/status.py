"""Say how far the runs of experiments are: python scripts/status.py [experiment=<name>] [--watch]."""

from aeaug.entry import status

if __name__ == "__main__":
    status()
