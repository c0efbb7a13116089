"""Write images of a finished run's generator: python scripts/sample.py run=<folder> out=<folder, .npy or .png>."""

from aeaug.entry import sample

if __name__ == "__main__":
    sample()
