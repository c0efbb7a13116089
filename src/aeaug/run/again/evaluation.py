"""What a measurement of something that was there already comes to: numbers, where they are from, table and file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from aeaug.writing import write_atomically
from aeaug.evaluation.metrics import METRICS
from aeaug.evaluation.reading import NONE, number

__all__ = ["Evaluation"]

ARROWS = {"lower": "↓", "higher": "↑", "neither": " "}
DIGITS = 5


@dataclass(frozen=True)
class Evaluation:
    """``name``: of its folder in ``<outputs>/evaluations``; ``title``: what was measured against what; ``column``: what
    the measured images are called in the table; ``record``: all numbers and their provenance, among them ``test`` and
    ``floors`` as in a run's ``metrics.json``; ``remarks``: what the reader has to know, a line each."""

    name: str
    title: str
    column: str
    record: Mapping[str, Any]
    remarks: tuple[str, ...] = ()

    def table(self) -> str:
        """Metrics down, the images and their floors across, and remarks; less than 100 columns wide."""
        sets = {self.column: self.record["test"], **self.record["floors"]}
        rows = [["", *sets]]
        for metric in METRICS.values():
            values = [measured.get(metric.key) for measured in sets.values()]
            rows.append([f"{ARROWS[metric.better]} {metric.label}", *_texts(values, metric.decimals)])
        first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [f"{name:<{first}}" + "".join(map("  {:>{}}".format, texts, others)) for name, *texts in rows]
        rule = "─" * len(lines[0])
        notes = [f"  {metric.label}: {metric.meaning}" for metric in METRICS.values() if metric.better == "neither"]
        better = "↓ lower is better, ↑ higher is better"
        text = [self.title, rule, lines[0], rule, *lines[1:], rule, better, *notes]
        return "\n".join([*text, *(["", *self.remarks] if self.remarks else [])])

    def write(self, outputs: Path, name: str | None = None) -> Path:
        """Write the record below ``outputs``, under another ``name`` if one is given, and return its file.

        Nothing is overwritten: where the folder holds another record, this one goes into ``<name>.2``, ``<name>.3``, …;
        where one of them holds this record already, that is it.
        """
        text = json.dumps(self.record, indent=2, allow_nan=False) + "\n"
        first = outputs / "evaluations" / (name or self.name)
        first.parent.mkdir(parents=True, exist_ok=True)
        for copy in count(1):
            file = first.with_name(f"{first.name}.{copy}" if copy > 1 else first.name) / "evaluation.json"
            try:
                file.parent.mkdir()  # of two at once, one gets the folder
            except FileExistsError:
                if file.exists() and file.read_text() == text:
                    break
            else:
                write_atomically(file, lambda opened: opened.write(text.encode()))
                break
        return file


def _texts(values: list[float | None], decimals: int) -> list[str]:
    """With the metric's own decimals, unless they are noise beside so large a number."""
    largest = max((abs(value) for value in values if value), default=1.0)
    places = max(0, min(decimals, DIGITS - 1 - math.floor(math.log10(largest))))
    return [NONE if value is None else number(value, places) for value in values]
