"""Which runs may stand beside each other (design, sections 3 and 5).

Over a whole experiment: one data source, one feature net, one budget, one number of evaluated samples. Within
one training-set size: the same subset for the same seed in every arm. Within one arm: the same settings in
every seed, or "arm" would name two things. Whatever breaks one of these is refused, never averaged over.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from aeaug.report.records import Results, Run

__all__ = ["require_comparable", "settings"]

_SHOWN = 3
_MACHINE = {"data.root", "trainer.name", "trainer.accelerator", "trainer.threads", "trainer.progress"}

_OVER_THE_EXPERIMENT: dict[str, Callable[[Results], Hashable]] = {
    "data source": lambda r: (r.data.name, r.data.sha256[:12], f"{r.data.n_test} test images"),
    "feature net": lambda r: r.feature_net[:12],
    "budget": lambda r: (r.budget.images, r.budget.images_per_epoch, r.budget.batch_size),
    "number of evaluated samples": lambda r: None if r.test is None else r.test.n,
}


def require_comparable(name: str, runs: Sequence[Run]) -> None:
    """Raise one `ValueError` naming each quantity that differs, its values and the runs that hold them."""
    measured = [(run, run.results) for run in runs if run.results is not None]
    faults = []
    for what, value in _OVER_THE_EXPERIMENT.items():
        faults += _fault(what, [(run.label, value(results)) for run, results in measured])
    for place in sorted({(run.n_train or 0, run.seed) for run, _ in measured}):
        here = [(run.label, r.data.subset_sha256[:12]) for run, r in measured if (run.n_train, run.seed) == place]
        faults += _fault(f"training subset for n_train={place[0]}, seed={place[1]}", here)
    for variant, n_train in sorted({(run.variant, run.n_train or 0) for run in runs}):
        arm = [(run.label, settings(run.config)) for run in runs if (run.variant, run.n_train) == (variant, n_train)]
        for key in sorted({key for _, setting in arm for key in setting}):
            faults += _fault(key, [(label, str(setting.get(key))) for label, setting in arm])
    if faults:
        raise ValueError(f"the runs of experiment {name!r} cannot be compared: {'; '.join(faults)}")


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make the science, flattened: not where a run is written, nor on what machine.

    An arm that injects nothing uses neither autoencoder nor perturbation, whatever its config says of them.
    """
    sections = {
        "data",
        "budget",
        "gan",
        "augmentation",
        "autoencoder",
        "perturbation",
        "trainer",
        "evaluation",
    }
    if (config.get("augmentation") or {}).get("name") == "none":
        sections -= {"autoencoder", "perturbation"}
    found = _flat({section: config[section] for section in sorted(sections & config.keys())})
    # Seeds are what repeats an arm; the subset a seed chose is compared by its hash.
    return {key: value for key, value in found.items() if key not in _MACHINE and not key.endswith("seed")}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of a nested mapping under dotted keys: `{"a": {"b": 1}}` gives `{"a.b": 1}`."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        leaves |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return leaves


def _fault(what: str, held: Iterable[tuple[str, Hashable]]) -> list[str]:
    holders: dict[Hashable, list[str]] = {}
    for label, value in held:
        if value is not None:
            holders.setdefault(value, []).append(label)
    if len(holders) < 2:
        return []
    return [f"{what} differs ({', but '.join(f'{_text(v)} in {_some(labels)}' for v, labels in holders.items())})"]


def _text(value: Hashable) -> str:
    return " / ".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


def _some(labels: Sequence[str]) -> str:
    more = len(labels) - _SHOWN
    return ", ".join(labels[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
