"""What ``augmentation=auto`` looks up, made of the main experiment's table: at each size the arm that the advice
names (:mod:`aeaug.published.advice`), with the settings of its runs and what became of their FD; the control where no
arm is shown to help."""

import json
from typing import Any

from aeaug.published.advice import chosen
from aeaug.report.arms import Arm
from aeaug.report.comparison import Comparison
from aeaug.report.results import Results

__all__ = ["recommendations"]

_DIGITS = 6  # of a difference of logarithms: the file is read by people


def recommendations(results: Results | None) -> str:
    """The content of ``recommended.json``; of no results, or sizes at which no arm has pairs enough, nothing."""
    found: dict[str, Any] = {}
    for group in results.groups if results is not None else ():
        best, many = chosen(results, group) if results is not None else (None, 0)
        control = group.control
        if many and group.n_train is not None and control is not None:
            found[str(group.n_train)] = _entry(control, best)
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _entry(control: Arm, best: Comparison | None) -> dict[str, Any]:
    helps = best is not None and best.interval is not None and best.interval[1] < 0
    best = best if helps else None
    arm = control if best is None else best.treatment
    paired = None if best is None else best.paired
    interval = None if best is None or best.interval is None else [round(end, _DIGITS) for end in best.interval]
    return {
        "overrides": [part if "=" in part else f"arm={part}" for part in arm.name.split(",")],
        "settings": dict(arm.settings),
        "control": control.name,
        "pairs": 0 if paired is None else len(paired.seeds),
        "change": None if paired is None else round(paired.mean, _DIGITS),
        "interval": interval,
    }
