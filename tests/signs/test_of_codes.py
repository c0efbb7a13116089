import numpy as np
import pytest
import torch

from aeaug.perturbation import LatentCodes
from aeaug.signs.of_codes import (
    OF_CODES,
    aligned,
    at_mean,
    estranged,
    farthest,
    forgotten,
    outside,
    root_mean_square,
    rows_of_codes,
)


def codes(n=40, d=3):
    return LatentCodes(torch.randn(n, d, generator=torch.Generator().manual_seed(0)))


def test_codes_between_training_codes_are_inside_and_ones_beyond_are_outside():
    known = codes()
    z = known.z.numpy()
    weights = np.random.default_rng(0).dirichlet(np.ones(len(z)), 50)
    assert outside(z, weights @ z, known) == 0
    assert outside(z, 10 * z / np.linalg.norm(z, axis=1, keepdims=True), known) == 1


def test_moves_are_measured_in_standard_deviations():
    known = codes()
    z = known.z.numpy()
    moved = z + np.array([0.5, -2.0, 0.0]) * known.sigma.numpy()
    assert farthest(z, moved, known) == pytest.approx(2, rel=1e-5)
    assert root_mean_square(z, moved, known) == pytest.approx(((0.25 + 4) / 3) ** 0.5, rel=1e-5)


def test_a_code_that_moves_to_another_image_is_forgotten_and_one_that_stays_is_not():
    known = codes()
    z = known.z.numpy()
    assert forgotten(z, z, known) == 0
    assert forgotten(z, np.roll(z, 1, axis=0), known) == 1


def test_a_code_that_comes_nearest_to_an_image_of_another_class_is_estranged():
    known = codes()
    known.labels = torch.arange(40) // 20
    z = known.z.numpy()
    assert estranged(z, z, known) == 0
    assert estranged(z, np.roll(z, 20, axis=0), known) == 1
    assert estranged(z, np.roll(z, 1, axis=0), known) == pytest.approx(2 / 40)  # the first of each of the two classes
    assert estranged(np.tile(z, (3, 1)), np.tile(z, (3, 1)), known) == 0


def test_moves_along_the_directions_of_the_codes_are_aligned():
    generator = torch.Generator().manual_seed(0)
    known = LatentCodes(torch.cat([torch.randn(50, 10, generator=generator), torch.zeros(50, 10)], 1))
    z = known.z.numpy()
    along, across = np.eye(20)[:10].repeat(5, 0), np.eye(20)[10:].repeat(5, 0)
    assert aligned(z, z + along, known) == pytest.approx(1)
    assert aligned(z, z + across, known) == pytest.approx(0, abs=1e-9)
    assert aligned(z, z + along + across, known) == pytest.approx(0.5)


def test_entries_at_the_mean_are_counted():
    known = codes()
    z = known.z.numpy()
    assert at_mean(z, np.where([True, False, False], known.mean.numpy(), z), known) == pytest.approx(1 / 3)


def test_one_that_is_compared_with_another_is_measured_as_that_one_is():
    known = codes()
    known.labels = torch.arange(40) // 20
    z = known.z.numpy()
    by = {one.perturbation: 1e-12 for one in OF_CODES} | {"gaussian": 1.0}
    moved = {name: [(z, z + share * known.sigma.double().numpy(), known)] * 3 for name, share in by.items()}
    rows = list(rows_of_codes(moved))
    gaussian, reconstruct = (
        next(row for row in rows if row["choice"] == f"perturbation={name}") for name in ("gaussian", "reconstruct")
    )
    assert float(gaussian["subset 9000"]) == pytest.approx(1)
    assert (gaussian["than"], gaussian["seen"]) == ("uniform", "3 of 3")
    assert float(gaussian["other 9000"]) == pytest.approx(0, abs=1e-6)
    assert reconstruct["seen"] == "3 of 3"
    assert len(rows) == len(OF_CODES)
