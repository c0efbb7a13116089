"""One run in two lines: what came of it, and where to look."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aeaug.evaluation.reading import NONE
from aeaug.run.files import read_metrics, read_status

__all__ = ["summary"]


def summary(folder: Path) -> str:
    """The row of the run in ``folder``, whatever its state is, and where its pictures are.

    Done: FD, its multiple of the real floor's, coverage, and the seconds of all stages over all resumptions. Diverged
    or failed: what happened, how many images the last checkpoint has seen, and the last validation FD. Raises
    ``ValueError`` where there is no run, or one whose files cannot be read.
    """
    status, metrics = read_status(folder), read_metrics(folder)
    if not status:
        raise ValueError(f"{folder}: there is no run")
    parts = _result(metrics) if status["state"] == "done" else _end(status, metrics)
    parts.append(f"{sum(status['seconds'].values()):,.0f} s")
    samples = folder / "samples"
    where = f"pictures: {samples}" if samples.exists() else f"log: {folder / 'run.log'}"
    return f"{status['state']}: {', '.join(parts)}\n{where}"


def _result(metrics: Mapping[str, Any]) -> list[str]:
    test, real = metrics.get("test") or {}, (metrics.get("floors") or {}).get("real") or {}
    found, floor = test.get("frechet_distance"), real.get("frechet_distance")
    distance = f"FD {_text(found, ',.1f')}"
    if found is not None and floor:
        distance += f" ({found / floor:.1f} × floor)"
    return [distance, f"coverage {_text(test.get('coverage'), '.3f')}"]


def _end(status: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    parts = []
    if lines := (status["traceback"] or "").strip().splitlines():
        parts.append(lines[-1])
    parts.append(f"last checkpoint at {status['images']:,} of {_text(status['budget'], ',')} images")
    last = metrics.get("validation")
    if last:
        distance = _text(last.get("frechet_distance"), ",.1f")
        parts.append(f"validation FD {distance} at {_text(last.get('images'), ',')}")
    return parts


def _text(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)
