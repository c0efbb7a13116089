"""Write a data set with images decoded from perturbed codes: python scripts/augment.py out=<file> [key=value ...]."""

from aeaug.entry import augment

if __name__ == "__main__":
    augment()
