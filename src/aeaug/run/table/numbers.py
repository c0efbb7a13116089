"""The rows of a run's numbers: of its images, of what the discriminator says, of its autoencoder, over training."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.faults import Fault
from aeaug.run.files import Files
from aeaug.run.metrics import METRICS, RunMetric
from aeaug.run.table.row import Row, spaces_of

__all__ = ["number_rows"]

_PARTS = {metric.without_key: metric for metric in OF_IMAGES.values() if metric.parts}
_LEAK_SETS = {"real": "share_real", "reconstructed": "share_reconstructed", "decoded": "share_decoded"}
MOST_SHARES = 100  # of classes, of which a table has a row each
_JUDGED = ("train", "validation", "generated", "decoded")


def number_rows(folder: Path, files: Files) -> Iterator[Row]:
    """At the end, those of a run that is done; over training, whatever there is. Raises :class:`Fault` for what an
    earlier version measured."""
    results, done, lead = files.metrics, files.state == "done", spaces_of(files)[0]
    if "test" in results:
        raise Fault(
            f"{folder / 'metrics.json'}: an earlier version measured it, by other rules: run it again with "
            "scripts/evaluate.py, report with that version, or move the run's folder away"
        )
    for reading, found in (results.get("readings") or {}).items() if done else ():
        for space, measured in found["spaces"].items():
            yield from _measured("test", "generated", measured, reading=reading, space=space)
        for key in ("images", "of"):
            if found.get(key) is not None:
                yield "test", "generated", key, reading, "", None, float(found[key]), ""
    for name, floor in (results.get("floors") or {}).items() if done else ():
        yield from _floor("test", name, floor)
    yield from _floor("validation", "real", results.get("validation_floor"))
    for metric in METRICS.values():
        if isinstance(metric, RunMetric) and (done or metric.of_diverged):
            reading, space = ("end", lead) if metric.place == "generated" else ("", "")
            yield "test", metric.place, metric.key, reading, space, None, _number(metric.read(files)), ""
    leak = results.get("leak") or {}
    if done and leak:
        for name, key in _LEAK_SETS.items():
            yield "test", name, "leak_share", "", lead, None, _number(leak.get(key)), ""
        to_test = _number(leak.get("frechet_to_test"))
        yield "test", "generated", "leak_frechet_to_test", "end", lead, None, to_test, ""
    yield from _autoencoder(results.get("autoencoder") or {})
    for point in files.history:
        yield from _point(point, lead)
    for images, seconds in files.status.get("pace") or ():
        yield "", "run", "processor_seconds", "", "", int(images), float(seconds), ""


def _floor(split: str, name: str, floor: Mapping[str, Any] | None) -> Iterator[Row]:
    """A floor in every space, and of one that is drawn several times the standard deviation; none where it is null."""
    for what, of in (("spaces", name), ("sd", f"{name}_sd")):
        for space, measured in ((floor or {}).get(what) or {}).items():
            yield from _measured(split, of, measured, space=space)


def _measured(
    split: str,
    name: str,
    measured: Mapping[str, Any],
    images: int | None = None,
    reading: str = "",
    *,
    space: str,
) -> Iterator[Row]:
    for key, value in measured.items():
        if key == "class_histogram":
            for label, share in enumerate(value if value and len(value) <= MOST_SHARES else ()):
                yield split, name, f"class_{label}", reading, space, images, _number(share), ""
        elif key in _PARTS:
            for part, number in enumerate(value or ()):
                yield split, name, _PARTS[key].without(part).key, reading, space, images, _number(number), ""
        elif key in OF_IMAGES or key == "data_copying_cells":
            yield split, name, key, reading, space, images, _number(value), _note(key, value, measured)


def _note(key: str, value: Any, measured: Mapping[str, Any]) -> str:
    """Why there is no number."""
    return "cells too small" if key == "data_copying" and value is None and "data_copying_cells" in measured else ""


def _point(point: Mapping[str, Any], lead: str) -> Iterator[Row]:
    images, judged = int(point["images"]), point.get("discriminator") or {}
    yield from _measured("validation", "generated", point, images, space=lead)
    for key in ("loss_d", "loss_g"):
        yield "", "run", key, "", "", images, _number(point.get(key)), ""
    for name in _JUDGED:
        yield "", name, "logit", "", "", images, _number(judged.get(f"logit_{name}")), ""
        yield "", name, "called_real", "", "", images, _number(judged.get(f"real_{name}")), ""
    for key in ("r_t", "r_v"):
        yield "", "run", key, "", "", images, _number(judged.get(key)), ""


def _autoencoder(found: Mapping[str, Any]) -> Iterator[Row]:
    """What it is worth by itself; a number for each gamma is a row for each, ``labels_kept@0.5``."""
    note, quality = str(found.get("key", "")), found.get("quality") or {}
    gammas = quality.get("gammas") or ()
    for key, value in {"steps": found.get("kept"), **quality}.items():
        if key == "gammas" or value is None:
            continue
        many = isinstance(value, list)
        for gamma, one in zip(gammas, value, strict=True) if many else [("", value)]:
            yield "validation", "autoencoder", f"{key}@{gamma:g}" if many else key, "", "", None, _number(one), note


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else math.nan
