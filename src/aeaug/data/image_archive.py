"""A ``.npz`` file with an array ``images`` and arrays of what is known of each, as ``scripts/augment.py`` writes it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aeaug.data.image_arrays import as_stored, expected_shapes, shape_in, shapes_of
from aeaug.data.images import Shape
from aeaug.faults import Fault, in_few_words

__all__ = ["ImageArchive", "open_archive"]

Array = np.ndarray[Any, Any]


class ImageArchive(NamedTuple):
    """``images: (N, H, W)``, in colour ``(N, 3, H, W)``, of one ``shape`` (C, H, W), in the type they are stored in;
    ``labels`` as they stand there; ``synthetic: (N,)`` booleans, whether an image was made. None: it has no such
    array."""

    images: Array
    shape: Shape
    labels: Array | None
    synthetic: Array | None


def open_archive(path: Path, shape: Shape | None) -> ImageArchive:
    """Read it whole, without pickles; ``shape`` (C, H, W) None: that of its array.

    Raises ``ValueError``, in one line that names the file, for what cannot be read or holds no such images.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            images, labels, synthetic = (
                archive[name] if name in archive.files else None for name in ("images", "labels", "synthetic")
            )
            names = ", ".join(archive.files[:5]) or "none"
    except Exception as error:  # of whatever a damaged file makes NumPy and zipfile raise
        why = in_few_words(error)
        why = "it is no archive of arrays of numbers" if "pickle" in why else why  # NumPy advises to run what is in it
        raise Fault(
            f"images={path}: not readable as .npz ({why}): save it again with numpy.savez(file, images=…, labels=…)"
        ) from None
    if images is None:
        raise ValueError(f"images={path}: it has no array images, but {names}: numpy.savez(file, images=…) makes one")
    found = shape or shape_in(images.shape)
    if found is None or images.shape[1:] not in shapes_of(found):
        raise ValueError(f"images={path}: images of shape {images.shape}, expected {expected_shapes(shape)}")
    if synthetic is not None and (synthetic.dtype != bool or synthetic.shape != images.shape[:1]):
        raise ValueError(
            f"images={path}: synthetic of shape {synthetic.shape} and type {synthetic.dtype}, expected "
            f"({len(images)},) booleans, one for each image"
        )
    return ImageArchive(as_stored(images, found), found, labels, synthetic)
