"""Train and measure one run, or with -m a sweep: python scripts/train.py [-m] [key=value ...]."""

from aeaug.entry import train

if __name__ == "__main__":
    train()
