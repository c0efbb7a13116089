r"""Sets of images with a known fault in a known share of them, to see what a metric makes of it.

A corruption takes a real sample of N images and replaces s N of them; the rest stays as it is. So the share s is the
only thing that changes, and at s = 0 all corruptions are the real sample. A larger share replaces what a smaller one
does, and more. The set comes in one random order, always the same: some metrics look at its first images alone, and
have to find the same share of faults there.

================== =================================================================================================
blur               the image, smoothed by a Gaussian of one pixel
noise              the image with Gaussian noise, of 0.2 of its range [-1, 1], clipped to it
decoded            images that an autoencoder decodes from perturbed codes of the training subset
duplicates         copies of images of the sample that are not replaced, each of another one while they last
training copies    copies of the images of the training subset, all in turn
dropped digits     images of other digits: digit 0 is dropped first, then 1, and so on, until s N are replaced
================== =================================================================================================
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from aeaug.randomness import generator

__all__ = ["Corruption", "blurred", "corruptions", "drop_digits", "noisy", "replaced"]

Corruption = Callable[[float], Tensor]
"""From the share of images that are replaced, in [0, 1], to the set ``(N, C, H, W)`` in [-1, 1]."""

BLUR, NOISE = 1.0, 0.4  # standard deviations: in pixels; of values in [-1, 1]


def replaced(images: Tensor, others: Tensor, share: float) -> Tensor:
    """``images (N, …)``, of which the first ``share`` N, rounded, are those of ``others (M, …)``, repeated in turn."""
    count = round(share * len(images))
    return torch.cat([others[torch.arange(count) % len(others)], images[count:]])


def blurred(images: Tensor, sigma: float = BLUR) -> Tensor:
    """``images (N, C, H, W)`` smoothed by a Gaussian of ``sigma`` pixels."""
    smooth: Tensor = gaussian_blur(images, [2 * round(3 * sigma) + 1] * 2, [sigma, sigma])
    return smooth


def noisy(images: Tensor, seed: int, sigma: float = NOISE) -> Tensor:
    """``images`` in [-1, 1] with Gaussian noise of standard deviation ``sigma``, clipped to that range."""
    noise = torch.randn(images.shape, generator=generator(seed, "noise of a corruption"))
    return (images + sigma * noise).clamp(-1, 1)


def drop_digits(images: Tensor, labels: Tensor, spare: Tensor, spare_labels: Tensor, share: float) -> Tensor:
    """Replace ``share`` of ``images (N, …)``: all of digit 0 first, in their order, then of 1, and so on.

    ``spare (M, …)`` are other real images; those of digits that are dropped, in part or whole, are not taken. Raises
    ``ValueError`` where there are too few.
    """
    count = round(share * len(images))
    victims = torch.argsort(labels, stable=True)[:count]
    dropped = labels[victims].unique()
    candidates = torch.isin(spare_labels, dropped, invert=True).nonzero().squeeze(1)
    if count > len(candidates):
        raise ValueError(f"dropped digits: {count} images to replace, {len(candidates)} spare ones of other digits")
    result = images.clone()
    result[victims] = spare[candidates[:count]]
    return result


def corruptions(
    real: Tensor,
    labels: Tensor,
    spare: Tensor,
    spare_labels: Tensor,
    training: Tensor,
    decoded: Tensor,
    seed: int,
) -> dict[str, Corruption]:
    """The corruptions above by name, of the sample ``real (N, C, H, W)`` with ``labels (N,)``.

    ``spare``: real images beside it; ``training``: the training subset; ``decoded``: what an autoencoder made of it.
    """
    order = torch.randperm(len(real), generator=generator(seed, "order of a corrupted sample"))
    return {
        "blur": lambda share: replaced(real, blurred(real), share)[order],
        "noise": lambda share: replaced(real, noisy(real, seed), share)[order],
        "decoded": lambda share: replaced(real, decoded, share)[order],
        "duplicates": lambda share: replaced(real, _left(real, share), share)[order],
        "training copies": lambda share: replaced(real, training, share)[order],
        "dropped digits": lambda share: drop_digits(real, labels, spare, spare_labels, share)[order],
    }


def _left(real: Tensor, share: float) -> Tensor:
    """Of ``real (N, …)``, those that are copied where a ``share`` is replaced: the second half, or what is left."""
    first = max(round(share * len(real)), len(real) - len(real) // 2)
    return real[min(first, len(real) - 1) :]
