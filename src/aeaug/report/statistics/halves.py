"""Pairs whose halves were made under different circumstances: with other threads, software, or on another processor.

These are no part of what a run is (:mod:`aeaug.run.identity.free`), and move last digits; over a training digits grow.
Halves on different kinds of device, which draw otherwise, are refused before (:mod:`aeaug.run.identity.comparability`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from aeaug.report.arms import Arm
from aeaug.run.records import RunRecord

__all__ = ["unlike_halves"]


def unlike_halves(pairs: Iterable[tuple[Arm, Arm]]) -> str:
    """Which circumstances differ between the two runs of a pair, and in how many of the ``pairs`` of arms, of those
    that were begun; empty where none does. What a run does not say, as those of earlier versions do not, differs in
    nothing."""
    begun, counts, values = 0, defaultdict[str, int](int), defaultdict[str, dict[str, None]](dict)
    for treatment, control in pairs:
        others = {run.key: run for run in control.runs if run.state != "missing"}
        for run in treatment.runs:
            if run.state == "missing" or run.key not in others:
                continue
            begun += 1
            there, here = dict(_said(others[run.key])), dict(_said(run))
            for form in there.keys() & here.keys():
                if there[form] != here[form]:
                    counts[form] += 1
                    values[form] |= {there[form]: None, here[form]: None}
    return ", ".join(
        f"{counts[form]} of {begun} {form.format(' and '.join(sorted(values[form], key=_shorter_first)))}"
        for form in sorted(counts)
    )


def _shorter_first(value: str) -> tuple[int, str]:
    """2 before 10."""
    return len(value), value


def _said(run: RunRecord) -> Iterator[tuple[str, str]]:
    """What the run says of its circumstances, by how that is said."""
    if threads := run.words.get("threads"):
        yield "with {} threads", threads
    if processor := run.words.get("processor"):
        yield "on {}", processor
    for word in run.words.get("versions", "").split(", "):
        package, _, version = word.partition(" ")
        if version and package.isidentifier():  # a table can say anything
            yield f"with {package} {{}}", version
