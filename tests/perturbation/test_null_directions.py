"""Dimensions in which nothing but rounding tells codes apart do not count: principal components beyond N - 1."""

import pytest
import torch

from aeaug.augmentation.filters.manifold import Manifold
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder.closed_form import closed_form
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.data import to_float
from aeaug.perturbation.codes import LatentCodes
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.hard import hard


@pytest.fixture(scope="module")
def pca(embedded):
    """200 images have 199 components; 210 are asked for."""
    options = ClosedFormOptions(name="pca", network="pca", latent_dim=210)
    return closed_form(options, embedded.train_images)


def test_their_deviation_is_0_and_that_of_the_others_as_it_was(pca, embedded):
    with torch.no_grad():
        z = pca.encode(to_float(embedded.train_images))
    codes, measured = LatentCodes(z), z.double().std(0, correction=0)
    assert (codes.sigma > 0).tolist() == [True] * 199 + [False] * 11
    torch.testing.assert_close(codes.sigma[:199].double(), measured[:199], rtol=1e-4, atol=0)


def test_what_is_perturbed_lies_on_the_manifold(pca, embedded):
    """A filter that divides by what rounding leaves would take nothing."""
    decoded = DecodedSource(pca, embedded.train_images, Gaussian(name="gaussian", gamma=0.5))
    rule = Manifold(name="manifold", quantile=1.0, tries=1).rule(decoded, None, seed=0)
    made = decoded(torch.arange(200), torch.Generator().manual_seed(0))
    assert rule(made, torch.arange(200)).float().mean() > 0.9


def test_a_hard_step_is_as_long_as_gaussians(pca, embedded):
    decoded = DecodedSource(pca, embedded.train_images, Gaussian(name="gaussian", gamma=0.5))
    codes = decoded.codes
    moved = hard(codes.z, codes.sigma, lambda z: (z * codes.sigma).sum(1), 0.5, 1)
    varies = codes.sigma > 0
    steps = ((moved - codes.z)[:, varies] / codes.sigma[varies]).square().mean(1).sqrt()
    torch.testing.assert_close(steps, torch.full_like(steps, 0.5), rtol=1e-3, atol=0)
