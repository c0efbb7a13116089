"""Runs that two experiments have, the same arm on the same images with the same seed, made twice: they come to the same
numbers, and what is found of them once is no evidence of its own the second time."""

from collections.abc import Iterator, Sequence

from aeaug.evaluation.reading import number
from aeaug.published.experiment import Experiment, size_words
from aeaug.published.markdown import code
from aeaug.published.table import CLOSE
from aeaug.run.metrics import METRICS
from aeaug.run.records import RunRecord

__all__ = ["MADE_AGAIN", "known_before", "repeats"]

MADE_AGAIN = """Runs that two experiments have, made again with the same result, are no evidence of their own the second
time, and where a claim is about them, its runs were known in part when it was written down:"""

_FD = METRICS["frechet_distance"]


def known_before(every: Sequence[Experiment]) -> dict[str, list[str]]:
    """By the name of an experiment, what of it those before it have, too; it is left out where they have nothing."""
    said = {one.name: list(repeats(one, every[:place])) for place, one in enumerate(every)}
    return {name: phrases for name, phrases in said.items() if phrases}


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
                apart = {key: abs(own[key][0] - theirs[key][0]) for key in both}
                if both and all(found < CLOSE for found in apart.values()):
                    count = f"{number(len(both))} of {number(len(own))} runs, {size_words(n_train)} images"
                    elsewhere = _elsewhere([(found, own[key][1], theirs[key][1]) for key, found in apart.items()])
                    said.append(f"{code(arm)} ({count}{f', there {code(name)}' * (name != arm)}{elsewhere})")
        if said:
            are = "are those" if len(said) > 1 else "is that"
            yield f"{', '.join(said)} {are} of {code(other.name)}"


def _elsewhere(made: Sequence[tuple[float, RunRecord, RunRecord]]) -> str:
    """By how much log FD differs at most between the runs that were made on two processors; empty where none was."""
    found = [
        apart
        for apart, one, other in made
        if {one.words.get("processor"), other.words.get("processor")} > {one.words.get("processor", "")}
    ]
    return f", {len(found)} on another processor, with log FD off by up to {max(found):.0e}" if found else ""


def _done(one: Experiment, n_train: int | None, arm: str) -> dict[tuple[int, int], tuple[float, RunRecord]]:
    """log FD of the finished runs, with the run, by subset and seed."""
    runs = (run for run in one.runs if run.arm == arm and run.n_train == n_train)
    return {run.key: (value, run) for run in runs if (value := run.on_scale(_FD)) is not None}
