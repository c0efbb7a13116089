"""What ``augmentation=auto`` looks up, made of the main experiment's table: at each size the arm that the advice
names (:mod:`aeaug.published.advice`), with the settings of its runs and what became of their FD; the control where no
arm is shown to help."""

import json
from typing import Any

from aeaug.published.advice import chosen, elsewhere, shown_to_help
from aeaug.published.commands import typed_arm
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison

__all__ = ["recommendations"]

_DIGITS = 6  # of a difference of logarithms: the file is read by people


def recommendations(results: Results | None) -> str:
    """The content of ``recommended.json``; of no results, or sizes at which no arm has pairs enough, nothing."""
    found: dict[str, Any] = {}
    if results is not None:
        for group in results.groups:
            best, many = chosen(results, group)
            if many and group.n_train is not None and group.control is not None:
                found[str(group.n_train)] = _entry(results, group, group.control, best)
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _entry(results: Results, group: Group, control: Arm, best: Comparison | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"control": control.name, "pairs": 0, "change": None, "interval": None, "elsewhere": {}}
    arm = control
    if best is not None and shown_to_help(best):
        assert best.paired is not None
        assert best.interval is not None
        arm = best.treatment
        entry |= {
            "pairs": len(best.paired.seeds),
            "change": round(best.paired.mean, _DIGITS),
            "interval": [round(end, _DIGITS) for end in best.interval],
            "elsewhere": {
                space: [round(value, _DIGITS) for value in (row.paired.mean, *row.interval)]
                for space, row in elsewhere(results, group, arm).items()
                if row.paired is not None and row.interval is not None
            },
        }
    overrides = [f"{key}={value}" for key, value in typed_arm(arm.name).items()]
    return {"overrides": overrides, "settings": dict(arm.settings), **entry}
