"""Write docs/results, the README's answer and its figure, from the tables in docs/results.

python scripts/results.py                  # takes in the finished runs under outputs/runs first
python scripts/results.py ledger demo      # those of some experiments alone
"""

import argparse
from pathlib import Path

from aeaug.published.write import publish


def with_runs(typed: str) -> Path:
    """What is typed; without ``--outputs``, on a machine without runs, the tables that are there are enough."""
    if not Path(typed, "runs").is_dir():
        raise argparse.ArgumentTypeError(f"{typed}: there are no runs in it")
    return Path(typed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiments", nargs="*", help="whose runs enter their tables; default: all that are published")
    parser.add_argument("--outputs", type=with_runs, default=Path("outputs"), help="the folder that has runs")
    args = parser.parse_args()
    try:
        lines = publish(Path(__file__).parents[1], args.outputs, args.experiments)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print("\n".join(lines) or "nothing has changed")


if __name__ == "__main__":
    main()
