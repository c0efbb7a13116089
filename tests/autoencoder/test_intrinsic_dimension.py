"""TwoNN on points of known dimension, in closed form, and against its formula on a k-d tree's distances."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial import KDTree
from torch import Tensor

from aeaug.autoencoder.intrinsic_dimension import intrinsic_dimension


def draw(kind: str, n: int, d: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn if kind == "gaussian" else torch.rand)(n, d, generator=generator, dtype=torch.float64)


def embedded(points: Tensor, dimensions: int, seed: int) -> Tensor:
    """``points (N, d)`` in d orthogonal directions of as many ``dimensions``."""
    return points @ torch.linalg.qr(draw("gaussian", dimensions, points.shape[1], seed)).Q.T


def test_three_points_on_a_line():
    # 0, 1, 3: ratios 3, 2 and 3/2, whose product is 9.
    assert intrinsic_dimension(torch.tensor([[0.0], [1.0], [3.0]])) == pytest.approx(2 / math.log(9), rel=1e-12)


def test_agrees_with_the_formula():
    z = draw("gaussian", 700, 6, 0)
    distances, _ = KDTree(z.numpy()).query(z.numpy(), k=3)
    expected = 699 / np.log(distances[:, 2] / distances[:, 1]).sum()
    assert intrinsic_dimension(z) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["cube", "gaussian"])
@pytest.mark.parametrize("d", [1, 2, 4])
def test_finds_the_dimension_of_points_in_a_larger_space(kind: str, d: int):
    estimates = [intrinsic_dimension(embedded(draw(kind, 2000, d, 10 + i), 12, 20 + i)) for i in range(3)]
    assert sum(estimates) / 3 == pytest.approx(d, rel=0.08)


def test_noise_in_every_dimension_is_seen():
    line = embedded(draw("cube", 1000, 1, 30), 8, 31)
    assert intrinsic_dimension(line) < 1.2
    assert intrinsic_dimension(line + 0.1 * draw("gaussian", 1000, 8, 32)) > 4


def test_invariant_to_rotation_scale_translation_and_order():
    z = draw("gaussian", 500, 5, 40)
    expected = intrinsic_dimension(z)
    rotation = torch.linalg.qr(draw("gaussian", 5, 5, 41)).Q
    assert intrinsic_dimension(z @ rotation) == pytest.approx(expected, rel=1e-9)
    assert intrinsic_dimension(1e-3 * z) == pytest.approx(expected, rel=1e-9)
    assert intrinsic_dimension(z + 1e4) == pytest.approx(expected, rel=1e-6)
    assert intrinsic_dimension(z.flip(0)) == pytest.approx(expected, rel=1e-9)


def test_equal_points_count_once():
    z = draw("gaussian", 300, 4, 42)
    assert intrinsic_dimension(torch.cat([z, z[:100], z[:10]])) == intrinsic_dimension(z)


@pytest.mark.parametrize("distinct", [1, 2])
def test_refuses_too_few_points(distinct: int):
    z = draw("gaussian", distinct, 4, 43).repeat(20, 1)
    with pytest.raises(ValueError, match=f"z: .* at least 3 distinct points, got {distinct} of {20 * distinct}"):
        intrinsic_dimension(z)


def test_refuses_a_lattice_and_what_is_not_finite():
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match="z: both nearest neighbours of all 4 points are equally near"):
        intrinsic_dimension(corners)
    with pytest.raises(ValueError, match="z: expected finite points"):
        intrinsic_dimension(corners * torch.nan)
