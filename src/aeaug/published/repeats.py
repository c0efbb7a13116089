"""Runs that two experiments have, the same arm on the same images with the same seed, made twice: they come to the same
numbers, and what is found of them once is no evidence of its own the second time."""

from collections.abc import Iterator, Sequence

from aeaug.evaluation.reading import number
from aeaug.published.experiment import Experiment, size_words
from aeaug.published.markdown import code
from aeaug.run.metrics import METRICS

__all__ = ["repeats"]

CLOSE = 1e-4
"""Of FD's logarithm: other processors round otherwise."""

_FD = METRICS["frechet_distance"]


def repeats(one: Experiment, earlier: Sequence[Experiment]) -> Iterator[str]:
    """What of ``one`` the ``earlier`` experiments have, too, a phrase for each of these: ``none (10 of 10 runs, 500
    images) is that of ledger``."""
    for other in earlier:
        said = []
        for arm, n_train in dict.fromkeys((run.arm, run.n_train) for run in one.runs):
            own = _done(one, n_train, arm)
            for name in dict.fromkeys(run.arm for run in other.runs if run.n_train == n_train):
                theirs = _done(other, n_train, name)
                both = own.keys() & theirs.keys()
                if both and all(abs(own[key] - theirs[key]) < CLOSE for key in both):
                    count = f"{number(len(both))} of {number(len(own))} runs, {size_words(n_train)} images"
                    said.append(f"{code(arm)} ({count}{f', there {code(name)}' * (name != arm)})")
        if said:
            are = "are those" if len(said) > 1 else "is that"
            yield f"{', '.join(said)} {are} of {code(other.name)}"


def _done(one: Experiment, n_train: int | None, arm: str) -> dict[tuple[int, int], float]:
    """log FD of the finished runs, by subset and seed."""
    runs = (run for run in one.runs if run.arm == arm and run.n_train == n_train)
    return {run.key: value for run in runs if (value := run.on_scale(_FD)) is not None}
