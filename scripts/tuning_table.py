"""Print the tables of a tuning, as they stand in docs/tuning.md, from the curves of its runs.

python scripts/train.py -m experiment=tune_r1_mlp
python scripts/tuning_table.py gan.r1_gamma tune_r1_mlp --save docs/tuning/r1_mlp.csv
python scripts/tuning_table.py gan.r1_gamma docs/tuning/r1_mlp.csv --images 256000 1280000
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import IO

import pandas as pd

from aeaug.report.tuning import CURVES, curves, tunings
from aeaug.run.rows import experiment_rows
from aeaug.writing import write_atomically


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("key", help="the option that was tuned, for instance gan.r1_gamma")
    parser.add_argument("runs", help="name of the runs' folder in <outputs>/runs, or a .csv that --save wrote")
    parser.add_argument("--images", type=int, nargs="+", default=[], help="budgets to read; default: the runs' own")
    parser.add_argument("--save", type=Path, help="write the curves into this .csv file")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    try:
        if args.runs.endswith(".csv"):
            found = pd.read_csv(args.runs)[list(CURVES)].astype(CURVES)
        else:
            found = curves(experiment_rows(args.outputs / "runs", [args.runs]), args.key)
        ended = found["state"].isin(["done", "diverged"])
        if unended := len(found[~ended].drop_duplicates(["n_train", "value", "seed"])):
            print(f"without {unended} runs that have not come to their end", file=sys.stderr)
        found = found[ended]
        if args.save:
            content = found.to_csv(index=False, float_format="%.6g")
            write_atomically(args.save, partial(_put, content.encode()))
        tables = tunings(found, args.key, args.images)
    except (OSError, KeyError, ValueError) as error:
        parser.error(str(error))
    print("\n\n".join(one.markdown() for one in tables))


def _put(content: bytes, file: IO[bytes]) -> None:
    file.write(content)


if __name__ == "__main__":
    main()
