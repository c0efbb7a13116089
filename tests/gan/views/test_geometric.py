"""Each transform by itself against flips, turns and rolls; and their odds."""

import pytest
import torch

from aeaug.gan.views.geometric import AdaptiveView, Geometric, geometric, transforms


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count):
    return torch.rand(count, 1, 28, 28, generator=rng(3)) * 2 - 1


def matrix(rows):
    return torch.tensor([[*row] for row in [*rows, (0.0, 0.0, 1.0)]])[None]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 0, 0), (0, 1, 0)], lambda x: x),
        ([(-1, 0, 0), (0, 1, 0)], lambda x: x.flip(3)),
        ([(0, -1, 0), (1, 0, 0)], lambda x: x.rot90(1, (2, 3))),
        ([(1, 0, -2 * 2 / 28), (0, 1, 0)], lambda x: shifted(x, 2)),
    ],
    ids=["nothing", "flip", "quarter turn", "shift"],
)
def test_whole_pixels_are_moved_exactly(rows, expected):
    x = images(1)
    torch.testing.assert_close(geometric(x, matrix(rows)), expected(x), rtol=0, atol=1e-5)


def shifted(x, by):
    moved = x.roll(by, 3)
    moved[..., :by] = -1
    return moved


def test_what_comes_from_beyond_the_border_is_background():
    x = torch.ones(1, 1, 28, 28)
    half = geometric(x, matrix([(2, 0, 0), (0, 2, 0)]))  # half as large
    assert half[0, 0, 14, 14] == pytest.approx(1, abs=1e-6)
    assert half[0, 0, 0, 0] == -1
    assert float((half > 0).float().mean()) == pytest.approx(0.25, abs=0.03)


def test_at_0_nothing_changes_and_at_1_everything_does():
    x = images(50)
    assert AdaptiveView(lambda shown: 0.0)(x, rng(), 0).equal(x)
    assert transforms(4, 28, 0.0, rng(), "cpu").equal(torch.eye(3).repeat(4, 1, 1))
    seen = AdaptiveView(lambda shown: 1.0)(x, rng(), 0)
    assert (seen != x).flatten(1).any(1).all()


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_an_image_is_left_alone_with_the_probability_that_none_of_all_draws_hits(p):
    count = 40_000
    alone = (transforms(count, 28, p, rng(), "cpu") - torch.eye(3)).abs().amax((1, 2)) < 1e-6
    flip, quarter, whole = 1 - p / 2, 1 - p * 3 / 4, 1 - p * (1 - (1 / 7) ** 2)
    # A rotation before or after: none with probability 1 - p; two scalings and a translation.
    expected = flip * quarter * whole * (1 - p) * (1 - p) ** 3
    # Zero pixels by rounding: of ±3.5, each whole number from -3 to 3 has 1/7; a flip and two turns may cancel.
    assert float(alone.float().mean()) == pytest.approx(expected, abs=5 * (expected / count) ** 0.5 + 0.01 * p)


def test_shapes_are_kept_on_average_and_angles_are_even():
    found = transforms(60_000, 28, 1.0, rng(), "cpu")
    areas = torch.linalg.det(found[:, :2, :2]).abs().log2()
    assert float(areas.mean()) == pytest.approx(0, abs=0.01)  # sizes are symmetric in their logarithm
    assert float(areas.std()) == pytest.approx(2 * 0.2, rel=0.02)
    mirrored = float((torch.linalg.det(found[:, :2, :2]) < 0).float().mean())
    assert mirrored == pytest.approx(0.5, abs=0.01)
    angles = torch.atan2(found[:, 1, 0], found[:, 0, 0])
    assert float(angles.cos().mean()) == pytest.approx(0, abs=0.02)
    assert float(angles.sin().mean()) == pytest.approx(0, abs=0.02)


def test_gradients_reach_every_image():
    x = images(8).requires_grad_()
    AdaptiveView(lambda shown: 0.8)(x, rng(), 0).square().sum().backward()
    assert (x.grad.flatten(1).abs().sum(1) > 0).all()


def test_translations_have_the_deviation_that_is_promised():
    """Where nothing but the last one is drawn: an eighth of the side, which is a quarter of two units."""
    found = transforms(400_000, 28, 0.05, rng(), "cpu")
    square = (found[:, :2, :2] - torch.eye(2)).abs().amax((1, 2)) < 1e-6
    moved = found[square][:, :2, 2]
    pixels = moved * 14
    fractional = (pixels - pixels.round()).abs().amax(1) > 1e-3
    assert float(moved[fractional].std()) == pytest.approx(0.25, rel=0.05)


def test_the_first_transform_is_the_flip_and_the_last_the_translation():
    """A point of the picture goes back through the translation first: one at its origin comes from where the matrix of
    all the others takes the translation."""
    drawn = transforms(2_000, 28, 0.9, rng(2), "cpu")
    linear, last = drawn[:, :2, :2], drawn[:, :2, 2]
    # A translation of sd 0.25 each way goes through the others, whose scale is s and whose determinant is s²: had it
    # come first, its length would not depend on s.
    scale = torch.linalg.det(linear).abs().sqrt()
    large, small = last[scale > 1.15].norm(dim=1), last[scale < 0.87].norm(dim=1)
    assert float(large.median()) > 1.2 * float(small.median())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_half_precision_moves_no_pixel_wrongly(dtype):
    x = images(64).to(dtype)
    plain = AdaptiveView(lambda shown: 0.3)(x.float(), rng(), 0)
    with torch.autocast("cpu", torch.bfloat16):
        half = AdaptiveView(lambda shown: 0.3)(x, rng(), 0)
    assert half.dtype == dtype
    torch.testing.assert_close(half.float(), plain, rtol=0, atol=1e-5 if dtype == torch.float32 else 0.01)


def test_one_two_and_three_quarter_turns_are_as_likely():
    """Of images that are neither mirrored nor scaled nor turned by any other angle, whatever moves them."""
    linear = transforms(200_000, 28, 0.05, rng(), "cpu")[:, :2, :2]
    turns = torch.tensor([[[0.0, -1], [1, 0]], [[-1, 0], [0, -1]], [[0, 1], [-1, 0]]])
    counts = [int(((linear - turn).abs().amax((1, 2)) < 1e-5).sum()) for turn in turns]
    mean = sum(counts) / 3
    assert mean > 1_000
    assert counts == pytest.approx([mean] * 3, abs=4 * mean**0.5)


def test_its_probability_goes_with_the_share():
    """Twice the probability at half the share is the same, image for image."""
    x = images(50)
    whole, half = Geometric(probability=0.3).at(lambda shown: 1.0), Geometric(probability=0.6).at(lambda shown: 0.5)
    assert whole(x, rng(), 0).equal(half(x, rng(), 0))
    assert not whole(x, rng(), 0).equal(x)
    assert Geometric(probability=0.3).at(lambda shown: 0.0)(x, rng(), 0) is x
