"""The one convention of what goes into a LatentAugmenter and comes out of it.

An image has one channel or three of 8 to 128 pixels a side, black at -1 and white at 1, in floating point; or bytes
(uint8), black at 0 and white at 255, which are the same images. All have the shape of those that were fitted. What
comes out is always float32 in [-1, 1]. Intensities in [0, 1] are another range, in which every image would only look
greyer, and are refused wherever they can be told: in training images, of which at least one has a dark pixel. So are
bytes of 0 and 1 alone, as masks are.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from aeaug.data import to_float
from aeaug.data.images import Shape, shape_of
from aeaug.export.pixels import to_bytes

__all__ = ["class_labels", "require_shape", "signed", "training_images"]

CHANNELS, SIDES = (1, 3), range(8, 129)
FEWEST = 2
SLACK = 1e-3  # of values beyond the range: a network's rounding leaves it by less, another range by more
LARGEST_LABEL = 10**6  # classes are counted one by one
DARK = -0.5  # hardly any set of images in [-1, 1] is without a darker pixel


def training_images(images: Tensor | np.ndarray[Any, Any]) -> Tensor:
    """Return ``images: (N, C, H, W)``, grey ones also ``(N, H, W)``, N ≥ 2, as the uint8 that are trained on,
    ``(N, H, W)`` with one channel and ``(N, 3, H, W)`` with three; floats are rounded to the nearest of 256 values.

    Raises ``ValueError``, in one line, for another shape, type or range, and for what is not finite.
    """
    given = _tensor(images).detach()  # no gradient passes a training, and PyTorch warns where one could
    if given.ndim == 4 and given.shape[1] == 1:
        given = given.squeeze(1)
    found = f"images: shape {tuple(given.shape)}"
    if given.ndim not in (3, 4):
        raise ValueError(f"{found}, expected (N, C, H, W) or (N, H, W)")
    require_shape(shape_of(given), found)
    if len(given) < FEWEST:
        raise ValueError(f"images: {len(given)} of them, at least {FEWEST} are needed")
    if given.dtype == torch.uint8:
        if int(given.max()) <= 1:
            raise ValueError("images: bytes, none above 1, of which 255 is white: where 1 is, give 255 * images")
        return given
    _check_values(given)
    if float(given.min()) > DARK:
        raise ValueError(
            f"images: values from {float(given.min()):.4g} to {float(given.max()):.4g}, none of them dark, are no "
            "images in [-1, 1]; of intensities in [0, 1] give 2 * images - 1, of bright images bytes"
        )
    return to_bytes(given.float().unsqueeze(1) if given.ndim == 3 else given.float())


def require_shape(shape: Shape, found: str) -> None:
    """Raise ``ValueError``, which begins with what was ``found``, for images of another ``shape`` than is taken."""
    channels, *sides = shape
    if channels not in CHANNELS or not all(side in SIDES for side in sides):
        raise ValueError(f"{found}, expected 1 or 3 channels, and {SIDES[0]} to {SIDES[-1]} pixels a side")


def signed(images: Tensor, shape: Shape) -> Tensor:
    """Return ``images: (B, C, H, W)``, or one ``(C, H, W)``, of this ``shape``, as float32 in [-1, 1] in their own;
    gradients pass.

    Raises ``ValueError``, in one line, for another shape, type or range, and for what is not finite.
    """
    given = _tensor(images)
    if given.ndim not in (3, 4) or given.shape[-3:] != shape:
        one = ", ".join(map(str, shape))
        raise ValueError(
            f"images: shape {tuple(given.shape)}, expected (B, {one}) or ({one}), as those that were fitted"
        )
    if given.dtype == torch.uint8:
        return to_float(given.reshape(-1, *shape[1:])).reshape(given.shape)
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
    classes = given.long()  # also of unsigned integers, of which little can be asked
    for value in (int(classes.min()), int(classes.max())):
        if not 0 <= value <= LARGEST_LABEL:
            raise ValueError(f"labels: {value} is among them, expected integers from 0 to {LARGEST_LABEL:,}")
    return classes


def _tensor(given: object, key: str = "images") -> Tensor:
    if isinstance(given, np.ndarray) and given.dtype.kind in "buif" and given.dtype.itemsize <= 8:
        # PyTorch knows this machine's order of bytes alone, and warns of what it could not write to; and of an array
        # without dimensions NumPy's own function would make one that has some.
        native = np.asarray(given, given.dtype.newbyteorder("="), order="C")
        return torch.from_numpy(native if native.flags.writeable else native.copy())
    if isinstance(given, np.ndarray) and given.dtype.kind == "f":
        raise ValueError(f"{key}: numbers of type {given.dtype}, expected floats of at most 64 bits or bytes (uint8)")
    if not isinstance(given, Tensor) or given.layout != torch.strided:
        kind = type(given).__name__ if not isinstance(given, Tensor) else f"a tensor of layout {given.layout}"
        raise ValueError(f"{key}: {kind}, expected a tensor or an array of numbers")
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
