"""Print the tables of a tuning, as they stand in docs/tuning.md, from the curves of its runs.

python scripts/train.py -m experiment=tune_r1_mlp
python scripts/tuning_table.py tune_r1_mlp gan.r1_gamma --images 256000 1280000
"""

import argparse
from pathlib import Path

from aeaug.report.tuning import tunings
from aeaug.run.rows import experiment_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", nargs="+", help="name of the runs' folder in <outputs>/runs")
    parser.add_argument("key", help="the option that was tuned, for instance gan.r1_gamma")
    parser.add_argument("--images", type=int, nargs="+", default=[], help="budgets to read, of the readings there are")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    try:
        found = tunings(experiment_rows(args.outputs / "runs", args.experiment), args.key, args.images)
    except ValueError as error:
        parser.error(str(error))
    print("\n\n".join(one.markdown() for one in found))


if __name__ == "__main__":
    main()
