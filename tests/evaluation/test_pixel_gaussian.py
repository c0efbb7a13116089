"""Mean, covariance and support of images drawn from the pixels' Gaussian."""

import pytest
import torch
from torch import Tensor

from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import pixel_gaussian as module
from aeaug.evaluation.pixel_gaussian import pixel_gaussian


def correlated(n: int, seed: int) -> Tensor:
    """Images ``(n, 1, 28, 28)`` of spread about 0.15 around a ramp, which clipping hardly touches."""
    generator = torch.Generator().manual_seed(seed)
    factors = torch.randn(20, 784, generator=torch.Generator().manual_seed(0)) / 20**0.5
    noise = torch.randn(n, 20, generator=generator) @ factors + torch.randn(n, 784, generator=generator)
    return (torch.linspace(-0.3, 0.3, 784) + 0.1 * noise).view(n, 1, 28, 28)


@pytest.mark.parametrize("largest_root", [784, 783], ids=["by a root", "by the images"])
@pytest.mark.parametrize("n_train", [60, 6000], ids=["singular", "more than a chunk"])
def test_mean_and_covariance_are_those_of_the_images(n_train: int, largest_root: int, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_ROOT", largest_root)
    images = correlated(n_train, 1)
    drawn = pixel_gaussian(images, 10_000, seed=0)
    assert (drawn.abs() == 1).double().mean() < 1e-5
    found, fitted = (x.flatten(1).double() for x in (drawn, images))
    covariance = fitted.T.cov()
    variance = covariance.diagonal()
    mean_error = (found.mean(0) - fitted.mean(0)) / (variance / 10_000).sqrt()
    assert mean_error.abs().max() < 5
    assert mean_error.square().mean() == pytest.approx(1, abs=0.6)
    assert found.T.cov().trace().item() == pytest.approx(variance.sum().item(), rel=0.008)
    # The error of an entry of a Gaussian's sample covariance.
    expected = ((covariance**2 + torch.outer(variance, variance)) / 10_000).sqrt()
    error = (found.T.cov() - covariance) / expected
    assert error.abs().max() < 6.5
    assert error.square().mean() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("largest_root", [784, 783], ids=["by a root", "by the images"])
def test_of_few_images_lies_in_their_span(largest_root: int, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_ROOT", largest_root)
    images = correlated(30, 2)
    drawn = pixel_gaussian(images, 200, seed=0)
    mean = images.mean(0)
    span = torch.linalg.svd((images - mean).flatten(1), full_matrices=False).Vh[:29]
    deviation = (drawn - mean).flatten(1)
    outside = deviation - deviation @ span.T @ span
    assert outside.abs().max() < 1e-4
    assert torch.linalg.matrix_rank(deviation, rtol=1e-3) == 29


def test_digits_stay_in_range_and_borders_stay_black(embedded: MNISTDataModule):
    images = to_float(embedded.train_images)
    drawn = pixel_gaussian(images, 500, seed=0)
    assert drawn.shape == (500, 1, 28, 28)
    assert drawn.dtype == torch.float32
    assert drawn.min() == -1
    assert drawn.max() == 1
    constant = images.flatten(1).std(0) == 0
    assert constant.any()
    assert (drawn.flatten(1)[:, constant] + 1).abs().max() < 1e-5


def test_same_seed_same_images_and_no_global_draw():
    images = correlated(100, 3)
    before = torch.get_rng_state()
    first, second, other = (pixel_gaussian(images, 50, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert pixel_gaussian(images, 0, 0).shape == (0, 1, 28, 28)


def test_refuses_what_has_no_covariance():
    with pytest.raises(ValueError, match=r"images: expected shape .* N >= 2, got \(1, 1, 28, 28\)"):
        pixel_gaussian(correlated(1, 4), 5, 0)
    with pytest.raises(ValueError, match="n: expected at least 0, got -1"):
        pixel_gaussian(correlated(5, 5), -1, 0)
