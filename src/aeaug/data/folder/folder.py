"""``data=folder``: the files in a folder as a source of images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aeaug.data.augmented_names import require_real
from aeaug.data.by_content.source import Listing
from aeaug.data.folder.scan import Classes, Found, scan
from aeaug.options import shown

__all__ = ["FOLDER", "Folder"]

FOLDER = "folder"


@dataclass(frozen=True)
class Folder:
    """The images in ``root``; ``classes``: None to take folders for classes where images lie in folders alone. It is a
    :class:`aeaug.data.by_content.source.Source`."""

    root: Path
    classes: Classes | None

    noun = "file"
    telling = "classes"
    name = FOLDER

    @property
    def key(self) -> str:  # noqa: D102 - Source says what these are
        return f"data.root={self.root}"

    @property
    def place(self) -> str:  # noqa: D102
        return str(self.root)

    @property
    def title(self) -> str:  # noqa: D102
        return f"folder {shown(self.root.resolve().name)}"

    @property
    def shelf(self) -> tuple[str, str]:  # noqa: D102
        return "folders", str(self.root.resolve())

    @property
    def folder(self) -> Path | None:  # noqa: D102
        return self.root

    def settled(self, found: Mapping[str, str]) -> "Folder":  # noqa: D102
        classes: Any = found[self.telling]
        return replace(self, classes=classes)

    def listing(self) -> Listing:
        """The files that :func:`aeaug.data.folder.scan.scan` finds. Raises :class:`Fault` where some of them are
        synthetic: they would be trained and tested on as real ones."""
        found = scan(self.root, self.classes)
        require_real(self.key, [file.name for file in found.files])
        classes = tuple(dict.fromkeys(file.label for file in found.files)) if found.classes == "folders" else ()
        return Listing(
            found.files,
            classes,
            {self.telling: found.classes},
            tuple(_left_out(found)),
            lambda place: (self.root / found.files[place].name).read_bytes(),
        )


def _left_out(found: Found) -> Iterator[str]:
    if names := found.left_out:
        some = ", ".join(map(shown, names[:3])) + ", …" * (len(names) > 3)
        yield f"{len(names)} file{'s' * (len(names) > 1)} left out, no PNG or JPEG, or in no class: {some}"
