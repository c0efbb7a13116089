"""What the autoencoder is worth by itself: does it reconstruct, are perturbed codes of images, are codes features?

Everything is measured against the validation slice, at its number of images: the test split is for the GAN alone.
"""

from typing import TypedDict

import torch
from torch import Tensor

from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.intrinsic_dimension import intrinsic_dimension
from aeaug.autoencoder.linear_probe import MOST_ROWS, linear_probe
from aeaug.classifier import MOST_CLASSES
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import Evaluator
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.reconstruct import Reconstruct
from aeaug.randomness import generator

__all__ = ["GAMMAS", "AutoencoderQuality", "autoencoder_quality"]

GAMMAS = (0.0, 0.25, 0.5, 1.0, 2.0)
MOST_CODES = 5_000  # for the intrinsic dimension, whose cost is quadratic
CHUNK = 2_000


class AutoencoderQuality(TypedDict):
    """``held_out_error``: mean squared error on the validation slice, intensities in [0, 1].

    For each of ``gammas``, images decoded from codes with noise of that strength (0: reconstructions):
    ``perturbed_frechet``, and ``labels_kept``, the share that the feature net still gives the label they came from;
    None where it knows no classes.
    ``random_frechet``: decodes of random latents, each dimension Gaussian with the codes' mean and spread.
    ``real_frechet``: another real sample, the floor of these, on average; None where there are too few images.
    ``intrinsic_dimension`` of the codes: None where too few differ. ``probe_accuracy``: of a linear probe on codes;
    ``pixel_probe_accuracy``, on pixels, is its floor; both None without classes, and where there are more than 100, of
    which a subset has too few images each.
    """

    held_out_error: float
    gammas: list[float]
    perturbed_frechet: list[float]
    labels_kept: list[float] | None
    random_frechet: float
    real_frechet: float | None
    intrinsic_dimension: float | None
    latent_dim: int
    probe_accuracy: float | None
    pixel_probe_accuracy: float | None


@torch.no_grad()
def autoencoder_quality(
    autoencoder: AutoencoderModule, data: MNISTDataModule, validation: Evaluator, real_frechet: float | None, seed: int
) -> AutoencoderQuality:
    """Measure ``autoencoder``; ``validation`` evaluates against the validation slice, ``real_frechet`` is its floor."""
    device, n = autoencoder.device, len(validation)
    held_out = to_float(data.splits.val_images)
    held_out_codes = _encode(autoencoder, held_out)
    restored = torch.cat([autoencoder.decode(z).cpu() for z in held_out_codes.to(device).split(CHUNK)])
    origin = torch.arange(n) % len(data.train_images)
    labels = data.train_labels[origin]
    distances, kept = [], []
    unperturbed = Reconstruct(name="reconstruct")
    source = DecodedSource(autoencoder, data.train_images.to(device), unperturbed)
    for gamma in GAMMAS:
        source.perturbation = Gaussian(name="gaussian", gamma=gamma) if gamma else unperturbed  # of the same codes
        found = validation.features(source.sample(origin, seed))
        distances.append(validation.frechet_distance(found))
        if found.logits.shape[1]:
            kept.append(float((found.logits.argmax(1).cpu() == labels).double().mean()))
    codes = source.codes.z
    noise = torch.randn(n, codes.shape[1], generator=generator(seed, "random latents")).to(device)
    random = torch.cat([autoencoder.decode(z).cpu() for z in (codes.mean(0) + source.codes.sigma * noise).split(CHUNK)])
    probes: tuple[float | None, float | None] = (None, None)
    several = len(data.train_labels[:MOST_ROWS].unique()) > 1  # which a few images, drawn at random, may not be
    if data.description.classes <= MOST_CLASSES and several:
        pixels = to_float(data.train_images[:MOST_CODES]).flatten(1)
        probes = (
            linear_probe(codes.cpu(), data.train_labels, held_out_codes, data.splits.val_labels),
            linear_probe(pixels, data.train_labels[: len(pixels)], held_out.flatten(1), data.splits.val_labels),
        )
    return AutoencoderQuality(
        held_out_error=float((restored - held_out).div(2).square().double().mean()),
        gammas=list(GAMMAS),
        perturbed_frechet=distances,
        labels_kept=kept or None,
        random_frechet=validation.frechet_distance(validation.features(random)),
        real_frechet=real_frechet,
        intrinsic_dimension=_dimension(codes[:MOST_CODES]),
        latent_dim=autoencoder.latent_dim,
        probe_accuracy=probes[0],
        pixel_probe_accuracy=probes[1],
    )


def _encode(autoencoder: AutoencoderModule, images: Tensor) -> Tensor:
    return torch.cat([autoencoder.encode(part.to(autoencoder.device)).cpu() for part in images.split(CHUNK)])


def _dimension(codes: Tensor) -> float | None:
    try:
        return intrinsic_dimension(codes)
    except ValueError:  # a collapsed autoencoder: all images have the same few codes
        return None
