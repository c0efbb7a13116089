import pytest
import torch

from aeaug.evaluation.corruptions import blurred, corruptions, drop_digits, noisy, replaced

DRAW = torch.Generator().manual_seed(0)
REAL = torch.rand(400, 1, 28, 28, generator=DRAW) * 2 - 1
SPARE = torch.rand(600, 1, 28, 28, generator=DRAW) * 2 - 1
LABELS = torch.randint(10, (400,), generator=DRAW)
SPARE_LABELS = torch.randint(10, (600,), generator=DRAW)
TRAINING = torch.rand(30, 1, 28, 28, generator=DRAW) * 2 - 1
DECODED = torch.rand(400, 1, 28, 28, generator=DRAW) * 2 - 1
ALL = corruptions(REAL, LABELS, SPARE, SPARE_LABELS, TRAINING, DECODED, seed=0)


UNCHANGED = ALL["blur"](0.0)


def changed(images, before=UNCHANGED):
    """Which of ``images`` are others than ``before``: ``(N,)`` bool."""
    return (images != before).flatten(1).any(1)


def test_without_a_share_it_is_the_sample_in_an_order_of_its_own():
    assert all(ALL[name](0.0).equal(UNCHANGED) for name in ALL)
    assert not UNCHANGED.equal(REAL)
    assert UNCHANGED.flatten(1).unique(dim=0).equal(REAL.flatten(1).unique(dim=0))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.25, 0.5])
def test_exactly_the_share_is_replaced(name, share):
    images = ALL[name](share)
    assert images.shape == REAL.shape
    assert images.min() >= -1
    assert images.max() <= 1
    assert int(changed(images).sum()) == 400 * share


@pytest.mark.parametrize("name", ALL)
def test_the_first_images_have_the_same_share_of_faults(name):
    """Of 100 draws from 400 of which half are replaced: 50, with a standard deviation of 4.3."""
    assert abs(int(changed(ALL[name](0.5))[:100].sum()) - 50) < 3 * 4.3


@pytest.mark.parametrize("name", ["blur", "noise", "decoded", "duplicates", "training copies"])
def test_a_larger_share_holds_the_smaller_one(name):
    small, large = ALL[name](0.1), ALL[name](0.25)
    assert large[changed(small)].equal(small[changed(small)])


def test_duplicates_are_of_images_that_stay():
    images = ALL["duplicates"](0.5)
    assert images.flatten(1).unique(dim=0).equal(REAL[200:].flatten(1).unique(dim=0))


@pytest.mark.parametrize(("share", "left"), [(0.0, 400), (0.3, 280), (0.5, 200), (0.8, 80), (1.0, 1)])
def test_duplicates_leave_as_many_images_as_are_not_replaced(share, left):
    assert len(ALL["duplicates"](share).flatten(1).unique(dim=0)) == left


def test_copies_come_from_the_training_subset_in_turn():
    images = ALL["training copies"](0.25)
    copies = (images[changed(images), None] == TRAINING).flatten(2).all(2).sum(0)
    assert copies.tolist() == [4] * 10 + [3] * 20


def test_blur_keeps_a_constant_and_spreads_a_point():
    assert blurred(torch.full((1, 1, 28, 28), 0.3)).allclose(torch.tensor(0.3), atol=1e-6)
    point = torch.zeros(1, 1, 28, 28)
    point[..., 14, 14] = 1
    spread = blurred(point, 1.0)
    assert float(spread.sum()) == pytest.approx(1, abs=1e-5)
    place = torch.arange(28.0) - 14
    assert float((spread.sum((0, 1, 2)) * place**2).sum()) == pytest.approx(1, abs=0.05)  # its variance


def test_noise_has_its_size_and_is_the_same_again():
    grey = torch.zeros(200, 1, 28, 28)
    assert float((noisy(grey, 1, 0.2)).std()) == pytest.approx(0.2, rel=0.02)
    assert noisy(grey, 1).equal(noisy(grey, 1))
    assert not noisy(grey, 1).equal(noisy(grey, 2))


def test_dropped_digits_are_gone_in_their_order():
    zeros = int((LABELS == 0).sum())
    images = drop_digits(REAL, LABELS, SPARE, SPARE_LABELS, zeros / 400)
    assert (int(changed(images, REAL).sum()), bool((images[LABELS == 0] == REAL[LABELS == 0]).any())) == (zeros, False)
    label = {image.numpy().tobytes(): int(one) for image, one in zip(SPARE, SPARE_LABELS, strict=True)}
    assert all(label[image.numpy().tobytes()] != 0 for image in images[LABELS == 0])
    with pytest.raises(ValueError, match="400 images to replace, 0 spare"):
        drop_digits(REAL, LABELS, SPARE, SPARE_LABELS, 1.0)


def test_of_few_others_all_are_taken_in_turn():
    assert replaced(torch.zeros(10), torch.tensor([1.0, 2.0]), 0.5).tolist() == [1, 2, 1, 2, 1, 0, 0, 0, 0, 0]
