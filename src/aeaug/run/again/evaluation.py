"""What a measurement of something that was there already comes to: numbers, where they are from, table and file."""

import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aeaug.evaluation.metric import Metric, Spaces
from aeaug.evaluation.metrics import METRICS
from aeaug.evaluation.modes import Modes
from aeaug.evaluation.reading import NONE, number
from aeaug.writing import locked, naming, remove_strays, write_whole

__all__ = ["Evaluation"]

ARROWS = {"lower": "↓", "higher": "↑", "neither": " "}
DIGITS = 5


@dataclass(frozen=True)
class Evaluation:
    """``name``: of its folder in ``<outputs>/evaluations``; ``title``: what was measured against what; ``columns``: the
    measured sets by what they are called in the table, each with its numbers by space, the leading one first, and key;
    ``record``: all numbers and their provenance, among them ``floors`` as in a run's ``metrics.json`` and the hash of
    each space, ``feature_nets``; ``remarks``: what the reader has to know, a line each; ``first``: by its space the
    distance that comes first there (:mod:`aeaug.evaluation.leading_metric`), FD where it is not said; ``modes``: of
    stacked images, by the names of the columns (:mod:`aeaug.evaluation.modes`)."""

    name: str
    title: str
    columns: Mapping[str, Spaces]
    record: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    first: Mapping[str, Metric] = field(default_factory=dict)
    modes: Mapping[str, Modes] = field(default_factory=dict)

    def table(self) -> str:
        """Metrics down, space by space, the measured sets and their floors across, and remarks; less than 100 columns
        wide."""
        floors = {name: floor for name, floor in self.record["floors"].items() if floor is not None}
        sets = {**self.columns, **{name: floor["spaces"] for name, floor in floors.items()}}
        spreads = {name: floor["sd"] for name, floor in floors.items() if "sd" in floor}
        rows = [["", *sets]]
        spaces = list(dict.fromkeys(space for measured in sets.values() for space in measured))
        for space in spaces:
            leads = space == spaces[0]
            for metric in _in_order(self.first.get(space)):
                if leads or any(metric.key in measured.get(space, ()) for measured in sets.values()):
                    rows.append(_row(metric, space, sets, spreads, suffix=not leads))
        if self.modes:
            rows += self._rows_of_modes(sets)
        first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [f"{name:<{first}}" + "".join(map("  {:>{}}".format, texts, others)) for name, *texts in rows]
        rule = "─" * len(lines[0])
        notes = [f"  {metric.label}: {metric.meaning}" for metric in METRICS.values() if metric.better == "neither"]
        draws = [f"{name} ±: standard deviation of {floors[name]['draws']} draws" for name in spreads]
        better = "; ".join(["↓ lower is better, ↑ higher is better", *draws])
        absent = [
            f"{name}: too few images for this floor" for name, one in self.record["floors"].items() if one is None
        ]
        nets = [f"{space} {sha256[:12]}…" for space, sha256 in (self.record.get("feature_nets") or {}).items()]
        behind = [f"feature spaces, the leading one first: {', '.join(nets)}"] * bool(nets)
        leading = [
            f"{metric.label} leads in {space}: too few images for FD, which fits a Gaussian to its features"
            for space, metric in self.first.items()
            if metric.key != "frechet_distance"
        ]
        text = [self.title, rule, lines[0], rule, *lines[1:], rule, better, *absent, *behind, *leading, *notes]
        return "\n".join([*text, *(["", *self.remarks] if self.remarks else [])])

    def _rows_of_modes(self, sets: Mapping[str, Spaces]) -> list[list[str]]:
        found = [self.modes.get(name) for name in sets]
        samples = next(iter(self.modes.values()))["samples"]
        return [
            [f"↑ modes covered, of {samples:,} images", *(f"{one['covered']:,}" if one else NONE for one in found)],
            ["↓ mode KL", *(number(one["kl"], 3) if one else NONE for one in found)],
        ]

    def write(self, outputs: Path, name: str | None = None) -> Path:
        """Write the record below ``outputs``, under another ``name`` if one is given, and return its file.

        Nothing is overwritten: where the folder holds another record, this one goes into ``<name>.2``, ``<name>.3``, …;
        where one of them holds this record already, that is it. A folder appears with its record in it.
        """
        text = (json.dumps(self.record, indent=2, allow_nan=False) + "\n").encode()
        first = outputs / "evaluations" / (name or self.name)
        first.parent.mkdir(parents=True, exist_ok=True)
        with locked(first.parent / ".lock", f"another process that writes into {first.parent}"):
            remove_strays(first.parent)
            for copy in count(1):
                folder = first.with_name(f"{first.name}.{copy}" if copy > 1 else first.name)
                file = folder / "evaluation.json"
                if _holds(file, text):
                    break
                if not os.path.lexists(folder) or _is_empty(folder):
                    _appear(folder, file.name, text)
                    break
        return file


def _in_order(first: Metric | None) -> list[Metric]:
    """All metrics as tables have them, but that one ``first``."""
    return sorted(METRICS.values(), key=lambda metric: metric is not first)


def _holds(file: Path, text: bytes) -> bool:
    try:
        return file.read_bytes() == text
    except OSError:
        return False


def _is_empty(folder: Path) -> bool:
    """As a kill of an earlier version left it."""
    return folder.is_dir() and not any(folder.iterdir())


def _appear(folder: Path, name: str, content: bytes) -> None:
    """Make ``folder`` with the file ``name`` in it, at once."""
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        with naming(folder / name, beside, beside / name):
            beside.mkdir()
            write_whole(beside / name, content)
            beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _row(
    metric: Metric, space: str, sets: Mapping[str, Spaces], spreads: Mapping[str, Spaces], *, suffix: bool
) -> list[str]:
    """The metric's name, and its number in every set; where it was drawn several times, with its spread."""
    values = [_one(measured, space, metric.key) for measured in sets.values()]
    sds = [_one(spreads.get(name, {}), space, metric.key) for name in sets]
    # The metric's own decimals, unless they are noise beside so large a number.
    largest = max((abs(value) for value in values if value), default=1.0)
    places = max(0, min(metric.decimals, DIGITS - 1 - math.floor(math.log10(largest))))
    texts = [
        NONE if value is None else number(value, places) + ("" if sd is None else f" ± {number(sd, max(places, 1))}")
        for value, sd in zip(values, sds, strict=True)
    ]
    where = f", {space.rpartition(':')[2].replace('_', '-')}" * suffix
    return [f"{ARROWS[metric.better]} {metric.label}{where}", *texts]


def _one(measured: Spaces, space: str, key: str) -> float | None:
    found = measured.get(space, {}).get(key)
    return found if isinstance(found, int | float) else None
