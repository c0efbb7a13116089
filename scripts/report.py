"""Write the report of an experiment: python scripts/report.py experiment=<name>."""

from aeaug.entry import report

if __name__ == "__main__":
    report()
