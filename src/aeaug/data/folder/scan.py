"""Which files of a folder are its images, and of which class each is: the rules of torchvision's ``ImageFolder``.

With ``classes=folders`` every folder below the root is a class, its name the class's, in the order of names; all images
at any depth in it are of that class, links are followed, and files beside the folders are of none and left out. As
there, a class without images is refused. Unlike there, hidden names are passed over, and PNG and JPEG are all there is.
With ``classes=none`` the images are those at any depth, the root included.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from aeaug.faults import Fault, one_line
from aeaug.options import shown

__all__ = ["SUFFIXES", "Classes", "Found", "ImageFile", "scan"]

SUFFIXES = (".png", ".jpg", ".jpeg")

Classes = Literal["folders", "none"]


class ImageFile(NamedTuple):
    """``name``: its path below the root; ``label``: the name of its class, empty where there are none; ``signature``:
    size in bytes, times of the last change of its content and of the file itself, in nanoseconds: whoever writes into
    the file changes it."""

    name: str
    label: str
    signature: tuple[int, int, int]


class Found(NamedTuple):
    """``files``, by their names in order, of ``classes``; ``left_out``: names of files that are no PNG or JPEG."""

    files: list[ImageFile]
    classes: Classes
    left_out: list[str]


def scan(root: Path, classes: Classes | None) -> Found:
    """What is there. ``classes``: None to take folders for classes where images lie in folders alone.

    Raises :class:`Fault`, in one line, where there is no image, where it is not to be told whether folders are classes,
    and for what may not be read.
    """
    try:
        if not root.is_dir():
            raise Fault(f"data.root={root}: {'not a folder' if root.exists() else 'no such folder'}")
        entries = sorted(entry.name for entry in os.scandir(root) if not entry.name.startswith("."))
        folders = [name for name in entries if (root / name).is_dir()]
        left_out: list[str] = []
        beside = list(_images(root, "", left_out, deep=False))
        inside = {name: list(_images(root, name, left_out, deep=True)) for name in folders}
    except OSError as error:
        raise Fault(f"data.root={shown(error.filename or root)}: {one_line(error.strerror or error)}") from None
    filled = [name for name, files in inside.items() if files]
    if not (beside or filled):
        others = f"; it holds {shown(left_out[0])}" if left_out else ""
        raise Fault(f"data.root={root}: no PNG or JPEG file in this folder{others}")
    if classes is None and beside and filled:
        raise Fault(
            f"data.root={root}: {len(beside)} images lie beside folders with images, such as {shown(filled[0])}: say "
            "data.classes=folders, which leaves them out, or data.classes=none, which takes all"
        )
    chosen: Classes = classes or ("folders" if filled else "none")
    if chosen == "none":
        files = beside + [file for found in inside.values() for file in found]
        return Found(sorted(file._replace(label="") for file in files), chosen, left_out)
    if not filled:
        raise Fault(f"data.classes=folders: the images in data.root={root} lie in no folders")
    if empty := [name for name in folders if name not in filled]:
        raise Fault(
            f"data.classes=folders: {shown(empty[0])} in data.root={root} has no PNG or JPEG file; remove it, or say "
            "data.classes=none"
        )
    if strange := [name for name in folders if not name.isprintable()]:  # also what is no UTF-8
        raise Fault(f"data.classes=folders: a folder called {shown(strange[0])}: rename it, or say data.classes=none")
    left_out += [file.name for file in beside]
    return Found([file for name in folders for file in sorted(inside[name])], chosen, left_out)


def _images(root: Path, folder: str, left_out: list[str], *, deep: bool) -> Iterator[ImageFile]:
    """The images in ``folder`` below ``root``, which is their class; names of all other files go to ``left_out``."""

    def stop(error: OSError) -> None:
        raise error

    seen: set[tuple[int, int]] = set()
    for place, folders, names in os.walk(root / folder, onerror=stop, followlinks=True):
        own = os.stat(place)  # noqa: PTH116
        if (own.st_dev, own.st_ino) in seen:  # a link that leads in a circle, or a second way to the same folder
            folders.clear()
            continue
        seen.add((own.st_dev, own.st_ino))
        folders[:] = sorted(name for name in folders if deep and not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = os.path.relpath(os.path.join(place, name), root)  # noqa: PTH118
            if not name.lower().endswith(SUFFIXES):
                left_out.append(path)
                continue
            try:
                found = os.stat(root / path)  # noqa: PTH116
            except FileNotFoundError:  # a link into nowhere
                raise Fault(f"data.root={root}: {shown(path)}: a link to no file; remove it") from None
            if not stat.S_ISREG(found.st_mode):
                raise Fault(f"data.root={root}: {shown(path)}: neither a file nor a link to one; remove it")
            yield ImageFile(path, folder, (found.st_size, found.st_mtime_ns, found.st_ctime_ns))
