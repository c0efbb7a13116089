"""The files of a run as they are read back, by whoever reads them: reports, bars, resumptions, measuring again.

A file that is not there is empty. One that is torn, holds another kind of thing or a hostile one is a
:class:`~aeaug.faults.Fault`, one line that names it and says what loses least: what the rest of a program computes with
has been checked for its shape (:mod:`aeaug.run.shapes`).
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from aeaug.faults import one_line, reading
from aeaug.run.shapes import Config, Measured, Metrics, Shape, Status

__all__ = ["Files", "began", "files_of", "read_config", "read_history", "read_metrics", "read_status"]

Read = Callable[[str], Any]

RECORDS = ("config.yaml", "status.json", "history.jsonl", "metrics.json")
LARGEST = 16 * 2**20  # bytes of a record of one run; real ones have some thousands
DEEPEST = 20  # nesting of a config


@dataclass(frozen=True)
class Files:
    """What a run's folder holds, as it stands there; empty for a file that is not there."""

    config: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()

    @property
    def state(self) -> str:
        """running, done, diverged, failed, interrupted, pruned; missing where nothing says it."""
        return str(self.status.get("state", "missing"))


# Options that came later, and what runs were before.
SINCE: dict[str, dict[str, Any]] = {
    "source": {"name": "decoded"},
    "filter": {"name": "none"},
    "schedule": {"name": "constant"},
    "gate": {"name": "none"},
    "gan": {"r1_on": "mixture", "discriminator_steps": 1, "spectral_norm": False, "dropout": 0.0},
}
PERTURBED_SINCE = {name: {"within": "subset"} for name in ("interpolate", "extrapolate", "difference")}


def began(folder: Path) -> bool:
    """Whether a run was begun in ``folder``: one that was stopped before its first record leaves a lock at most."""
    return any(os.path.lexists(folder / name) for name in RECORDS)


def files_of(folder: Path) -> Files:
    """What the files of the run in ``folder`` hold. Raises :class:`Fault` for one that cannot be read."""
    return Files(read_config(folder), read_status(folder), read_metrics(folder), tuple(read_history(folder)))


def read_config(folder: Path) -> dict[str, Any]:
    """``config.yaml``, the options of the run's last start, with those that there were not when an earlier version
    wrote it, as it went by them. Raises :class:`Fault`."""
    config = _record(folder / "config.yaml", _yaml, Config, _again(folder))
    for group, options in SINCE.items():
        if isinstance(config.get("gan"), dict):  # written later than these, and not cut short before
            there = config.get(group, {})
            config[group] = {**options, **there} if isinstance(there, dict) else there
    if isinstance(chosen := config.get("perturbation"), dict):
        config["perturbation"] = {**PERTURBED_SINCE.get(str(chosen.get("name")), {}), **chosen}
    return config


def read_status(folder: Path) -> dict[str, Any]:
    """``status.json``, with every entry that today's runs have, of their type. Raises :class:`Fault`."""
    remedy = f"repeat the run's command, which rebuilds it, or {_again(folder)}"
    return _record(folder / "status.json", _json, Status, remedy)


def read_metrics(folder: Path) -> dict[str, Any]:
    """``metrics.json``, the numbers at a run's end. Raises :class:`Fault`."""
    remedy = "delete it and repeat the run's command, which measures again"
    return _record(folder / "metrics.json", _json, Metrics, remedy)


def read_history(folder: Path) -> list[dict[str, Any]]:
    """``history.jsonl``, the curve so far; a last line without its newline is still being written, or was cut short by
    a kill, and is left out. Raises :class:`Fault`."""
    path, points = folder / "history.jsonl", []
    with reading(path, _again(folder)):
        *lines, _ = _text(path).split("\n") if _is_there(path) else ("",)
        for number, line in enumerate(lines, 1):
            try:
                points.append(_checked(_json(line), Measured))
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number}: {one_line(error)}") from None
            if "images" not in points[-1]:
                raise ValueError(f"line {number}: it has no images")
    return points


def _again(folder: Path) -> str:
    return f"delete the folder {folder} to run it again"


def _record(path: Path, read: Read, shape: type[Shape], remedy: str) -> dict[str, Any]:
    with reading(path, remedy):
        return _checked(read(_text(path)), shape) if _is_there(path) else {}


def _is_there(path: Path) -> bool:
    """A folder or a pipe in its place is something, and no file."""
    if not os.path.lexists(path):
        return False
    if not path.is_file():
        raise ValueError("it is no file")
    return True


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST and path.suffix != ".jsonl":
        raise ValueError("far too large for a record of one run")
    return path.read_text(encoding="utf-8")


def _checked(content: Any, shape: type[Shape]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ValueError(f"it holds {type(content).__name__}, not a record of a run")
    try:
        found = shape.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise ValueError(f"{place} is missing") from None
        raise ValueError(f"{place}={one_line(first['input'], 60)}: {first['msg'].lower()}") from None
    return found.model_dump() if shape is Status else content


def _json(text: str) -> Any:
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int:
    if len(digits) > 18:  # beyond what tables hold
        raise ValueError(f"{one_line(digits, 30)} is too large")
    return int(digits)


def _yaml(text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    # What a run writes is flat and repeats nothing by reference. A few lines that do can stand for more than a memory
    # holds, and brackets in brackets overflow the parser's stack: both are found before anything is built from them.
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            raise ValueError("aliases, or too many brackets in brackets, which no run writes")
    content = yaml.load(text, Loader=loader)
    _require_plain(content)
    return content


def _require_plain(content: Any) -> None:
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, int) and abs(one) >= 10**18:
            raise ValueError("a number in it is too large")
        elif not isinstance(one, str | int | float | None):
            raise ValueError(f"it holds {type(one).__name__}, which no run writes")
