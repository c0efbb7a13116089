r"""What the numbers of foreign images mean: bytes in [0, 255], intensities in [0, 1], or signed values in [-1, 1].

Read in the wrong one, images still are images, only greyer, and every metric is wrong without a word. So the range is
inferred where it can only be one, and asked for otherwise. Integers are bytes, unless none is above 1. Floats that
reach below -0.5 are signed. Floats that do not may be intensities, the odd negative one by rounding, or signed ones
without any black: nothing in them tells which.
"""

from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from aeaug.data.images import to_float

__all__ = ["PixelRange", "to_signed"]

PixelRange = Literal["byte", "unit", "signed"]

BOUNDS: dict[PixelRange, tuple[int, int]] = {"byte": (0, 255), "unit": (0, 1), "signed": (-1, 1)}
SLACK = 5e-4  # of the width; a decoder's rounding may leave the range by a little, a wrong range is left by a lot


def to_signed(pixels: np.ndarray[Any, Any], declared: PixelRange | None = None) -> tuple[Tensor, PixelRange]:
    """Convert images to the project's form.

    Args:
        pixels: ``(N, H, W)``, in colour ``(N, C, H, W)``, N >= 1, of any real type.
        declared: their range; None to infer it.

    Returns:
        ``(N, C, H, W)`` float32 in [-1, 1], and the range they were read in.

    Raises:
        ValueError: for values that are no numbers, not finite, or outside the range, and where the range may be one or
            another. The line starts in the middle: the caller knows where the images are from.
    """
    if pixels.dtype.kind not in "buif":
        raise ValueError(f"values of type {pixels.dtype}: expected bytes or floating point numbers")
    if not bool(np.isfinite(pixels).all()):
        raise ValueError(f"{int((~np.isfinite(pixels)).sum())} values are not finite")
    low, high = float(pixels.min()), float(pixels.max())
    range_ = declared or _inferred(pixels.dtype, low, high)
    bottom, top = BOUNDS[range_]
    slack = SLACK * (top - bottom)
    if low < bottom - slack or high > top + slack:
        raise ValueError(f"values from {low:.4g} to {high:.4g}, but range={range_} is {bottom} to {top}")
    own = torch.from_numpy(np.array(pixels, dtype=np.float32))
    if range_ == "byte":
        return to_float(own), range_
    images = own.unsqueeze(1) if own.ndim == 3 else own
    return (images.mul_(2).sub_(1) if range_ == "unit" else images), range_


def _inferred(dtype: np.dtype[Any], low: float, high: float) -> PixelRange:
    if dtype.kind == "b":
        return "unit"
    if dtype.kind in "iu":
        if low >= 0 and high <= 1:
            raise ValueError("integers, none above 1: say range=unit where 1 is white, or range=byte where 255 is")
        return "byte"
    if low < -0.5:
        return "signed"
    if high > 1 + SLACK:
        raise ValueError(f"floats from {low:.4g} to {high:.4g}: say range=byte if they are in [0, 255]")
    raise ValueError(
        f"floats from {low:.4g} to {high:.4g} may be in [0, 1] or in [-1, 1]: say range=unit or range=signed"
    )
