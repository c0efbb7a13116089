"""The one convention of what goes into a LatentAugmenter and comes out of it.

An image is one channel of 28 by 28 pixels, black at -1 and white at 1, in floating point; or bytes (uint8), black at 0
and white at 255, which are the same images. What comes out is always float32 in [-1, 1]. Intensities in [0, 1] are
another range, in which every image would only look greyer, and are refused wherever they can be told: in training
images, which have black pixels.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from aeaug.data import to_float
from aeaug.export.pixels import to_bytes

__all__ = ["class_labels", "signed", "training_images"]

SIDE = 28
FEWEST = 2
SLACK = 1e-3  # of values beyond the range: a network's rounding leaves it by less, another range by more
DARK = -0.5  # no set of digits in [-1, 1] is without a darker pixel


def training_images(images: Tensor | np.ndarray[Any, Any]) -> Tensor:
    """Return ``images: (N, 1, 28, 28)`` or ``(N, 28, 28)``, N ≥ 2, as the ``(N, 28, 28)`` uint8 that are trained on;
    floats are rounded to the nearest of 256 greys.

    Raises ``ValueError``, in one line, for another shape, type or range, and for what is not finite.
    """
    given = _tensor(images)
    if given.ndim == 4 and given.shape[1] == 1:
        given = given.squeeze(1)
    if given.ndim != 3 or given.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"images: shape {tuple(given.shape)}, expected (N, 1, {SIDE}, {SIDE}) or (N, {SIDE}, {SIDE})")
    if len(given) < FEWEST:
        raise ValueError(f"images: {len(given)} of them, at least {FEWEST} are needed")
    if given.dtype == torch.uint8:
        return given
    _check_values(given)
    if float(given.min()) > DARK:
        raise ValueError(
            f"images: values from {float(given.min()):.4g} to {float(given.max()):.4g}, none of them dark, are no "
            "images in [-1, 1]; of intensities in [0, 1] give 2 * images - 1"
        )
    return to_bytes(given.float().unsqueeze(1))


def signed(images: Tensor) -> Tensor:
    """Return ``images: (B, 1, 28, 28)``, or one ``(1, 28, 28)``, as float32 in [-1, 1] in the same shape; gradients
    pass.

    Raises ``ValueError``, in one line, for another shape, type or range, and for what is not finite.
    """
    given = _tensor(images)
    if given.ndim not in (3, 4) or given.shape[-3:] != (1, SIDE, SIDE):
        raise ValueError(f"images: shape {tuple(given.shape)}, expected (B, 1, {SIDE}, {SIDE}) or (1, {SIDE}, {SIDE})")
    if given.dtype == torch.uint8:
        return to_float(given.reshape(-1, SIDE, SIDE)).reshape(given.shape)
    _check_values(given)
    return given.float()


def class_labels(labels: Tensor | np.ndarray[Any, Any] | None, count: int) -> Tensor | None:
    """Return the ``labels: (count,)``, integers from 0, as int64. Raises ``ValueError``, in one line, for others."""
    if labels is None:
        return None
    given = _tensor(labels, "labels")
    if given.is_floating_point() or given.is_complex() or given.dtype == torch.bool:
        raise ValueError(f"labels: {given.dtype}, expected integers")
    if given.shape != (count,):
        raise ValueError(f"labels: shape {tuple(given.shape)}, expected ({count},), one for each image")
    if int(given.min()) < 0:
        raise ValueError(f"labels: {int(given.min())} is among them, expected integers from 0")
    return given.long()


def _tensor(given: object, key: str = "images") -> Tensor:
    if isinstance(given, np.ndarray) and given.dtype.kind in "buif":
        return torch.from_numpy(np.ascontiguousarray(given))
    if not isinstance(given, Tensor):
        raise ValueError(f"{key}: {type(given).__name__}, expected a tensor or an array of numbers")
    return given.as_subclass(Tensor)


def _check_values(images: Tensor) -> None:
    if not images.is_floating_point():
        raise ValueError(f"images: {images.dtype}, expected floats in [-1, 1] or bytes (uint8) in [0, 255]")
    if not images.numel():
        return
    low, high = torch.stack(images.detach().aminmax()).tolist()  # of what is no number both are none: one look
    if not -1 - SLACK <= low <= high <= 1 + SLACK:
        finite = bool(images.isfinite().all())
        found = f"values from {low:.4g} to {high:.4g}" if finite else "values that are not finite"
        raise ValueError(f"images: {found}, expected floats in [-1, 1] or bytes (uint8) in [0, 255]")
