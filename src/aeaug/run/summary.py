"""One run in two lines: what came of it, and where to look."""

import json
from pathlib import Path
from typing import Any

__all__ = ["summary"]


def summary(folder: Path) -> str:
    """The row of the run in ``folder``, whatever its state is, and where its pictures are.

    Done: FD, its multiple of the real floor's, coverage, and the seconds of all stages over all resumptions. Diverged
    or failed: what happened, how many images the last checkpoint has seen, and the last validation FD. Raises
    ``ValueError`` where there is no run.
    """
    status = _read(folder / "status.json")
    if status is None:
        raise ValueError(f"{folder}: there is no run")
    metrics = _read(folder / "metrics.json") or {}
    parts = _result(metrics) if status["state"] == "done" else _end(status, metrics)
    parts.append(f"{sum(status['seconds'].values()):,.0f} s")
    samples = folder / "samples"
    where = f"pictures: {samples}" if samples.exists() else f"log: {folder / 'run.log'}"
    return f"{status['state']}: {', '.join(parts)}\n{where}"


def _result(metrics: dict[str, Any]) -> list[str]:
    test, real = metrics["test"], metrics["floors"].get("real")
    distance = f"FD {test['frechet_distance']:,.1f}"
    if real:
        distance += f" ({test['frechet_distance'] / real['frechet_distance']:.1f} × floor)"
    return [distance, f"coverage {test['coverage']:.3f}"]


def _end(status: dict[str, Any], metrics: dict[str, Any]) -> list[str]:
    parts = []
    if status["traceback"]:
        parts.append(status["traceback"].strip().splitlines()[-1])
    parts.append(f"last checkpoint at {status['images']:,} of {status['budget']:,} images")
    last = metrics.get("validation")
    if last:
        parts.append(f"validation FD {last['frechet_distance']:,.1f} at {last['images']:,}")
    return parts


def _read(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text())
    return content
