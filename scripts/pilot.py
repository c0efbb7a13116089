"""Print what a pilot says of claims to be made: how much pairs differ, and which effects so many pairs would find.

python scripts/train.py -m experiment=demo_pilot
python scripts/pilot.py demo_pilot append_gaussian none
python scripts/pilot.py demo_pilot append_gaussian none --claims 4 --pairs 8 12 20
"""

import argparse
import math
from pathlib import Path

from aeaug.report.pilot import POWER, Pilot, detectable, equivalent, pilots
from aeaug.run.claims import pairs_needed
from aeaug.run.table.rows import experiment_rows


def main() -> None:
    """Print a paragraph and a table for every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", help="name of the runs' folder in <outputs>/runs")
    parser.add_argument("treatment", help="an arm, as a claim names it")
    parser.add_argument("control", help="another")
    parser.add_argument("--claims", type=int, default=1, help="primary tests of the report to come (default: 1)")
    parser.add_argument("--pairs", type=int, nargs="+", help="numbers of seeds to look at")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    if args.claims < 1 or min(args.pairs or [2]) < 2 or max(args.pairs or [2]) > 24:
        parser.error("--claims is at least 1, --pairs are from 2 to 24")
    try:
        found = pilots(experiment_rows(args.outputs / "runs", [args.experiment]), args.treatment, args.control)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    least = pairs_needed(args.claims)
    print("\n\n".join(_text(one, args, args.pairs or [least, least + 2, least + 4, 2 * least]) for one in found))


def _text(pilot: Pilot, args: argparse.Namespace, pairs: list[int]) -> str:
    size = "all" if pilot.n_train is None else f"{pilot.n_train:,}"
    low, high = pilot.sd_interval
    lines = [
        f"{size} images, {pilot.images:,} shown, {_pairs(pilot)}: log FD of {args.treatment} minus that "
        f"of {args.control} on the validation slice {pilot.mean:+.3f}, standard deviation of a pair {pilot.sd:.3f} "
        f"(80% interval {low:.3f} to {high:.3f})",
        "",
        f"| pairs | effect that {POWER:.0%} of reports find | smallest effect at which {POWER:.0%} call nothing none |",
        "| ---: | ---: | ---: |",
    ]
    for n in pairs:
        effects = (detectable(n, args.claims), equivalent(n, args.claims))
        lines.append(f"| {n} | {' | '.join(_percent(effect, pilot.sd) for effect in effects)} |")
    return "\n".join(lines)


def _pairs(pilot: Pilot) -> str:
    """How many there are, of how many units, and how many runs have none."""
    units, pairs = len(pilot.units), len(pilot.differences)
    text = f"{pairs} pairs" if units == pairs else f"{pairs} pairs of {units} subsets"
    lost = f" ({pilot.diverged} run{'s' * (pilot.diverged > 1)} diverged and left out)"
    return text + lost * bool(pilot.diverged)


def _percent(effect: float, sd: float) -> str:
    """A difference of logarithms, downwards and upwards: these are other percents."""
    if math.isinf(effect):
        return "never"
    less, more = (f"{math.expm1(sign * effect * sd):+.1%}".replace("-", "−") for sign in (-1, 1))
    return f"{less} or {more} ({effect:.2f} sd)"


if __name__ == "__main__":
    main()
