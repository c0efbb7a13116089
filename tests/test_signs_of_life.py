"""The numbers behind docs/strategies.md's signs, and the table that is kept of them."""

import csv
import runpy

import numpy as np
import pytest
import torch

from aeaug.perturbation import LatentCodes
from tests.conftest import REPOSITORY

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "signs_of_life.py"))
SEEDS = SCRIPT["SEEDS"]
with (REPOSITORY / "docs" / "results" / "signs.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))


def codes(n=40, d=3):
    return LatentCodes(torch.randn(n, d, generator=torch.Generator().manual_seed(0)))


def test_codes_between_training_codes_are_inside_and_ones_beyond_are_outside():
    known = codes()
    z = known.z.numpy()
    weights = np.random.default_rng(0).dirichlet(np.ones(len(z)), 50)
    assert SCRIPT["outside"](z, weights @ z, known) == 0
    assert SCRIPT["outside"](z, 10 * z / np.linalg.norm(z, axis=1, keepdims=True), known) == 1


def test_moves_are_measured_in_standard_deviations():
    known = codes()
    z = known.z.numpy()
    moved = z + np.array([0.5, -2.0, 0.0]) * known.sigma.numpy()
    assert SCRIPT["farthest"](z, moved, known) == pytest.approx(2, rel=1e-5)
    assert SCRIPT["root_mean_square"](z, moved, known) == pytest.approx(((0.25 + 4) / 3) ** 0.5, rel=1e-5)


def test_a_code_that_moves_to_another_image_is_forgotten_and_one_that_stays_is_not():
    known = codes()
    z = known.z.numpy()
    assert SCRIPT["forgotten"](z, z, known) == 0
    assert SCRIPT["forgotten"](z, np.roll(z, 1, axis=0), known) == 1


def test_moves_along_the_directions_of_the_codes_are_aligned():
    generator = torch.Generator().manual_seed(0)
    known = LatentCodes(torch.cat([torch.randn(50, 10, generator=generator), torch.zeros(50, 10)], 1))
    z = known.z.numpy()
    along, across = np.eye(20)[:10].repeat(5, 0), np.eye(20)[10:].repeat(5, 0)
    assert SCRIPT["aligned"](z, z + along, known) == pytest.approx(1)
    assert SCRIPT["aligned"](z, z + across, known) == pytest.approx(0, abs=1e-9)
    assert SCRIPT["aligned"](z, z + along + across, known) == pytest.approx(0.5)


def test_entries_at_the_mean_are_counted():
    known = codes()
    z = known.z.numpy()
    assert SCRIPT["at_mean"](z, np.where([True, False, False], known.mean.numpy(), z), known) == pytest.approx(1 / 3)


def test_late_readings_are_those_of_the_last_half():
    readings = [{"discriminator": {"r_v": value}} for value in (9.0, 9.0, 9.0, 1.0, None, 2.0)]
    assert SCRIPT["overfitting"](({}, readings)) == 1.5


def test_every_sign_has_its_row_and_what_is_counted_is_what_stands_there():
    wanted = [f"arm={sign.arm}" for sign in SCRIPT["SIGNS"]]
    wanted += [f"perturbation={one.perturbation}" for one in SCRIPT["OF_CODES"]]
    assert [row["choice"] for row in ROWS] == [*wanted, "source=noise", "source=blur", "source=shift"]
    for row in ROWS:
        pairs = [(float(row[f"subset {seed}"]), float(row[f"other {seed}"])) for seed in SEEDS]
        higher = row["wanted"] == "higher"
        assert row["seen"] == f"{sum(a > b if higher else a < b for a, b in pairs)} of {len(SEEDS)}"
