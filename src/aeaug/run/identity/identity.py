"""Whether the run in a folder is the one that is asked for, and how far this start of it goes.

Two configs are of one run where they differ only in options that are free (:mod:`aeaug.run.identity.free`), in what it
has no use for (:func:`aeaug.run.options.unused`), and in the budget, which it may outgrow: ``budget.extend`` goes on to
more images in the same folder, bit for bit as if they had been asked for at first. Whoever asks for one of its earlier
budgets again finds the longer run. The folder's ``config.yaml`` is that of its largest budget, its ``status.json`` and
the numbers of earlier ones, ``metrics.<images>.json``, know the others.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from aeaug.options import flat
from aeaug.run.identity.free import is_free, makes_no_other
from aeaug.run.identity.provenance import changed_software, majors
from aeaug.run.options import STAGES, RunOptions, is_unused, unused

__all__ = [
    "Stale",
    "aimed",
    "budgets",
    "differences",
    "identity",
    "lacking",
    "measured_budgets",
    "metrics_of_budget",
    "refusal",
    "science",
    "stale",
]

# Options that a run has by what it chose.
OF_CHOICES = (
    *(f"{stage}." for stage in ("augmentation", *STAGES)),
    *("gan.penalty.", "gan.view.", "gan.pseudo.", "gan.r1_schedule.", "gan.penalty_schedule."),
    *("gan.view_schedule.", "gan.pseudo_schedule."),
)


class Stale(ValueError):
    """A folder holds a run that is not the one that is asked for, or that other software made; ``reason``: why."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def stale(
    folder: Path, config: Mapping[str, Any], made_with: Mapping[str, str], options: RunOptions, before: Collection[int]
) -> Stale | None:
    """Why the run in ``folder``, of this ``config``, of software ``made_with``, and asked for the budgets ``before``,
    is not that of ``options``; None where it is."""
    redo = "stale=redo moves it aside and runs it again"
    if absent := lacking(config, options.model_dump()):
        file, reason = folder / "config.yaml", f"its config.yaml has no {absent[0]}"
        return Stale(f"{file} has no {absent[0]}, it was cut short or an earlier version wrote it: {redo}", reason)
    if different := differences(config, options, before):
        message = f"{folder} holds a run with another config ({'; '.join(different)})"
        return Stale(f"{message}: {redo}, another variant=… keeps both", different[0])
    if changed := changed_software(made_with):
        return Stale(f"{folder} was {changed[0]}: {redo}", changed[0])
    return None


def metrics_of_budget(folder: Path, images: int) -> Path:
    """Where the numbers at the end of an earlier budget are kept."""
    return folder / f"metrics.{images}.json"


def measured_budgets(folder: Path) -> set[int]:
    """The earlier budgets whose numbers are kept."""
    names = (re.fullmatch(r"metrics\.(\d{1,11})\.json", file.name) for file in folder.glob("metrics.*.json"))
    return {int(name[1]) for name in names if name}


def budgets(folder: Path, config: Mapping[str, Any], status: Mapping[str, Any]) -> frozenset[int]:
    """Every ``budget.images`` that the run in ``folder`` was asked for; the largest is the one that it goes to."""
    found = {*status.get("asked", ()), *(one["images"] for one in status.get("extended", ()))}
    found |= measured_budgets(folder)
    images = (config.get("budget") or {}).get("images")
    return frozenset(found | ({images} if isinstance(images, int) else set()))


def aimed(options: RunOptions, before: Collection[int]) -> RunOptions:
    """``options`` with the budget that this start trains to: what it asks for, or where that is one of those ``before``
    and it extends nothing, the largest of them."""
    budget = options.budget
    if budget.extend is None and budget.images in before:
        return options.with_budget(max(before))
    return options.with_budget(budget.extend or budget.images)


def refusal(options: RunOptions, before: Collection[int]) -> str | None:
    """Why ``options`` cannot extend a run that was asked for the budgets ``before``; None where they can, or do not."""
    extend, there = options.budget.extend, max(before, default=0)
    if extend is None or not before:
        return None
    if extend < there:
        return f"budget.extend={extend}: the run that is there goes to {there} images already"
    epochs, every = options.with_budget(there).epochs, options.evaluation.every
    if extend > there and epochs % every:
        return (
            f"budget.extend={extend}: the run that is there has its last reading after epoch {epochs}, where a longer "
            f"one has none (evaluation.every={every})"
        )
    return None


def lacking(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Options that every run has, and the config ``old`` does not."""
    before = flat(old)
    return [key for key in flat(new) if key not in before and not (key.startswith(OF_CHOICES) or is_free(key))]


def differences(old: Mapping[str, Any], options: RunOptions, before: Collection[int]) -> list[str]:
    """What tells the config ``old``, of a run that was asked for the budgets ``before``, from that of ``options``."""
    new = aimed(options, before)
    there, here = flat(old), flat(new.model_dump(mode="json"))
    outgrown, idle = options.budget.extend is not None or options.budget.images in before, _idle(new)
    return [
        f"{key}: {there.get(key)} there, {here.get(key)} here"
        for key in sorted(there.keys() | here.keys())
        if there.get(key) != here.get(key) and not (makes_no_other(key) or is_unused(key, idle))
        if key != "budget.images" or not outgrown
    ]


def science(options: RunOptions) -> dict[str, Any]:
    """What makes the run's numbers: its options under dotted keys, without those that say nothing of what it is."""
    idle = _idle(options) | dict.fromkeys(("name", "variant", "budget.extend"), "it says where, and how far")
    found = flat(options.model_dump(mode="json"))
    return {key: value for key, value in found.items() if not (makes_no_other(key) or is_unused(key, idle))}


def _idle(options: RunOptions) -> dict[str, str]:
    """What the run has no use for; a choice's name stands for all of it, and a subset's seed is the run's then."""
    kept = (".name", ".kind", "data.subset_seed")
    return {key: reason for key, reason in unused(options).items() if not key.endswith(kept)}


def identity(options: RunOptions) -> str:
    """What the run is, as 16 hexadecimal digits: a hash of :func:`science` and of the major versions of the software
    that decides whether a run can be gone on with. The subset follows from both."""
    content = {"science": science(options), "software": majors()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
