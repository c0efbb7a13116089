"""Autoencoders without a training: against scikit-learn, and what they are controls for."""

from dataclasses import replace

import pytest
import torch
from sklearn.decomposition import PCA

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import closed_form as module
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


@pytest.mark.parametrize("largest", [12, 11], ids=["of all pairs", "of large images"])
def test_components_are_scikit_learns(largest, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_MATRIX", largest)
    x = torch.randn(60, 12, generator=rng(), dtype=torch.float64) * torch.arange(1, 13)
    mean, components = principal_components(x, 3)
    reference = PCA(3).fit(x.numpy())
    torch.testing.assert_close(mean, torch.from_numpy(reference.mean_))
    aligned = (components * torch.from_numpy(reference.components_)).sum(1)
    torch.testing.assert_close(aligned.abs(), torch.ones(3, dtype=torch.float64))
    assert (components.gather(1, components.abs().argmax(1, keepdim=True)) > 0).all()


def test_of_fewer_points_than_components_they_are_orthonormal_all_the_same():
    _, components = principal_components(torch.randn(4, 10, generator=rng()), 8)
    torch.testing.assert_close(components @ components.T, torch.eye(8, dtype=torch.float64))


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
    assert list(options("identity", None).faults_of(MNIST)) == list(options("identity", 784).faults_of(MNIST)) == []
    (line,) = options("identity", 32).faults_of(MNIST)
    assert line == "autoencoder.latent_dim=32: of autoencoder.network=identity it is 784, or auto"
    with pytest.raises(ValueError, match=r"autoencoder\.latent_dim=auto: of autoencoder\.network=pca nothing says it"):
        options("pca", None)


def test_there_are_no_more_components_than_pixels():
    small = replace(MNIST, shape=(1, 8, 8))
    assert list(options("pca", 64).faults_of(small)) == []
    (line,) = options("pca", 65).faults_of(small)
    assert line.startswith("autoencoder.latent_dim=65: must be at most 64")
