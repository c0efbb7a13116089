"""T against its parts, and its gradients."""

import torch

from aeaug.data import to_float
from aeaug.perturbation.gaussian import gaussian


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_it_encodes_perturbs_and_decodes(transform_of, embedded):
    t, images = transform_of(name="gaussian", gamma=0.5), to_float(embedded.splits.val_images[:7])
    z = t.autoencoder.encode(images)
    expected = t.autoencoder.decode(gaussian(z, t.codes.sigma, 0.5, rng(1)))
    assert t(images, rng(1)).equal(expected)
    assert not t(images, rng(2)).equal(expected)


def test_without_a_perturbation_it_is_the_autoencoder(transform_of, embedded):
    t, images = transform_of(name="reconstruct"), to_float(embedded.splits.val_images[:7])
    assert t(images, rng()).equal(t.autoencoder(images))


def test_gradients_pass_to_the_images_and_not_to_the_networks(transform_of, embedded):
    t = transform_of(name="gaussian", gamma=0.5)
    images = to_float(embedded.splits.val_images[:3]).requires_grad_()
    t(images, rng()).sum().backward()
    assert images.grad.isfinite().all()
    assert (images.grad.flatten(1).abs().sum(1) > 0).all()
    assert all(weights.grad is None for weights in t.autoencoder.parameters())


def test_a_training_images_code_is_no_neighbour_of_its_own(transform_of, embedded):
    """As of the source, whose draws are by index: with one neighbour each image moves."""
    t = transform_of(name="extrapolate", neighbours=1, weight=1.0)
    images = to_float(embedded.train_images[:50])
    moved = t(images, rng()) - t.autoencoder(images)
    assert (moved.flatten(1).abs().amax(1) > 1e-3).all()


def test_in_bf16_it_is_the_float32_of_images_that_are_injected(transform_of, embedded):
    t, images = transform_of(name="gaussian", gamma=0.5), to_float(embedded.splits.val_images[:7])
    with torch.autocast("cpu", torch.bfloat16):
        made = t(images.bfloat16(), rng(1))
    assert made.dtype == torch.float32
    torch.testing.assert_close(made, t(images.bfloat16().float(), rng(1)), atol=0, rtol=0)


def test_of_training_images_it_makes_what_the_source_makes(transform_of, embedded):
    """The source decodes cached codes, T encodes first; where the perturbation draws alike, so are the images."""
    t, index = transform_of(name="gaussian", gamma=0.5), torch.tensor([3, 17, 4])
    of_source = t.autoencoder.decode(t.perturbation(t.codes, index, rng(5)))
    torch.testing.assert_close(t(to_float(embedded.train_images[index]), rng(5)), of_source, atol=1e-5, rtol=0)
