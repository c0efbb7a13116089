"""``data=hf``: the rows of a Hugging Face data set as a source of images.

A row is an image of the data set's column of images, and of the class that its column of labels says; the bytes are
those that are stored, of PNG and JPEG files as everywhere here. Without decoding them it is told from the length of
every row, and from the fingerprint of the data set with the sizes and times of its files, whether anything changed.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeaug.data.augmented_names import require_real
from aeaug.data.by_content.source import Image, Listing
from aeaug.data.hf.opening import local, opened, rows_of
from aeaug.faults import Fault, in_few_words
from aeaug.options import shown

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["HF", "NONE", "HFRows"]

HF = "hf"
NONE = "none"  # instead of a column of labels

Labels = tuple[list[str], tuple[str, ...]]


@dataclass(frozen=True)
class HFRows:
    """The rows of the ``split`` of a data set; ``image`` and ``label``: the names of its columns, None for the one that
    there is, of labels :data:`NONE` for none. It is a :class:`aeaug.data.by_content.source.Source`."""

    name: str
    config: str | None
    split: str
    image: str | None
    label: str | None
    revision: str | None

    noun = "image"
    telling = "label"
    folder = None

    @property
    def key(self) -> str:  # noqa: D102 - Source says what these are
        return f"data.name={shown(self.name)}"

    @property
    def place(self) -> str:  # noqa: D102
        return self.name

    @property
    def title(self) -> str:  # noqa: D102
        return f"data set {shown(self.name)}"

    @property
    def shelf(self) -> tuple[str, str]:  # noqa: D102
        path = local(self.name)
        where = self.name if path is None else str(path.resolve())
        return "hf", "\n".join(map(str, (where, self.config, self.split, self.image, self.revision)))

    def settled(self, found: Mapping[str, str]) -> "HFRows":  # noqa: D102
        return replace(self, image=found["image"], label=found["label"])

    def listing(self) -> Listing:
        """Raises :class:`Fault`, in one line, where there is no such data set, split or column, and for synthetic
        images among real ones."""
        rows = rows_of(opened(self.name, self.config, self.revision), self.split, self.name)
        image, label = self._image(rows), self._label(rows)
        labels, class_names = ([""] * len(rows), ()) if label is None else _labels(rows, label, self.key)
        signatures, read = self._signatures(rows, image)
        images = [
            Image(f"row {place}", one, signature)
            for place, (one, signature) in enumerate(zip(labels, signatures, strict=True))
        ]
        return Listing(images, class_names, {"image": image, "label": label or NONE}, (), read)

    def _image(self, rows: "Dataset") -> str:
        """The column of images."""
        from datasets import Image as ImageFeature

        there: list[str] = [name for name, feature in rows.features.items() if isinstance(feature, ImageFeature)]
        if self.image is not None:
            if self.image not in there:
                what = "no column of images" if self.image in rows.features else "no such column"
                raise Fault(f"data.image={shown(self.image)}: {what}; {self.key} has {_columns(rows)}")
            return self.image
        if not there:
            raise Fault(f"{self.key}: no column of images; it has {_columns(rows)}")
        if len(there) > 1:
            raise Fault(f"data.image=auto: which column of images? {self.key} has {_columns(rows)}")
        return there[0]

    def _label(self, rows: "Dataset") -> str | None:
        """The column of labels, None for none."""
        from datasets import ClassLabel

        if self.label == NONE:
            return None
        if self.label is not None:
            feature = rows.features.get(self.label)
            if feature is None:
                raise Fault(f"data.label={shown(self.label)}: no such column; {self.key} has {_columns(rows)}")
            if not (isinstance(feature, ClassLabel) or _kind(feature).startswith(("int", "uint", "bool", "string"))):
                raise Fault(f"data.label={shown(self.label)}: no column of labels; {self.key} has {_columns(rows)}")
            return self.label
        there = [name for name, feature in rows.features.items() if isinstance(feature, ClassLabel)]
        if len(there) > 1:
            raise Fault(f"data.label=auto: which column of labels, or none? {self.key} has {_columns(rows)}")
        # A single class tells nothing apart.
        return there[0] if there and rows.features[there[0]].num_classes > 1 else None

    def _signatures(self, rows: "Dataset", column: str) -> tuple[list[tuple[int, ...]], Callable[[int], bytes]]:
        """Of each row the signature of its image, and what reads it."""
        import pyarrow.compute as pc
        from datasets import Image as ImageFeature

        raw = rows.select_columns([column]).cast_column(column, ImageFeature(decode=False))
        stored = raw.with_format("arrow")[:].column(column)
        sizes = pc.binary_length(pc.struct_field(stored, "bytes")).to_pylist()
        files = [Path(one["filename"]).stat() for one in rows.cache_files]
        times = [(own.st_size, own.st_mtime_ns, own.st_ctime_ns) for own in files]
        version = hashlib.sha256(repr((rows._fingerprint, times)).encode()).hexdigest()
        whole = int(version[:12], 16)
        paths = pc.struct_field(stored, "path").to_pylist()
        require_real(self.key, [Path(path or "").name for path in paths])
        outside = {}  # images of which the row has but the path
        if None in sizes:
            outside = {place: self._file(place, path) for place, path in enumerate(paths) if sizes[place] is None}

        def read(place: int) -> bytes:
            if (file := outside.get(place)) is not None:
                return file.read_bytes()
            content: bytes | None = (raw[place][column] or {}).get("bytes")
            return content or b""

        def signature(place: int, size: int | None) -> tuple[int, ...]:
            if (file := outside.get(place)) is not None:
                own = file.stat()
                return own.st_size, own.st_mtime_ns, own.st_ctime_ns
            return size or 0, whole

        try:
            return [signature(place, size) for place, size in enumerate(sizes)], read
        except OSError as error:
            raise Fault(f"{self.key}: {shown(error.filename)}: {in_few_words(error)}") from None

    def _file(self, place: int, path: str | None) -> Path | None:
        """The file that has the image of a row; None where there is no image."""
        if path is not None and "://" in path:
            raise Fault(f"{self.key}: row {place}: its image is elsewhere, at {shown(path)}, and none is fetched")
        return None if path is None else Path(path)


def _labels(rows: "Dataset", column: str, key: str) -> Labels:
    """The name of each row's class, and the names that rows have: in the order of a ``ClassLabel``, or sorted."""
    from datasets import ClassLabel

    values = rows.select_columns([column]).with_format("arrow")[:].column(column).to_pylist()
    feature = rows.features[column]
    named = isinstance(feature, ClassLabel)
    missing = sum(value is None or (named and value < 0) for value in values)
    option = f"data.label={shown(column)}"
    if missing:
        raise Fault(
            f"{option}: {missing} of the {len(values)} rows of {key} have no label; data.label=none does without"
        )
    names = {value: feature.names[value] if named else str(value) for value in sorted(set(values))}
    if len(names) < 2:
        raise Fault(f"{option}: the rows of {key} are all of one class; data.label=none takes them as they are")
    if strange := [name for name in names.values() if not name.isprintable()]:
        raise Fault(f"{option}: a class called {shown(strange[0])}; data.label=none does without")
    return [names[value] for value in values], tuple(names.values())


def _columns(rows: "Dataset") -> str:
    """Its columns and what they hold."""
    return ", ".join(f"{shown(name)} ({_kind(feature)})" for name, feature in rows.features.items())


def _kind(feature: Any) -> str:
    return str(getattr(feature, "dtype", "")) if type(feature).__name__ == "Value" else type(feature).__name__
