"""A claim in one row of the README: its verdict, the effect, and what the effect would be misread without. All that
stands beside a verdict is on its experiment's page, where the row's number leads."""

from collections.abc import Collection, Iterator, Sequence

from aeaug.evaluation.reading import amount
from aeaug.published.beside import (
    against_control_of_all,
    looks_at_size,
    other_looks,
    read_by,
    said_of_frechet,
    themselves,
)
from aeaug.published.commands import command_lines
from aeaug.published.experiment import Experiment, heading, size_words
from aeaug.published.in_short import Row
from aeaug.published.markdown import code
from aeaug.report.page import evidence_text, size_text
from aeaug.report.statistics.course import TURNING
from aeaug.report.statistics.decision import effect_text
from aeaug.report.verdict.facts import telling_facts
from aeaug.report.verdict.judgement import SizeVerdict, Verdict

__all__ = ["COLUMNS", "claim_row"]

COLUMNS = ("", "claim", "verdict", "effect [95% interval]", "to repeat it")


def claim_row(one: Experiment, row: Row, others: Sequence[Row], budgets: Collection[float]) -> tuple[str, ...]:
    """The cells of a row of ``one``; ``others`` are all rows, of which those about FD need not be said again;
    ``budgets`` are how many images were shown where nothing else is said."""
    claim = row.verdict.claim
    place = sum(other.experiment == row.experiment and other.number <= row.number for other in others)
    number = f"[{row.number}](docs/results/{one.name}.md#claim-{place})"
    told = any(said_of_frechet(other.verdict.claim) and _pairs(other) == _pairs(row) for other in others)
    commands = "<br>".join(map(code, command_lines(one.recipe, claim)))
    said = [*_effect(row.verdict, told), *(f"after {count} images shown" for count in _others_shown(one, budgets))]
    return number, claim.statement, f"**{heading(row.verdict)}**", "<br>".join(said), commands


def _others_shown(one: Experiment, budgets: Collection[float]) -> list[str]:
    return [size_words(int(count)) for count in sorted({run.counts["budget.images"] for run in one.runs} - {*budgets})]


def _pairs(row: Row) -> tuple[object, ...]:
    """Which runs are compared."""
    claim = row.verdict.claim
    return row.experiment, claim.treatment, claim.control, claim.sizes


def _effect(row: Verdict, told: bool) -> Iterator[str]:
    """Over all sizes, and the mean of each: what helps at one and harms at another is neither on average. Beneath it
    what it has to be read by (FD not where another row has ``told`` it), and where another reading or feature space has
    the other sign: what holds in one alone may be a property of that."""
    if row.ends is None:  # while other sizes are waited for, nothing can be said of all of them
        yield "; ".join(map(size_text, row.beneath)) or evidence_text(row)
        if not row.interim and any(size.ends is not None for size in row.sizes):
            yield row.reason
        return
    least = f"{effect_text(row.claim)} matters"
    measured = [size for size in row.beneath if size.measured is not None]
    itself = themselves(row) if row.claim.of != "trend" else {}  # whose FD another row has
    if len(measured) > 1:
        yield f"{evidence_text(row)}; {least}"
        apart = any(size.outcome not in (None, row.outcome) for size in measured)
        yield from (_at_a_size(size, row, itself.get(size.group.size, ""), apart) for size in measured)
    else:
        sizes = " and ".join(size_words(size.group.n_train) for size in measured or row.sizes)
        yield f"{evidence_text(row)}, {sizes} images; {least}"
        yield from (f"{row.claim.at_size.label} {change}" for change in itself.values())
        for size in row.sizes:
            yield from _turning(size)
    if any(row.diverged):
        yield row.divergences
    yield from read_by(row, but=("frechet_distance",) if told else ())
    yield from against_control_of_all(row)
    yield from telling_facts(row)
    yield from other_looks(row)


def _at_a_size(size: SizeVerdict, row: Verdict, itself: str, apart: bool) -> str:
    """``100: −9.7%, supported (500 → 452)``: the outcome where sizes are ``apart`` in theirs, and what is compared
    ``itself``."""
    assert size.measured is not None
    said = f"{size.group.size}: {amount(size.measured.mean, row.claim.quantity)}"
    said += f", {size.outcome}" * (apart and size.outcome is not None) + f" ({itself})" * bool(itself)
    return "; ".join([said, *looks_at_size(size, row), *_turning(size)])


def _turning(size: SizeVerdict) -> Iterator[str]:
    """That an effect on FD had the other sign earlier in training, if it had."""
    if size.finding in TURNING and said_of_frechet(size.claim):
        own = size.group.controls.get(size.claim.treatment)
        other = own is None or own.name != size.claim.control
        yield f"against {code(size.claim.control)} " * other + size.kind
