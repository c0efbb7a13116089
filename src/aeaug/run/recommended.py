"""What ``augmentation=auto`` stands for: the arm with the lowest validation FD at a size of the training set, as the
main experiment measured it.

``recommended.json`` is written by :mod:`aeaug.published.recommendation`, from the committed table, and has for each
size the overrides that make the arm, all settings of its runs, and what became of their FD on the test images. A size
between two measured ones takes the nearer, on the log axis; outside them, and with any other setting, nothing is known,
and nothing is recommended.
"""

import json
import math
from collections.abc import Mapping
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

__all__ = ["FILE", "UNCOMPARED", "Recommendation", "recommended"]

FILE = Path(__file__).with_name("recommended.json")

UNCOMPARED = ("data.n_train", "gan.r1_gamma", "autoencoder.steps", "evaluation.", "trainer.")
"""Settings, or beginnings of their keys, that may be others than measured: the size, what is looked up by it, what is
measured of the images, and how a machine computes."""


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

    def require_same(self, settings: Mapping[str, str]) -> None:
        """Refuse ``settings`` with which it was not measured: ``ValueError``, naming the first."""
        for key in sorted(self.settings.keys() | settings.keys()):
            own, asked = self.settings.get(key), settings.get(key)
            same = str(own).lower() == str(asked).lower()
            if not same and not key.startswith(UNCOMPARED):
                known = f"measured with {key}={shown(own)}, not {shown(asked)}"
                raise ValueError(f"augmentation=auto: {known}; choose an arm by its name")


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
