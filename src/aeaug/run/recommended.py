"""What ``augmentation=auto`` stands for: the arm with the lowest validation FD at a size of the training set, as the
main experiment measured it, or ``none`` where that is not shown to help on the test images.

``recommended.json`` is written by :mod:`aeaug.published.recommendation`, from the committed table, and has for each
size the overrides that make the arm, all settings of its runs, and what became of their FD on the test images. A size
between two measured ones takes the nearer, on the log axis, with the weight of R1 and the autoencoder's steps that are
looked up for its own (``gan.r1_gamma=auto``, ``autoencoder.steps=auto``, as they were measured). Outside the sizes, and
with any other setting that makes a generator, nothing is known, and nothing is recommended.
"""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aeaug.data.options import OWN
from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.reading import number, percent
from aeaug.evaluation.spaces import in_words
from aeaug.gan.tuned import DATA
from aeaug.options import shown

__all__ = ["BY_SIZE", "FILE", "Recommendation", "recommended"]

FILE = Path(__file__).with_name("recommended.json")

UNCOMPARED = ("data.n_train", "evaluation.", "trainer.")
"""Settings, or beginnings of their keys, that may be others than measured: the size, what is measured of the images,
and how a machine computes."""

BY_SIZE = ("gan.r1_gamma", "autoencoder.steps")
"""What is looked up by the size, where it is auto."""


@dataclass(frozen=True)
class Recommendation:
    """``overrides`` make the arm; ``settings`` are those of its runs on ``n_train`` images. ``change``: the difference
    of log FD on test images to ``control``, over ``pairs``, with its 95% ``interval``; None where it is ``control``
    itself. ``elsewhere``: the same in other feature spaces, mean and ends; they chose nothing."""

    n_train: int
    overrides: tuple[str, ...]
    settings: Mapping[str, str]
    control: str
    pairs: int
    change: float | None
    interval: tuple[float, float] | None
    elsewhere: Mapping[str, tuple[float, float, float]]

    @property
    def words(self) -> str:
        """What it is, and what it rests on."""
        arm = " ".join(self.overrides)
        with_images = f"with {number(self.n_train)} images"
        if self.change is None or self.interval is None:
            return f"augmentation=auto: {arm}; {with_images} no arm is shown to help"
        low, high = map(percent, self.interval)
        measured = f"{percent(self.change)} [{low}, {high}] of FD against {self.control}, {self.pairs} pairs"
        others = (
            f", in {in_words(space)} {percent(mean)} [{percent(least)}, {percent(most)}]"
            for space, (mean, least, most) in self.elsewhere.items()
        )
        return f"augmentation=auto: {arm}; {with_images} {measured}{''.join(others)}"

    def require_same(self, settings: Mapping[str, str], looked_up: Collection[str]) -> None:
        """Refuse ``settings`` with which it was not measured: ``ValueError``, naming the first. ``looked_up``: those of
        :data:`BY_SIZE` that are."""
        for key in sorted(self.settings.keys() | settings.keys()):
            if not (key.startswith(UNCOMPARED) or key in looked_up or self._same(key, settings)):
                known = "auto" if key in BY_SIZE else shown(self.settings.get(key))
                given = f"measured with {key}={known}, not {shown(settings.get(key))}"
                raise ValueError(f"augmentation=auto: {given}; choose an arm by its name")

    def _same(self, key: str, settings: Mapping[str, str]) -> bool:
        own, asked = self.settings.get(key), settings.get(key)
        if key == "data.name" and own in DATA and asked in DATA:
            return True
        of_another_size = key in BY_SIZE and settings.get("data.n_train") != self.settings.get("data.n_train")
        return str(own).lower() == str(asked).lower() and (own in (None, "null") or not of_another_size)


def recommended(data: object, n_train: object) -> Recommendation:
    """That for ``n_train`` images of the source ``data``, None being all that it has. Raises ``ValueError``, in one
    line, for other data and outside the measured sizes."""
    if str(data) in (*DATA_SETS, *OWN) and data not in DATA:
        raise ValueError(
            f"augmentation=auto: measured for data={' and '.join(DATA)}, not {shown(data)}; choose an arm by its name"
        )
    sizes, asked = _read(), n_train
    if n_train is None and (known := DATA_SETS.get(str(data))):
        n_train = known.pool
    if not isinstance(n_train, int):
        raise ValueError(f"augmentation=auto: looked up by data.n_train, not {shown(asked)}")
    if not sizes:
        raise ValueError(
            "augmentation=auto: nothing is measured yet; choose an arm by its name, as arm=append_gaussian"
        )
    if not min(sizes) <= n_train <= max(sizes):
        raise ValueError(
            f"augmentation=auto: measured for data.n_train from {min(sizes)} to {max(sizes)}, not {n_train}; choose an "
            "arm by its name"
        )
    return sizes[min(sizes, key=lambda size: abs(math.log(size / n_train)))]


@cache
def _read() -> dict[int, Recommendation]:
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        int(size): Recommendation(
            int(size),
            tuple(found["overrides"]),
            found["settings"],
            found["control"],
            found["pairs"],
            found["change"],
            None if found["interval"] is None else (found["interval"][0], found["interval"][1]),
            {space: (mean, low, high) for space, (mean, low, high) in found["elsewhere"].items()},
        )
        for size, found in content.items()
    }
