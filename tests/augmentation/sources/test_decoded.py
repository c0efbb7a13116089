import pytest
import torch
from pydantic import TypeAdapter

from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.perturbation import PerturbationOptions
from aeaug.training.divergence import Diverged

PERTURBATION = TypeAdapter(PerturbationOptions)


def source(embedded, **perturbation):
    module = AutoencoderModule("mlp", latent_dim=8)
    return DecodedSource(module, embedded.train_images, PERTURBATION.validate_python(perturbation))


def test_reconstruct_is_the_autoencoder_applied_to_the_images(embedded):
    reconstructing = source(embedded, name="reconstruct")
    indices = torch.tensor([3, 0, 3, 199])
    images = to_float(embedded.train_images)[indices]
    made = reconstructing(indices, torch.Generator())
    torch.testing.assert_close(made, reconstructing.autoencoder(images), atol=1e-6, rtol=0)
    assert not made.requires_grad


def test_images_lie_in_range_and_each_draw_differs(embedded):
    noisy = source(embedded, name="gaussian", gamma=3.0)
    draw = torch.Generator().manual_seed(0)
    first, second = (noisy(torch.arange(50), draw) for _ in range(2))
    assert first.shape == (50, 1, 28, 28)
    assert first.min() >= -1
    assert first.max() <= 1
    assert not first.equal(second)


def test_samples_depend_on_the_seed_alone(embedded):
    noisy = source(embedded, name="gaussian", gamma=1.0)
    indices = torch.arange(20)
    first = noisy.sample(indices, seed=0)
    torch.manual_seed(1)
    assert first.equal(noisy.sample(indices, seed=0))
    assert not first.equal(noisy.sample(indices, seed=1))


def test_the_autoencoder_is_frozen(embedded):
    one = source(embedded, name="reconstruct")
    assert not any(p.requires_grad for p in one.autoencoder.parameters())
    assert not one.autoencoder.training


def test_images_that_are_not_finite_are_the_autoencoders_divergence(embedded):
    """Finite weights, but what they add up is -∞, of which SiLU, x σ(x), makes none."""
    module = AutoencoderModule("mlp", latent_dim=8).requires_grad_(False)
    module.encoder[-1].bias.fill_(-1e3)
    module.decoder[0].weight.fill_(1e38)
    one = DecodedSource(module, embedded.train_images, PERTURBATION.validate_python({"name": "reconstruct"}))
    with pytest.raises(Diverged, match="20 of 20 images that the autoencoder made are not finite"):
        one.sample(torch.arange(20), seed=0)


def test_real_images_are_bytes(embedded):
    with pytest.raises(AssertionError):
        DecodedSource(
            AutoencoderModule("mlp", 8),
            to_float(embedded.train_images),
            PERTURBATION.validate_python({"name": "reconstruct"}),
        )
