"""Which runs may stand beside each other.

Over all of them: one data source, the same feature nets, one budget, one number of evaluated samples and of readings.
Within one size of the training set: one subset under one name in every run, and for the same subset and seed the same
kind of device, by which latents are drawn.
Within one arm: the same settings in every seed, or "arm" would name two things. Whatever breaks one of these is
refused, never averaged over.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the list is read where no table is
    from aeaug.run.records import RunRecord

__all__ = ["OF_BUDGET", "READINGS", "require_comparable"]

OF_BUDGET = ("budget.images", "budget.images_per_epoch", "budget.batch_size")
"""What all runs that stand beside each other have the same of their budgets."""

READINGS = "evaluation.every"
"""Which, with these, says how many readings there are."""

_SHOWN = 3  # runs named of those that hold a value


def require_comparable(name: str, runs: "Sequence[RunRecord]") -> None:
    """Raise one ``ValueError`` naming each quantity that differs, its values and the runs that hold them."""
    faults = []
    nets = {key for run in runs for key in run.words if key.startswith("feature_net.")}
    faults += _fault("leading feature space", [(run.label, run.lead) for run in runs])
    for what, key in (
        ("data source", "data.sha256"),
        *((f"feature net ({key.partition('.')[2]})", key) for key in sorted(nets)),
    ):
        faults += _fault(what, [(run.label, run.words.get(key, "")[:12]) for run in runs])
    for what, key in (
        *((key, key) for key in OF_BUDGET),
        ("number of evaluated samples", "data.n_test"),
    ):
        faults += _fault(what, [(run.label, _count(run.counts.get(key))) for run in runs])
    # The best of more readings is better, whatever the arm.
    faults += _fault(READINGS, [(run.label, run.settings.get(READINGS, "")) for run in runs])
    pairs, arms = defaultdict(list), defaultdict(list)
    for run in runs:
        pairs[run.n_train, run.subset].append((run.label, run.words.get("data.subset_sha256", "")[:12]))
        arms[run.n_train, run.arm].append(run)
    for (n_train, subset), held in pairs.items():
        faults += _fault(f"training subset {subset} for n_train={n_train}", held)
    faults += _fault("device of runs that are paired", _on_other_devices(runs))
    for members in arms.values():
        for key in sorted({key for run in members for key in run.settings} - {READINGS}):
            faults += _fault(key, [(run.label, run.settings.get(key, "unused")) for run in members])
    if faults:
        remedy = "move the runs of one kind away, and give them another name=…"
        raise ValueError(f"the runs of experiment {name!r} cannot be compared: {'; '.join(faults)}; {remedy}")


def _on_other_devices(runs: "Sequence[RunRecord]") -> list[tuple[str, str]]:
    """The runs whose pair has a run on another kind of device, with their own kind; not those that do not say it."""
    pairs = defaultdict(list)
    for run in runs:
        if kind := run.words.get("device", "").partition(":")[0]:
            pairs[run.n_train, run.key].append((run.label, kind))
    return [held for pair in pairs.values() if len({kind for _, kind in pair}) > 1 for held in pair]


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _fault(what: str, held: Iterable[tuple[str, str]]) -> list[str]:
    """``held``: runs and their values, empty where one has none."""
    holders: dict[str, list[str]] = {}
    for label, value in held:
        if value:
            holders.setdefault(value, []).append(label)
    if len(holders) < 2:
        return []
    return [f"{what} differs ({', but '.join(f'{value} in {_some(labels)}' for value, labels in holders.items())})"]


def _some(labels: Sequence[str]) -> str:
    more = len(labels) - _SHOWN
    return ", ".join(labels[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
