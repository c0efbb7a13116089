"""Autoencoders without a training: against scikit-learn, and what they are controls for."""

import pytest
import torch
from sklearn.decomposition import PCA

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import closed_form as of_closed_form
from aeaug.autoencoder.closed_form import closed_form, principal_components
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.data import to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.perturbation.gaussian import gaussian
from aeaug.perturbation.interpolate import Interpolate


def options(network, latent_dim):
    return ClosedFormOptions(name=network, network=network, latent_dim=latent_dim)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_components_are_scikit_learns():
    x = torch.randn(60, 12, generator=rng(), dtype=torch.float64) * torch.arange(1, 13)
    mean, components = principal_components(x, 5)
    reference = PCA(5).fit(x.numpy())
    torch.testing.assert_close(mean, torch.from_numpy(reference.mean_))
    aligned = (components * torch.from_numpy(reference.components_)).sum(1)
    torch.testing.assert_close(aligned.abs(), torch.ones(5, dtype=torch.float64))
    assert (components.gather(1, components.abs().argmax(1, keepdim=True)) > 0).all()


def test_of_fewer_points_than_components_they_are_orthonormal_all_the_same():
    _, components = principal_components(torch.randn(4, 10, generator=rng()), 8)
    torch.testing.assert_close(components @ components.T, torch.eye(8, dtype=torch.float64))


@pytest.mark.parametrize(("points", "count"), [(60, 5), (60, 30), (20, 40), (200, 90)])
def test_of_many_dimensions_the_points_say_the_same_as_their_covariance(monkeypatch, points, count):
    """Both ways find the same subspace, and in it the same components where variances differ."""
    x = torch.randn(points, 100, generator=rng(), dtype=torch.float64) * torch.arange(1, 101)
    mean, expected = principal_components(x, count)
    monkeypatch.setattr(of_closed_form, "MOST_IN_FULL", 0)
    again, found = principal_components(x, count)
    assert found.shape == (count, 100)
    assert mean.equal(again)
    torch.testing.assert_close(found @ found.T, torch.eye(count, dtype=torch.float64))
    same = torch.ones(points, 100, dtype=torch.float64)
    torch.testing.assert_close(principal_components(same, 5)[1].norm(dim=1), torch.ones(5, dtype=torch.float64))
    known = min(points - 1, count)
    torch.testing.assert_close(found[:known], expected[:known], atol=1e-8, rtol=0)


@pytest.mark.parametrize("latent_dim", [2, 32])
def test_pca_reconstructs_as_scikit_learn_does(latent_dim, embedded):
    module = closed_form(options("pca", latent_dim), embedded.train_images)
    held_out = to_float(embedded.splits.val_images[:100])
    intensity = ((to_float(embedded.train_images) + 1) / 2).flatten(1).double().numpy()
    reference = PCA(latent_dim, svd_solver="full").fit(intensity)
    z = torch.from_numpy(reference.transform(((held_out + 1) / 2).flatten(1).double().numpy()))
    expected = torch.from_numpy(reference.inverse_transform(z.numpy())).clamp(0, 1).view(-1, 1, 28, 28) * 2 - 1
    torch.testing.assert_close(module(held_out).double(), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(module.encode(held_out).abs().double(), z.abs(), atol=1e-4, rtol=0)


def test_more_components_reconstruct_better(embedded):
    errors = [
        closed_form(options("pca", size), embedded.train_images).squared_error_on(to_float(embedded.train_images))
        for size in (2, 8, 32, 128)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.2 * errors[0]


def test_of_the_identity_a_perturbation_of_codes_is_one_of_pixels(embedded):
    module = closed_form(options("identity", 784), embedded.train_images)
    images = to_float(embedded.train_images[:20])
    assert module(images).equal(images)
    source = DecodedSource(module, embedded.train_images, Interpolate(name="interpolate", neighbours=1))
    made = source(torch.arange(20), rng(3))
    # On the segment to the nearest training image, in pixels.
    pixels = ((to_float(embedded.train_images) + 1) / 2).flatten(1)
    distances = torch.cdist(pixels[:20], pixels)
    distances[torch.arange(20), torch.arange(20)] = torch.inf
    towards = pixels[distances.argmin(1)] - pixels[:20]
    moved = (made.flatten(1) + 1) / 2 - pixels[:20]
    share = (moved * towards).sum(1) / towards.square().sum(1)
    assert ((share >= -1e-4) & (share <= 1 + 1e-4)).all()
    torch.testing.assert_close(moved, share[:, None] * towards, atol=1e-4, rtol=0)


def test_noise_of_pixels_is_clipped(embedded):
    module = closed_form(options("identity", 784), embedded.train_images)
    z = module.encode(to_float(embedded.train_images[:20]))
    made = module.decode(gaussian(z, torch.ones(784), 0.5, rng()))
    assert float(made.min()) == -1
    assert float(made.max()) == 1


@pytest.mark.parametrize(("network", "latent_dim"), [("pca", 8), ("identity", 784)])
def test_it_is_an_artifact_like_any_other(network, latent_dim, embedded, tmp_path):
    store = ArtifactStore(tmp_path)
    first = trained_autoencoder(store, options(network, latent_dim), embedded, progress=False)
    again = trained_autoencoder(store, options(network, latent_dim), embedded, progress=False)
    assert first.key == again.key
    assert first.report["steps"] == 0
    assert first.report["stopping"] == "fixed"
    images = to_float(embedded.splits.val_images[:10])
    expected = closed_form(options(network, latent_dim), embedded.train_images)
    assert first.module(images).equal(expected(images))
    assert not any(weights.requires_grad for weights in first.module.parameters())


def test_the_identity_has_all_pixels():
    assert (
        list(options("identity", None).faults_of(MNIST.shape, "an image"))
        == list(options("identity", 784).faults_of(MNIST.shape, "an image"))
        == []
    )
    (line,) = options("identity", 32).faults_of(MNIST.shape, "an image")
    assert line == "autoencoder.latent_dim=32: of autoencoder.network=identity it is 784, or auto"
    with pytest.raises(ValueError, match=r"autoencoder\.latent_dim=auto: of autoencoder\.network=pca nothing says it"):
        options("pca", None)


def test_there_are_no_more_components_than_pixels():
    assert list(options("pca", 64).faults_of((1, 8, 8), "an image of it")) == []
    (line,) = options("pca", 65).faults_of((1, 8, 8), "an image of it")
    assert line == "autoencoder.latent_dim=65: must be at most 64; an image of it has 64 pixels"
