"""The forms in which an array holds images: channels first or last, of grey ones also without a channel."""

from typing import Any

import numpy as np

from aeaug.data.images import Shape

__all__ = ["as_stored", "expected_shapes", "shape_in", "shapes_of"]

Array = np.ndarray[Any, Any]

CHANNELS = (1, 3)


def shapes_of(shape: Shape) -> tuple[tuple[int, ...], ...]:
    """In which shapes an array may hold an image of this ``shape`` (C, H, W): a grey one without its channel too."""
    channels, *size = shape
    return (*([tuple(size)] if channels == 1 else []), shape, (*size, channels))


def shape_in(array: tuple[int, ...]) -> Shape | None:
    """The shape (C, H, W) of the images in an array of the shape ``array``; None where it holds no images."""
    if len(array) == 3:
        return 1, array[1], array[2]
    if len(array) != 4:
        return None
    if array[1] in CHANNELS:
        return array[1], array[2], array[3]
    return (array[3], array[1], array[2]) if array[3] in CHANNELS else None


def as_stored(images: Array, shape: Shape) -> Array:
    """An array of images of this ``shape``, in any form of :func:`shapes_of`, as the project stores them: grey ones
    ``(N, H, W)``, those in colour ``(N, C, H, W)``."""
    channels, height, width = shape
    if channels == 1:
        return images.reshape(-1, height, width)
    return images if images.shape[1:] == shape else np.ascontiguousarray(np.moveaxis(images, 3, 1))


def expected_shapes(shape: Shape | None) -> str:
    """The forms of :func:`shapes_of` in words; of None, any."""
    sides = "H, W" if shape is None else f"{shape[1]}, {shape[2]}"
    grey = [f"(N, {sides})", f"(N, 1, {sides})", f"(N, {sides}, 1)"]
    colour = [f"(N, 3, {sides})", f"(N, {sides}, 3)"]
    forms = [*grey, *colour] if shape is None else grey if shape[0] == 1 else colour
    return f"{', '.join(forms[:-1])} or {forms[-1]}"
