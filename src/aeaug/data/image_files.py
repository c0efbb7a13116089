"""Images from another program: a folder of image files, one ``.npy`` file, or a ``.npz`` file with ``images``.

Nothing is resized, cropped or mixed to grey: what is measured must be what the program made. Opening reads no pixels,
but those of a ``.npz`` file, and of the first image where their size is not known; a part of the images is read without
the rest.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image
from torch import Tensor

from aeaug.data.augmented_names import synthetic_among
from aeaug.data.bits import require_8_bits
from aeaug.data.image_archive import open_archive
from aeaug.data.image_arrays import as_stored, expected_shapes, shape_in, shapes_of
from aeaug.data.images import Shape
from aeaug.faults import Fault, in_few_words

__all__ = ["SUFFIXES", "ImageFiles", "left_out", "open_images"]

Array = np.ndarray[Any, Any]

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm")
GREY, COLOUR = ("1", "L"), ("LA", "P", "PA", "RGB", "RGBA")  # Pillow's names


class ImageFiles(Protocol):
    """Images of one ``shape`` (C, H, W) on disk, in a fixed order. ``remark``: what the reader should know of them, if
    any."""

    shape: Shape
    remark: str | None

    def __len__(self) -> int:
        """How many there are."""
        ...

    def read(self, indices: Tensor) -> Array:
        """Those at ``indices: (M,)`` as ``(M, H, W)``, in colour ``(M, 3, H, W)``, in the type they are stored in.

        Raises ``ValueError`` naming the file that cannot be read or is not such an image.
        """
        ...


def open_images(path: Path, shape: Shape | None, real: bool = False) -> ImageFiles:
    """The images, of ``shape`` (C, H, W), in a folder, its subfolders included, in the order of their paths; or those
    in a ``.npy`` file of shape ``(N, C, H, W)`` or ``(N, H, W, C)``, grey ones also ``(N, H, W)``; or those of such an
    array ``images`` in a ``.npz`` file.

    Of what tells synthetic images from real ones, a file by an array ``synthetic`` of booleans, a folder by names as
    :mod:`aeaug.data.augmented_names` has them, those that are synthetic, or ``real`` ones.
    ``shape`` None: that of an array; in a folder all are of the first one's size, and read as in colour.
    Raises ``ValueError`` for anything else.
    """
    try:
        there, regular = path.exists(), path.is_file()
        if path.is_dir():
            return _Folder(path, shape, real)
    except OSError as error:  # a path that is too long, a folder that may not be read
        raise Fault(f"images={path}: {error.strerror}") from None
    if not there:
        raise ValueError(f"images={path}: no such file or folder")
    if not regular:
        raise ValueError(f"images={path}: neither a file nor a folder")
    if path.suffix == ".npz":
        return _Archive(path, shape, real)
    if path.suffix != ".npy":
        raise ValueError(
            f"images={path}: expected a folder of image files, a .npy file as numpy.save writes it, or a .npz file "
            f"with an array images"
        )
    return _NumpyFile(path, shape)


class _Archive:
    def __init__(self, path: Path, shape: Shape | None, real: bool) -> None:
        images, self.shape, _, synthetic = open_archive(path, shape)
        self.remark: str | None = None
        if synthetic is not None:
            taken = synthetic != real
            self.remark = left_out(taken, real, "the array of that name")
            images = images[taken]
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    def read(self, indices: Tensor) -> Array:
        part: Array = self._images[indices.numpy()]
        return part


class _NumpyFile:
    remark: str | None = None

    def __init__(self, path: Path, shape: Shape | None) -> None:
        try:
            self._array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        except Exception as error:  # of whatever a hostile header makes NumPy raise
            why = in_few_words(error)
            why = "it is no array of numbers" if "pickle" in why else why  # NumPy advises to run what is in it
            raise Fault(f"images={path}: not readable as .npy ({why}): save it again with numpy.save") from None
        if not isinstance(self._array, np.ndarray):
            raise ValueError(f"images={path}: not one array, as numpy.save writes it")
        found = shape or shape_in(self._array.shape)
        if found is None or self._array.shape[1:] not in shapes_of(found):
            raise ValueError(f"images={path}: shape {self._array.shape}, expected {expected_shapes(shape)}")
        self.shape = found

    def __len__(self) -> int:
        return len(self._array)

    def read(self, indices: Tensor) -> Array:
        return as_stored(self._array[indices.numpy()], self.shape)


class _Folder:
    def __init__(self, path: Path, shape: Shape | None, real: bool) -> None:
        self._path = path
        files = list(_visible(path))
        self._files = sorted(p for p in files if p.suffix.lower() in SUFFIXES)
        others = sorted(p.name for p in files if p.suffix.lower() not in SUFFIXES)
        if (strange := next((p for p in self._files if not p.is_file()), None)) is not None:
            raise ValueError(
                f"images={path}: {strange.relative_to(path)}: no file that can be read, but a link or device"
            )
        if not self._files:
            there = f"; it holds {', '.join(others[:3])}{', …' if len(others) > 3 else ''}" if others else ""
            raise ValueError(f"images={path}: no image files ({', '.join(SUFFIXES)}) in this folder{there}")
        remarks = []
        if (synthetic := synthetic_among(self._files)) is not None:
            taken = np.array(synthetic) != real
            remarks += [left_out(taken, real, "their names") or ""]
            self._files = [file for file, its in zip(self._files, taken, strict=True) if its]
        if others:
            remarks.append(f"{len(others)} files that are no images were left out, {others[0]} among them")
        places = [file.relative_to(path).parts for file in self._files]
        folders = {parts[0] for parts in places}
        if real and len(folders) > 1 and all(len(parts) > 1 for parts in places):
            remarks.append(
                f"its {len(folders):,} folders are taken for one set of images without classes; of data=folder "
                "data.root=… each is a class"
            )
        if any(p.suffix.lower() in (".jpg", ".jpeg") for p in self._files):
            remarks.append("JPEG changes pixels: its marks are measured with the images; save as PNG or .npy")
        self.remark = "; ".join(remarks) or None
        self.shape = shape or (3, *self._size())
        self._rule = "nothing is resized here" + "; data=folder data.root=… resizes" * (shape is None)

    def __len__(self) -> int:
        return len(self._files)

    def _size(self) -> tuple[int, int]:
        """(H, W) of the first one."""
        with self._naming(0), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(self._files[0]) as image:
                return image.height, image.width

    @contextmanager
    def _naming(self, index: int) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # of whatever a damaged file makes Pillow raise, and our own
            where = self._files[index].relative_to(self._path)
            raise Fault(f"images={self._path}: {where}: {in_few_words(error)}") from None

    def read(self, indices: Tensor) -> Array:
        channels, *size = self.shape
        pixels = np.empty((len(indices), *(size if channels == 1 else self.shape)), np.uint8)
        for place, index in enumerate(indices.tolist()):
            with self._naming(index), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what Pillow warns of is refused here, or says nothing of the pixels
                pixels[place] = _pixels(self._files[index], self.shape, self._rule)
        return pixels


def left_out(taken: Array, real: bool, told_by: str) -> str | None:
    """What to say where not all are ``taken: (N,)`` bool, ``real`` ones or synthetic ones."""
    if taken.all():
        return None
    return f"{(~taken).sum():,} images were left out, which are {'' if real else 'not '}synthetic by {told_by}"


def _visible(folder: Path) -> Iterator[Path]:
    """What lies in ``folder`` and below, but for folders and hidden names. Raises ``OSError`` for one that may not be
    read; links to folders are not followed, so that none leads in a circle."""

    def stop(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=stop):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _pixels(path: Path, shape: Shape, rule: str) -> Array:
    """``(H, W)`` uint8, in colour ``(3, H, W)``. ``rule``: what is said of another size."""
    channels, *size = shape
    expected = f"expected {size[1]} by {size[0]}; {rule}"
    with path.open("rb") as file:
        require_8_bits(file.read(64))
    try:
        opened = Image.open(path)
    except Image.DecompressionBombError:
        raise ValueError(f"many million pixels, {expected}") from None
    with opened as image:
        if (frames := getattr(image, "n_frames", 1)) != 1:
            raise ValueError(f"{frames} images in one file, expected one")
        if [*image.size] != size[::-1]:
            width, height = image.size
            raise ValueError(f"{width} by {height} pixels, {expected}")
        if image.mode in GREY:
            grey = np.asarray(image.convert("L"))
            return grey if channels == 1 else np.stack([grey] * channels)
        if image.mode not in COLOUR:
            raise ValueError(f"pixels of Pillow's mode {image.mode}, expected 8-bit grey or RGB")
        red, green, blue, alpha = (np.asarray(band) for band in image.convert("RGBA").split())
    if alpha.min() < 255:
        raise ValueError("a transparent image: what is behind it is not known")
    if channels > 1:
        return np.stack([red, green, blue])
    if not (np.array_equal(red, green) and np.array_equal(red, blue)):
        raise ValueError("a colour image, expected grey (red, green and blue equal)")
    return red
