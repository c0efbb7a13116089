"""What the verdicts come to, in a few sentences: their words are typed here, their numbers are the tables'.

A sentence has a place for each number, ``{ledger:1@500 supported}``: the first claim of ``experiment=ledger``, at 500
training images, and how the verdict on it is headed while the sentence is true. ``{large:1 refuted}`` is of all sizes.
``{ledger:3@500/coverage lower}`` is of another number of the same pairs, and of the side on which all its interval is.
A sentence of which one verdict is no longer so, or not yet, is left out, and a test says so: somebody has to write
another one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import amount
from aeaug.published.beside import paired_at
from aeaug.report.judgement import SizeVerdict, Verdict
from aeaug.run.metrics import METRICS

__all__ = ["SENTENCES", "Row", "in_short", "places"]

SENTENCES = (
    "**With few training images it helps a little, with many it harms.** At the weight of R1, a penalty on the "
    "discriminator's gradient, that suits the GAN without it, appending images decoded from perturbed codes changes "
    "FD by {ledger:1@100 supported} with 100 training images, {ledger:1@500 supported} with 500, {ledger:1@2000 "
    "refuted} with 2,000 and {large:1 refuted} with 25,000. At a weight that suits it, it harms with 2,000, too, by "
    "{own_weight:1 refuted}.",
    "**It is a regulariser among others.** With 500 images and without R1, where the GAN without it collapses, it "
    "changes FD by {regularised:1 supported}, but DiffAugment, which needs no autoencoder, does far more: against "
    "that it is {regularised:3 refuted}. With R1 tuned for each arm, {rivals:1 supported} is left of it; whether it "
    "is ahead of DiffAugment depends on the features ({rivals:2 refuted in the classifier's features alone} in those "
    "of a classifier, the other sign in those of a net that learnt no labels).",
    "**Decoded images need not become targets.** To ask the discriminator for the same logit of an image and its "
    "decoded one (consistency) changes FD, against appending that, by {regularised:2 supported} without R1 and by "
    "{ledger:10@2000 supported} with R1 and 2,000 images; with 100 by {ledger:10@100 refuted}. With 25,000 it harms, "
    "too, by {large:2 refuted} against none.",
    "**The autoencoder's quality decides.** With 500 images, against the default one, FD changes by {quality:1 "
    "supported} with a tenth of its training, by {quality:2 supported} with 2 dimensions in place of 32, and by "
    "{ledger:14 supported} with PCA in its place; that a convolutional one does better is not shown ({ledger:15 "
    "inconclusive}).",
    "**Of what else is said of it, little holds.** Images lean less towards the training images (FLD gap {ledger:2 "
    "supported}) and are more diverse by recall ({ledger:3 supported}), though not by coverage "
    "({ledger:3@500/coverage lower} with 500 images, {ledger:3@2000/coverage lower} with 2,000); the discriminator's "
    "overfitting ({ledger:4 inconclusive} of r_v) and the spread of FD over training sets ({ledger:5 inconclusive}) "
    "are not shown to fall; and no fewer runs diverge ({ledger:6 no effect}), for without it none does either.",
    "**That it is worth its cost is shown with 100 images alone**: at equal processor seconds, the autoencoder's "
    "training included, validation FD changes by {ledger:7@100 supported} with 100 and by {ledger:7@2000 refuted} "
    "with 2,000.",
)

_PLACE = re.compile(r"\{(\w+):(\d+)(?:@(\d+))?(?:/(\w+))? ([^}]+)\}")


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
    experiment, claim, size, beside, presumed = place.groups()
    row = by_claim.get((experiment, int(claim)))
    one: Verdict | SizeVerdict | None = None if row is None else row.verdict
    if row is not None and size is not None:
        one = next((at for at in row.verdict.sizes if at.group.n_train == int(size)), None)
    if row is not None and isinstance(one, SizeVerdict) and beside is not None:
        return _beside(row, one, METRICS[beside], presumed)
    if row is None or one is None or one.measured is None or not _headed(one, row.verdict, presumed):
        return None
    return row.number, amount(one.measured.mean, row.verdict.claim.quantity)


def _beside(row: Row, size: SizeVerdict, metric: Metric, presumed: str) -> tuple[int, str] | None:
    """The same of another number of the pairs at a ``size``."""
    found = paired_at(size, metric)
    if found is None or row.verdict.interim or presumed != {-1: "lower", 1: "higher"}.get(found.side):
        return None
    return row.number, amount(found.mean, metric)


def _headed(one: Verdict | SizeVerdict, whole: Verdict, presumed: str) -> bool:
    """Whether the verdict is final and is what a sentence presumes: the outcome, with where alone it holds."""
    if whole.interim or whole.exploratory:
        return False
    if isinstance(one, SizeVerdict):
        return one.outcome == presumed
    return " ".join([one.outcome, *one.limits]) == presumed
