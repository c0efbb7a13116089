"""Shifts and cutouts against torch.roll, closed forms and their limits."""

import pytest
import torch

from aeaug.gan.views.diffaugment import DiffAugment, cut_out, translate


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count):
    return torch.rand(count, 1, 28, 28, generator=rng(3)) - 0.5


@pytest.mark.parametrize("shift", [(0, 0), (3, 0), (0, -4), (-2, 4)])
def test_a_shift_is_a_roll_whose_open_side_is_background(shift):
    x = images(2)
    moved = translate(x, torch.tensor([shift, (0, 0)]), 4)
    expected = x[0].roll(shift, (1, 2))
    for axis, by in enumerate(shift, 1):
        gone = range(by) if by >= 0 else range(28 + by, 28)
        expected.index_fill_(axis, torch.tensor(list(gone), dtype=torch.long), -1.0)
    assert moved[0].equal(expected)
    assert moved[1].equal(x[1])


def test_shifts_are_uniform_and_within_an_eighth():
    """Of one bright pixel in the middle: it lands on each of 9 × 9 places as often."""
    x = torch.full((8_100, 1, 28, 28), -1.0)
    x[:, :, 14, 14] = 1
    landed = DiffAugment(translation=0.125, cutout=0)(x, rng()).flatten(1).argmax(1)
    rows, columns = landed // 28 - 14, landed % 28 - 14
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (-4, 4, -4, 4)
    counts = torch.bincount((rows + 4) * 9 + columns + 4, minlength=81).double()
    chi2 = float(((counts - 100) ** 2 / 100).sum())
    assert 40 < chi2 < 140  # 80 degrees of freedom


@pytest.mark.parametrize(
    ("centre", "rows", "columns"),
    [((14, 14), (7, 21), (7, 21)), ((0, 28), (0, 7), (21, 28)), ((3, 10), (0, 10), (3, 17))],
)
def test_a_cutout_is_a_square_as_far_as_it_lies_within(centre, rows, columns):
    x = images(1)
    cut = cut_out(x, torch.tensor([centre]), 14)
    expected = x.clone()
    expected[:, :, slice(*rows), slice(*columns)] = -1
    assert cut.equal(expected)


@pytest.mark.parametrize("size", [4, 6])  # squares of even and of odd sides
def test_every_side_of_the_picture_is_cut_out_as_often(size):
    count = 20_000
    seen = DiffAugment(translation=0, cutout=0.5)(torch.ones(count, 1, size, size), rng())
    share = (seen[:, 0] == -1).double().mean(0)
    assert float((share - share.flip(0, 1)).abs().max()) < 5 * (0.5 / count) ** 0.5


def test_without_both_it_would_change_nothing_and_is_refused():
    (line,) = DiffAugment(translation=0.01, cutout=0).faults_of((1, 28, 28))
    assert line.startswith("gan.view.diffaugment.translation=0.01, cutout=0: neither is a pixel")
    assert not list(DiffAugment(translation=0.01, cutout=0).faults_of((1, 64, 64)))


def test_half_of_the_side_is_cut_out_and_a_gradient_comes_from_the_rest():
    x = images(400).requires_grad_()
    seen = DiffAugment(translation=0, cutout=0.5)(x, rng())
    gone = (seen == -1).flatten(1).sum(1)
    assert int(gone.max()) == 14 * 14
    assert int(gone.min()) == 7 * 7  # a centre in the corner
    seen.sum().backward()
    assert x.grad.equal((seen != -1).float())
