"""What the verdicts come to, in a few sentences: their words are typed (:mod:`aeaug.published.sentences`), their
numbers are the tables'.

A sentence has a place for each number, ``{ledger:1@500 supported}``: the first claim of ``experiment=ledger``, at 500
training images, and how the verdict on it is headed while the sentence is true; of one that runs are waited for
``interim inconclusive``. ``{large:1 refuted}`` is of all sizes. Another look at the same pairs has a name, and the side
on which all its interval is, ``{ledger:3@500/coverage lower}``: another number, by its key; ``best``, at the best
reading; ``label_free``, in the other feature space; ``course``, what kind of help it is over training, of which the
words themselves are the place's; ``against_all``, the treatment's FD against the control of all
arms, ``control_against_all``, its control's. ``{ledger:1@500/control itself}`` is FD itself, of the control or of the
treatment. A sentence of which one place is no longer so, or not yet, is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from aeaug.evaluation.reading import amount, number
from aeaug.published.beside import against_all, itself, paired_at
from aeaug.published.sentences import SENTENCES
from aeaug.report.statistics.exact_test import Paired
from aeaug.report.verdict.judgement import SizeVerdict, Verdict
from aeaug.run.metrics import METRICS

__all__ = ["Row", "in_short", "places"]

_PLACE = re.compile(r"\{(\w+):(\d+)(?:@(\d+))?(?:/(\w+))? ([^}]+)\}")
_MARKS = {"best": "reading", "label_free": "space"}
_FD = METRICS["frechet_distance"]


class Row(NamedTuple):
    """A verdict with its ``experiment`` and its ``number`` in the table of all of them."""

    number: int
    experiment: str
    verdict: Verdict


def in_short(rows: Sequence[Row], sentences: Sequence[str] = SENTENCES) -> Iterator[str]:
    """The ``sentences`` that are true, each with its numbers and those of the rows that it rests on."""
    by_claim = _by_claim(rows)
    for sentence in sentences:
        found = {place[0]: _found(by_claim, place) for place in _PLACE.finditer(sentence)}
        text, rests = sentence, set[int]()
        for typed, said in found.items():
            if said is None:
                break
            text = text.replace(typed, said[1])
            rests.add(said[0])
        else:
            yield f"{text} (Row{'s' * (len(rests) > 1)} {', '.join(map(str, sorted(rests)))})"


def places(rows: Sequence[Row], sentences: Sequence[str] = SENTENCES) -> dict[str, bool]:
    """Every place of the ``sentences`` as it is typed, and whether its verdict is so."""
    by_claim = _by_claim(rows)
    return {place[0]: _found(by_claim, place) is not None for text in sentences for place in _PLACE.finditer(text)}


def _by_claim(rows: Sequence[Row]) -> Mapping[tuple[str, int], Row]:
    """The rows by experiment, and number of the claim in it."""
    found: dict[tuple[str, int], Row] = {}
    for row in rows:
        found[row.experiment, 1 + sum(experiment == row.experiment for experiment, _ in found)] = row
    return found


def _found(by_claim: Mapping[tuple[str, int], Row], place: re.Match[str]) -> tuple[int, str] | None:
    """Number of the row, and the effect, of a ``place``; None where its verdict is another, or there is none."""
    experiment, claim, size, look, presumed = place.groups()
    row = by_claim.get((experiment, int(claim)))
    if row is None:
        return None
    one: Verdict | SizeVerdict | None = row.verdict
    if size is not None:
        one = next((at for at in row.verdict.sizes if at.group.n_train == int(size)), None)
    if one is None:
        return None
    if look == "course":
        said = (
            presumed if isinstance(one, SizeVerdict) and not row.verdict.interim and one.finding == presumed else None
        )
    elif presumed == "itself":
        said = _itself(row.verdict, one, look)
    elif look is not None:
        said = _looked(row.verdict, one, look, presumed)
    else:
        headed = one.measured is not None and _headed(one, row.verdict, presumed)
        said = amount(one.measured.mean, row.verdict.claim.quantity) if headed and one.measured else None
    return None if said is None else (row.number, said)


def _itself(whole: Verdict, one: Verdict | SizeVerdict, look: str | None) -> str | None:
    """FD itself, of the ``control`` or of the ``treatment``."""
    both = itself(one, whole.claim) if isinstance(one, SizeVerdict) and not whole.interim else None
    place = {"control": 0, "treatment": 1}.get(look or "")
    return None if both is None or place is None else number(both[place])


def _looked(whole: Verdict, one: Verdict | SizeVerdict, look: str, presumed: str) -> str | None:
    """The effect by another look at the same pairs, where all its interval is on the side that is presumed."""
    metric, found = whole.claim.quantity, None
    if look in _MARKS:
        found = _marked(whole, one, _MARKS[look])
    elif isinstance(one, SizeVerdict) and look.endswith("against_all"):
        metric, found = _FD, against_all(one, whole.claim.space, treatment=look == "against_all")[1]
    elif isinstance(one, SizeVerdict) and look in METRICS:
        metric, found = METRICS[look], paired_at(one, METRICS[look])
    if found is None or presumed != {-1: "lower", 1: "higher"}.get(found.side):
        return None
    return amount(found.mean, metric) if not whole.interim or look in _MARKS else None


def _marked(whole: Verdict, one: Verdict | SizeVerdict, of: str) -> Paired | None:
    """What another reading or space says, of all sizes or of one of them; of a claim about one size both are the
    same."""
    for mark in whole.marks:
        if mark.of != of:
            continue
        if isinstance(one, SizeVerdict) and len(whole.sizes) > 1:
            return next((own.paired for group, own in mark.sizes if group is one.group), None)
        return None if mark.sizes else mark.paired
    return None


def _headed(one: Verdict | SizeVerdict, whole: Verdict, presumed: str) -> bool:
    """Whether the verdict is what a sentence presumes: the outcome, with where alone it holds, and whether it is
    final."""
    if whole.exploratory or whole.interim != presumed.startswith("interim "):
        return False
    presumed = presumed.removeprefix("interim ")
    if isinstance(one, SizeVerdict):
        return one.outcome == presumed
    return " ".join([one.outcome, *one.limits]) == presumed
