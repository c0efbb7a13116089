"""Images that somebody wants augmented, with their labels where they are known."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from aeaug.data.chosen import chosen_data
from aeaug.data.image_archive import open_archive
from aeaug.data.image_files import left_out, open_images
from aeaug.data.pixel_range import PixelRange, to_signed
from aeaug.export.pixels import to_bytes
from aeaug.faults import Fault
from aeaug.library.dataset_options import DatasetOptions
from aeaug.library.images import class_labels

__all__ = ["Given", "given_images"]


class Given(NamedTuple):
    """``images: (N, H, W)`` or ``(N, 3, H, W)`` uint8; ``labels: (N,)`` int64, None where they are not known or
    there are no classes; ``remark``: what to know of the file or folder that they are from, if anything."""

    images: Tensor
    labels: Tensor | None
    remark: str | None = None


def given_images(options: DatasetOptions) -> Given:
    """Read them: the training subset that ``options.data`` says; or those of ``options.images``, a ``.npz`` file with
    ``images`` and perhaps ``labels``, a ``.npy`` file or a folder of image files. Of what says which of its
    images are synthetic, as the files and folders that are written here do, the real ones.

    Raises ``ValueError``, in one line that names the file, for what cannot be read or are no such images.
    """
    if options.images is None:
        data = chosen_data(options.data, options.seed)
        return Given(data.train_images, data.train_labels if data.description.classes else None)
    path, remark = Path(options.images), None
    if path.suffix == ".npz":
        pixels, _, labels, synthetic = open_archive(path, None)
        if synthetic is not None:
            remark = left_out(~synthetic, True, "the array of that name")
            pixels, labels = pixels[~synthetic], None if labels is None else labels[~synthetic]
    else:
        files = open_images(path, None, real=True)
        pixels, labels, remark = files.read(torch.arange(len(files))), None, files.remark
        if path.is_dir() and (pixels == pixels[:, :1]).all():  # a folder's files are read as in colour
            pixels = pixels[:, 0]
    try:
        if len(pixels) < 2:
            raise ValueError(f"{len(pixels)} images, at least 2 are needed")
        return Given(_bytes(pixels, options.range), class_labels(labels, len(pixels)), remark)
    except ValueError as error:
        raise Fault(f"images={path}: {error}") from None


def _bytes(pixels: np.ndarray[Any, Any], declared: PixelRange | None) -> Tensor:
    return to_bytes(to_signed(pixels, declared)[0])
