"""Print the tables of a tuning, as they stand in docs/tuning.md, from the curves of its runs.

python scripts/train.py -m experiment=tune_r1_mlp
python scripts/tuning_table.py gan.r1_gamma tune_r1_mlp --save docs/tuning/r1_mlp.csv
python scripts/tuning_table.py gan.r1_gamma docs/tuning/r1_mlp.csv --images 256000 1280000
python scripts/tuning_table.py gan.r1_gamma tune_r1_rivals --where augmentation.name=two_sided

Several sources make one table: curves that were kept and those of new runs, of other sizes, values or subsets.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from aeaug.report.tuning import CURVES, curves, together, tunings
from aeaug.run.table.rows import experiment_rows
from aeaug.writing import write_whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("key", help="the option that was tuned, for instance gan.r1_gamma")
    parser.add_argument(
        "runs", nargs="+", help="name of the runs' folder in <outputs>/runs, or a .csv that --save wrote"
    )
    parser.add_argument("--images", type=int, nargs="+", default=[], help="budgets to read; default: the runs' own")
    parser.add_argument("--save", type=Path, help="write the curves into this .csv file")
    parser.add_argument("--where", nargs="+", default=[], help="of runs with these settings alone, key=value")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    try:
        where = dict(map(_setting, args.where))
        found = together([_read(source, args.key, where, args.outputs) for source in args.runs])
        if args.save:
            content = found.to_csv(index=False, float_format="%.6g")
            write_whole(args.save, content)
        tables, missing = tunings(found, args.key, args.images)
    except (OSError, KeyError, ValueError) as error:
        parser.error(str(error))
    for line in missing:
        print(line, file=sys.stderr)
    print("\n\n".join(one.markdown() for one in tables))


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--where {text}: expected key=value, as in augmentation.name=two_sided")
    return key, value


def _read(source: str, key: str, where: dict[str, str], outputs: Path) -> pd.DataFrame:
    if source.endswith(".csv"):
        return pd.read_csv(source)[list(CURVES)].astype(CURVES)
    return curves(experiment_rows(outputs / "runs", [source]), key, where)


if __name__ == "__main__":
    main()
