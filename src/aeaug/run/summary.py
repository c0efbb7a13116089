"""One run in two lines: what came of it, and where to look."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aeaug.evaluation.reading import NONE
from aeaug.run.failure import last_line
from aeaug.run.files import read_metrics, read_status

__all__ = ["summary"]


def summary(folder: Path) -> str:
    """The row of the run in ``folder``, whatever its state is, and where its pictures are.

    Done: FD, its multiple of the real floor's ± what that floor's standard deviation makes of it, coverage, FD of the
    best reading, how many training images the feature nets have seen, the budgets that were extended, and the seconds
    of all stages over all resumptions. Diverged or failed: what happened, how many images the last
    checkpoint has seen, and the last validation FD. Raises ``ValueError`` where there is no run, or one whose files
    cannot be read.
    """
    status, metrics = read_status(folder), read_metrics(folder)
    if not status:
        raise ValueError(f"{folder}: there is no run")
    parts = _result(status, metrics) if status["state"] == "done" else _end(status, metrics)
    parts.append(f"{sum(status['seconds'].values()):,.0f} s")
    samples = folder / "samples"
    where = f"pictures: {samples}" if samples.exists() else f"log: {folder / 'run.log'}"
    return f"{status['state']}: {', '.join(parts)}\n{where}"


def _result(status: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    if not metrics.get("readings"):
        return ["not measured on the test split", *_validation(metrics), *_accepted(metrics)]
    end, floor = _of(metrics["readings"].get("end")), (metrics.get("floors") or {}).get("real") or {}
    found, real = end.get("frechet_distance"), _of(floor).get("frechet_distance")
    distance = f"FD {_text(found, ',.1f')}"
    if found is not None and real:
        deviation = _of(floor, "sd").get("frechet_distance")
        spread = f" ± {found / real * deviation / real:.1f}" if deviation else ""
        distance += f" ({found / real:.1f}{spread} × floor)"
    parts = [distance, f"coverage {_text(end.get('coverage'), '.3f')}"]
    if best := metrics["readings"].get("best"):
        fd = _text(_of(best).get("frechet_distance"), ",.1f")
        parts.append(
            f"best of {_text(best.get('of'), ',')} readings FD {fd} at {_text(best.get('images'), ',')} images"
        )
    if seen := (metrics.get("data") or {}).get("net_seen"):
        parts.append(f"the feature nets have seen {seen:,} of its training images")
    parts += _accepted(metrics)
    if (gate := metrics.get("gate")) and not gate["passed"]:
        parts.append(f"nothing injected (gate={gate['kind']}: {_text(gate['value'], '.3g')}, bar {gate['bar']:g})")
    if earlier := status["extended"]:
        parts.append(f"extended at {', '.join(format(one['images'], ',') for one in earlier)}")
    return parts


def _of(measured: Mapping[str, Any] | None, which: str = "spaces") -> Mapping[str, Any]:
    """The numbers in the leading feature space, which comes first, or their standard deviations, ``sd``."""
    spaces: Mapping[str, Any] = (measured or {}).get(which) or {}
    return next(iter(spaces.values()), None) or {}


def _accepted(metrics: Mapping[str, Any]) -> list[str]:
    """What a filter let through of what was drawn for it."""
    work = metrics.get("work") or {}
    if not (drawn := work.get("drawn")):
        return []
    none = " (no synthetic image was shown)" * (not work["accepted"])
    return [f"the filter accepted {work['accepted'] / drawn:.0%} of {drawn:,} images{none}"]


def _validation(metrics: Mapping[str, Any]) -> list[str]:
    last = metrics.get("validation")
    if not last:
        return []
    distance = _text(last.get("frechet_distance"), ",.1f")
    return [f"validation FD {distance} at {_text(last.get('images'), ',')}"]


def _end(status: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[str]:
    parts = []
    if line := last_line(status):
        parts.append(line)
    parts.append(f"last checkpoint at {status['images']:,} of {_text(status['budget'], ',')} images")
    return parts + _validation(metrics)


def _text(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)
