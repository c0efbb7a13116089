"""A user's own images as a data set: the description and the splits of what a source has."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from aeaug.data.by_content.shares import FEWEST, PARTS, Part
from aeaug.data.by_content.source import Source
from aeaug.data.by_content.stored import Stored, store_images
from aeaug.data.description import DataSet
from aeaug.data.splits import Splits
from aeaug.data.subset import fingerprint
from aeaug.faults import Fault
from aeaug.options import shown
from aeaug.writing import write_whole

__all__ = ["OwnImages", "describe"]

log = logging.getLogger(__name__)

LINES, EXAMPLES = 20, 5  # of files that cannot be used, and of pairs
NAMES: dict[Part, str] = {"pool": "the training pool", "validation": "the validation slice", "test": "the test set"}
NAMES["nets"] = "the images for nets"


@dataclass(frozen=True)
class OwnImages:
    """Where the images of a described source are to be had, as they were when it was described."""

    source: Source
    size: int
    channels: int
    cache: Path
    content: str

    def __call__(self, root: Path) -> Splits:
        """The splits; ``root`` is known already. Raises :class:`Fault` where the content is another by now."""
        stored = store_images(self.source, self.size, self.channels, self.cache)
        if stored.content != self.content:
            raise Fault(f"{self.source.key}: its images changed since the command began; the same command again")
        return _splits(stored)


def describe(source: Source, size: int, channels: int | None, cache: Path, *, skip: bool) -> tuple[DataSet, Stored]:
    """What the images of ``source`` are as a data set. Everything that is odd about them is logged, a line each.

    ``size``, ``channels``, ``cache``: as of :func:`store_images`; ``skip``: leave out what cannot be used.

    Raises :class:`Fault`: in one line for what is no data set; for images that cannot be used, unless they are to be
    left out, in a line each.
    """
    stored = store_images(source, size, channels, cache)
    asked = (source, size, channels, cache, skip)
    if (known := _described.get(asked)) is None or known[1] is not stored:
        _described[asked] = known = _description(source, size, stored, cache, skip=skip), stored
    return known


_described: dict[tuple[Any, ...], tuple[DataSet, Stored]] = {}
"""What was described in this process: to count 60,000 images takes a moment, and every run of a sweep asks."""


def _description(source: Source, size: int, stored: Stored, cache: Path, *, skip: bool) -> DataSet:
    if stored.unusable and not skip:
        of = len(stored.unusable) + len(stored.names)
        head = f"{source.key}: {len(stored.unusable)} of {of} {source.noun}s cannot be"
        raise Fault(
            "\n".join(
                [f"{head} used; mend or remove them, or data.unusable=skip leaves them out", *_odd(source, stored)]
            )
        )
    counts = Counter(stored.parts)
    if lacking := [part for part in PARTS if counts[part] < FEWEST[part]]:
        there = ", ".join(f"{counts[part]} in {NAMES[part]} ({FEWEST[part]} are the fewest)" for part in lacking)
        raise Fault(f"{source.key}: {len(stored.names)} images are too few: {there}; about 200 are enough")
    in_pool = Counter(label for label, part in zip(stored.labels, stored.parts, strict=True) if part == "pool")
    for label, name in enumerate(stored.class_names):
        if not in_pool[label]:
            all_of_it, option = stored.labels.count(label), f"data.{source.telling}"
            raise Fault(
                f"{option}={stored.found[source.telling]}: of the {all_of_it} images in {shown(name)} none is in the "
                f"training pool: more of them, or {option}=none"
            )
    _say(source, stored, tuple(_odd(source, stored)))
    images = OwnImages(source.settled(stored.found), size, stored.channels, cache, stored.content)
    return DataSet(
        name=source.name,
        title=source.title,
        shape=(stored.channels, size, size),
        class_names=stored.class_names,
        objects="images",
        mean_intensity=stored.mean,
        pool=counts["pool"],
        validation=counts["validation"],
        test=counts["test"],
        feature_nets=None,
        files=None,
        load=images,
        folder=source.folder,
    )


def _odd(source: Source, stored: Stored) -> list[str]:
    """A line for each image that cannot be used, or for all of the same fault where they are many: a file has the
    whole list then."""
    alike: dict[str, list[str]] = {}
    for name, why in stored.unusable.items():
        alike.setdefault(why, []).append(shown(name))
    lines, whole = [], True
    for why, names in alike.items():
        many = len(names) > EXAMPLES
        some = [", ".join([*names[:EXAMPLES], f"… ({len(names)} in all)"])] if many else names
        lines += [f"{one}: {why}" for one in some]
        whole = whole and not many
    if len(lines) > LINES:
        lines, whole = [*lines[:LINES], f"… and {len(lines) - LINES} more"], False
    if not whole:
        every = [f"{shown(name)}: {why}" for name, why in stored.unusable.items()]
        lines.append(f"all of them are in {_listed(source, stored, 'unusable', every)}")
    return lines


def _listed(source: Source, stored: Stored, what: str, lines: Sequence[str]) -> Path:
    """The file in which ``lines`` are, beside what is kept of the images."""
    place = stored.path.parents[1] / source.shelf[0] / f"{what}.{stored.content}.txt"
    write_whole(place, "\n".join(lines) + "\n")
    return place


@cache
def _once(line: str) -> None:
    log.warning(line)


def _say(source: Source, stored: Stored, left_out: tuple[str, ...]) -> None:
    """Once in a process, however often the source is looked at."""
    for line in (*stored.remarks, *(f"left out: {line}" for line in left_out)):
        _once(f"{source.key}: {line}")
    part, pairs = dict(zip(stored.names, stored.parts, strict=True)), stored.copies
    if not pairs:
        return
    words = {"exact": "has the pixels of", "near": "is nearly"}
    lines = [
        f"{shown(one)} in {NAMES[part[one]]} {words[kind]} {shown(other)} in {NAMES[part[other]]}"
        for one, other, kind in pairs
    ]
    written, images = "", f"{len(pairs)} images have" if len(pairs) > 1 else "1 image has"
    if len(lines) > EXAMPLES:
        written = f", all of them in {_listed(source, stored, 'copies', lines)}"
    _once(f"{source.key}: {images} a copy in another split{written}: {'; '.join(lines[:EXAMPLES])}")


def _splits(stored: Stored) -> Splits:
    images, labels = stored.images(), torch.tensor(stored.labels)
    places = torch.tensor([PARTS.index(part) for part in stored.parts])
    of = {part: (images[places == place], labels[places == place]) for place, part in enumerate(PARTS)}
    pool, validation, test, nets = (of[part] for part in ("pool", "validation", "test", "nets"))
    parts = (*pool, *validation, *test)
    count = len(pool[0])
    return Splits(*parts, pool[0], torch.arange(count), count, fingerprint(*parts), for_nets=nets)
