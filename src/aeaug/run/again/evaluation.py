"""What a measurement of something that was there already comes to: numbers, where they are from, and their file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from aeaug.artifacts import write_atomically

__all__ = ["Evaluation"]

FILE = "evaluation.json"


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

    def write(self, outputs: Path, name: str | None = None) -> Path:
        """Write the record below ``outputs``, under another ``name`` if one is given, and return its file.

        Nothing is overwritten: where the folder holds another record, this one goes into ``<name>.2``, ``<name>.3``, …;
        where one of them holds this record already, that is it.
        """
        text = json.dumps(self.record, indent=2, allow_nan=False) + "\n"
        first = outputs / "evaluations" / (name or self.name)
        first.parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            file = (first if number == 1 else first.with_name(f"{first.name}.{number}")) / FILE
            try:
                file.parent.mkdir()  # of two at once, one gets the folder
            except FileExistsError:
                if file.exists() and file.read_text() == text:
                    return file
                continue
            write_atomically(file, lambda opened: opened.write(text.encode()))
            return file
        raise AssertionError("count() does not end")
