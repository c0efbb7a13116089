"""Search for the values with the smallest validation FD: python scripts/tune.py tune.space=<file> [key=value ...]."""

from aeaug.entry import tune

if __name__ == "__main__":
    tune()
