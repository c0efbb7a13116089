"""Experiments without files: arms whose numbers are planted, for what has to be repeated many times."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aeaug.report.collect import Arm, Experiment, Group
from aeaug.report.records import Budget, Data, Metrics, Results, Run

DATA = Data(name="mnist_5k", sha256="a1" * 32, n_train=500, subset_sha256="b2" * 32, n_test=1000)
BUDGET = Budget(images=1000, images_per_epoch=100, batch_size=10)
CORE: dict[str, Any] = {
    "n": 1000,
    "frechet_distance": 40.0,
    "precision": 0.8,
    "recall": 0.6,
    "density": 0.9,
    "coverage": 0.7,
    "class_histogram": (0.1,) * 10,
    "class_kl": 0.01,
    "modes": 10,
}
CLAIM: dict[str, Any] = {
    "statement": "Appending lowers FD.",
    "metric": "frechet_distance",
    "direction": "lower",
    "treatment": "append",
    "control": "none",
    "smallest_effect": 0.05,
    "seeds": 8,
}

Arms = Mapping[str, Sequence[float | str]]


def experiment(
    arms: Arms | Mapping[int | None, Arms],
    claims: Sequence[Mapping[str, Any]] = (CLAIM,),
    metric: str = "frechet_distance",
) -> Experiment:
    """Arms by name, or by training-set size and name; one entry a seed: the number of a done run, or a state."""
    sizes = arms if any(isinstance(key, int) or key is None for key in arms) else {500: arms}
    groups = []
    for n_train, members in sizes.items():
        found = [
            Arm(
                name, n_train, tuple(_run(name, seed, entry, n_train, claims, metric) for seed, entry in enumerate(row))
            )
            for name, row in members.items()
        ]
        control = next((arm for arm in found if arm.variant.split(",")[0] == "none"), None)
        groups.append(Group(n_train, tuple(found), control))
    return Experiment("synthetic", Path("runs/synthetic"), tuple(groups), ())


def _run(
    variant: str,
    seed: int,
    entry: float | str,
    n_train: int | None,
    claims: Sequence[Mapping[str, Any]],
    metric: str,
) -> Run:
    path = Path("runs/synthetic") / variant / f"seed={seed}"
    config = {} if entry == "missing" else {"variant": variant, "claims": [dict(claim) for claim in claims]}
    if isinstance(entry, str):
        return Run(path, variant, seed, n_train, entry, config)  # type: ignore[arg-type]
    test = Metrics.model_construct(**CORE | {metric: float(entry)})
    results = Results.model_construct(data=DATA, feature_net="c3" * 32, budget=BUDGET, test=test, floors={}, leak=None)
    return Run(path, variant, seed, n_train, "done", config, results=results)
