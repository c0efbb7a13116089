"""docs/results/signs.csv has what is stated, and nothing else."""

import csv
import re
import runpy

from aeaug.signs.of_runs import OF_RUNS
from aeaug.signs.row import SEEDS, identity
from tests.conftest import REPOSITORY

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "signs_of_life.py"))
with (REPOSITORY / "docs" / "results" / "signs.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))
CONF = REPOSITORY / "conf"
# What the others are controls of, or are without: nothing is to be seen of it by itself.
NOTHING = {"augmentation=none", "schedule=constant", "gate=none", "filter=none", "source=decoded"}
NOTHING |= {"gan/loss=non_saturating", "augmentation=auto"}
GROUPS = ("autoencoder", "perturbation", "augmentation", "source", "filter", "gate", "schedule", "gan/r1_schedule")
GROUPS += ("gan/penalty_schedule", "gan/view", "gan/penalty", "gan/pseudo", "gan/loss", "gan/view_schedule")
GROUPS += ("gan/pseudo_schedule",)


def test_every_sign_has_its_row_and_what_is_counted_is_what_stands_there():
    assert [identity(row) for row in ROWS] == SCRIPT["stated"]()
    for row in ROWS:
        pairs = [(float(row[f"subset {seed}"]), float(row[f"other {seed}"])) for seed in SEEDS]
        higher = row["wanted"] == "higher"
        assert row["seen"] == f"{sum(a > b if higher else a < b for a, b in pairs)} of {len(SEEDS)}"


def test_every_choice_has_a_sign():
    seen = set()
    for row in ROWS:
        first, *others = row["choice"].split(",")
        if first.startswith("arm="):
            text = (CONF / "arm" / f"{first.removeprefix('arm=')}.yaml").read_text()
            for group, value in re.findall(r"override /([\w/]+): (.+)", text):
                seen |= {f"{group}={one}" for one in re.sub(r"[][\s]|#.*", "", value).split(",")}
        seen |= {re.sub(r"^gan_", "gan/", one) for one in (*others, first)}
    for group in GROUPS:
        choices = {f"{group}={file.stem}" for file in (CONF / group).glob("*.yaml")}
        lacking = ", ".join(sorted(choices - seen - NOTHING))
        assert not lacking, (
            f"{lacking}: no sign of life; signs/of_….py says what is to be seen, scripts/signs_of_life.py measures it"
        )


def test_every_experiment_lists_what_its_signs_are_of():
    for experiment, signs in OF_RUNS.items():
        text = (CONF / "experiment" / f"{experiment}.yaml").read_text()
        for one in signs:
            for arm in (one.arm, *([one.than] if isinstance(one.than, str) else [])):
                for part in re.split(r",", arm):
                    said = re.sub(r"^gan_", "gan/", part).rpartition("=")[2]
                    assert re.search(rf"\b{re.escape(said)}\b", text), (experiment, arm)
