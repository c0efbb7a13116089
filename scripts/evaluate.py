"""Measure a finished run again, or any images: python scripts/evaluate.py run=<folder> | images=<folder or .npy>."""

from aeaug.entry import evaluate

if __name__ == "__main__":
    evaluate()
