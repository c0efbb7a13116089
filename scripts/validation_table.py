"""Print the validation FD of an experiment's runs at the end of their budgets, arm by arm: what a look around needs.

python scripts/train.py -m experiment=prototype
python scripts/validation_table.py prototype

Each arm stands beside the arm ``none`` with the same other settings, by the geometric mean of the paired ratios.
"""

import argparse
import math
from pathlib import Path

import pandas as pd

from aeaug.report.tuning import geometric_mean
from aeaug.run.table.rows import experiment_rows

# Options of what `none` does not have, and what it does not choose.
OF_ARMS = ("augmentation", "perturbation", "source", "filter", "schedule", "gate", "autoencoder")
OF_ARMS += ("gan.penalty", "gan_penalty", "gan.view", "gan_view", "gan.pseudo", "gan_pseudo")

BySeed = dict[tuple[int, int], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the runs' folder in <outputs>/runs")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    try:
        found = last_readings(experiment_rows(args.outputs / "runs", [args.name]))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print("\n\n".join(block(size, arms, several=len(found) > 1) for size, arms in found.items()))


def last_readings(table: pd.DataFrame) -> dict[int | None, dict[str, BySeed]]:
    """FD by size, arm, and subset and seed, of runs that are done; infinite where one diverged."""
    found: dict[int | None, dict[str, BySeed]] = {}
    for (n_train, arm, subset, seed), run in table.groupby(["n_train", "arm", "subset", "seed"], dropna=False):
        state = run["state"].iloc[0]
        of_generated = (run["split"] == "validation") & (run["set"] == "generated") & run["images"].notna()
        readings = run[of_generated & (run["metric"] == "frechet_distance")].sort_values("images")["value"]
        if state == "diverged" or (state == "done" and len(readings)):
            size = None if pd.isna(n_train) else int(n_train)
            by_seed = found.setdefault(size, {}).setdefault(arm, {})
            by_seed[subset, seed] = math.inf if state == "diverged" else readings.iloc[-1]
    return found


def block(size: int | None, arms: dict[str, BySeed], several: bool) -> str:
    """The table of one size; headed by it where there are ``several``."""
    head = "| arm | FD | of each seed | over `none` |\n| --- | ---: | :--- | ---: |"
    order = {arm: (arm.partition(",")[2], geometric_mean(list(by_seed.values()))) for arm, by_seed in arms.items()}
    lines = [line(arm, arms[arm], arms.get(control_of(arm), {})) for arm in sorted(arms, key=lambda arm: order[arm])]
    title = [f"**{'all' if size is None else f'{size:,}'} images**\n"] * several
    return "\n".join([*title, head, *lines])


def control_of(arm: str) -> str:
    """The name of ``none`` with the same other settings, but for those that it has no use for."""
    kept = [part for part in arm.split(",")[1:] if not part.startswith(OF_ARMS)]
    return ",".join(["none", *kept])


def line(arm: str, by_seed: BySeed, control: BySeed) -> str:
    each = ", ".join(f"{value:,.0f}" for value in by_seed.values())
    both = by_seed.keys() & control.keys()
    ratio = f"{geometric_mean([by_seed[seed] / control[seed] for seed in both]):.2f}" if both else ""
    return f"| `{arm}` | {geometric_mean(list(by_seed.values())):,.0f} | {each} | {ratio} |"


if __name__ == "__main__":
    main()
