"""The block of the README that says what was found, generated from the tables in docs/results."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from statistics import median

from aeaug.evaluation.reading import number
from aeaug.faults import Fault
from aeaug.published.advice import advice
from aeaug.published.beside import beside, frechet_distances
from aeaug.published.commands import command_lines
from aeaug.published.experiment import Experiment, heading, size_words
from aeaug.published.in_short import Row, in_short
from aeaug.published.markdown import code, prose, table
from aeaug.published.repeats import MADE_AGAIN, known_before
from aeaug.report import tables
from aeaug.report.decision import effect_text
from aeaug.report.facts import telling_facts
from aeaug.report.judgement import Mark, Verdict
from aeaug.report.page import evidence_text, mark_text, size_text, sizes_text, support_texts, telling_marks
from aeaug.report.results import Results
from aeaug.report.verdict import verdicts
from aeaug.run.metrics import METRICS

__all__ = ["BEGIN", "DEMO", "END", "FIGURE", "MAIN", "answer", "family", "with_answer"]

MAIN, DEMO = "ledger", "demo"
FIGURE = f"docs/figures/{MAIN}.png"
BEGIN = "<!-- results: `make results` writes what stands from here to the next such line -->"
END = "<!-- results: end -->"

_HOW_TO_READ = """FD is the distance between generated and real test images in the features of a small net: lower is
better. An arm is one way to train the GAN. Every effect is the mean over pairs of runs, of two arms on the same
training images with the same seed, with its 95% interval, or below six pairs with the smallest and the largest of them;
beneath it stands the mean at each size, with its own outcome where all sizes together have one that is not of a trend
over them, and FD itself, without the treatment and with it. FD is looked at twice more: at the best reading, which is
where validation FD was lowest during training (oracle stopping), and in label-free features, those of a net that learnt
no labels. ✗ stands where it has the other sign there, ✓ where it has the same with less than half the effect, or an
effect where none is decided. [How a verdict comes about](docs/evaluation.md#claims-and-verdicts). The command of a row
makes its runs: by themselves they come to its effect and interval, headed interim, for the other claims of their
experiment wait."""
_OUTCOMES = """*Supported*: beyond chance on the claimed side, on average by the smallest effect that matters or more,
which was set before the first run. *Refuted*: beyond chance on the other side. *No effect*: shown to be smaller than
the smallest that matters, though perhaps not nothing. *Inconclusive*: none of these is shown. *At this budget*:
an arm's validation FD still changes by 5% or more in the last quarter of the training."""
_CHANGES = "(numbers are those of the table below, without their intervals; FD: lower is better)"
_FIGURE = f"![Change of FD against the control, by size of the training set and over training]({FIGURE})"
_FIGURE_SAYS = """Below zero an arm is better than its control, `none`, which augments nothing. Upper row: by size of
the training set, on test images, with 95% intervals. Lower row: on validation images while training goes on, with 95%
bands, reading by reading."""
_ADVICE = """**What to do with n images**, at this budget. FD on validation images, in the classifier's features,
chooses the arm; numbers are of test images, of the same runs; an arm is shown to help where its interval lies below
zero, which is not corrected for the number of arms. [docs/strategies.md](docs/strategies.md) says what each
arm does."""
_INTERIM = """Verdicts are interim until the runs that the claims of their experiment compare have come to their end."""
_NOTHING = f"The main experiment, `experiment={MAIN}`, has no results yet. When it has, its verdicts open this page."
_AT_A_SIZE = "those of a size over the sizes of its claim"
_SETS = {"another real sample": "another real sample", "copy of the training subset": "a copy of the training subset"}


def with_answer(readme: str, found: Mapping[str, Experiment]) -> str:
    """The ``readme`` with its block written anew. Raises :class:`Fault` where it has none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Fault(f"README.md: there are no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{answer(found)}\n\n{END}{after}"


def answer(found: Mapping[str, Experiment]) -> str:
    """What was found: by the main experiment, where it has a table, and by the demo."""
    main, demo = found.get(MAIN), found.get(DEMO)
    parts: list[str] = []
    if main is None or main.results is None:
        parts.append(_NOTHING)
    else:
        parts += _main(main, main.results, family(found)[1:])
    if demo is not None and demo.results is not None:
        parts += _demo(demo, demo.results, short=len(parts) > 1)
    return "\n\n".join(parts)


def _main(one: Experiment, results: Results, others: Sequence[Experiment]) -> Iterator[str]:
    """The main experiment's, and the verdicts of those that begin with its file."""
    rows = [(one, row) for row in verdicts(results)]
    rows += [(other, row) for other in others if other.results is not None for row in verdicts(other.results)]
    numbered = [Row(number, of.name, row) for number, (of, row) in enumerate(rows, 1)]
    if said := [f"- {line}" for line in in_short(numbered)]:
        yield "\n".join([prose(f"**In short**, {_scope(one)} {_CHANGES}:"), "", *said])
    interim = f" {_INTERIM}" * any(row.interim for _, row in rows)
    waiting = [code(other.name) for other in others if other.results is None]
    missing = f" Not run yet: {', '.join(waiting)}." * bool(waiting)
    yield prose(f"{one.recipe.question} {one.progress}.{missing}{interim} {_HOW_TO_READ} {_floors([one, *others])}")
    yield prose(f"{_OUTCOMES} {_families(rows)}")
    if meanings := dict.fromkeys(said for _, row in rows if _is_other(row) for said in _meanings(row)):
        yield prose(f"Numbers other than FD: {'; '.join(meanings)}.")
    columns = ("", "claim", "verdict", "effect [95% interval]", "matters from", "training images", "to repeat it")
    cells = [_verdict(one, row) for one, row in rows]
    yield table(columns, [(str(place), *found) for place, found in enumerate(cells, 1)], words=7)
    known = known_before([one, *others])
    if again := [f"of {code(name)}, {', '.join(said)}" for name, said in known.items()]:
        yield prose(f"{MADE_AGAIN} {'; '.join(again)}.")
    yield f"{_FIGURE}\n\n{prose(_FIGURE_SAYS)}"
    yield "\n".join([prose(_ADVICE), "", *(f"- {line}" for line in advice(results))])
    yield f"All arms, costs, commits and what is not run yet: [docs/results/{one.name}.md](docs/results/{one.name}.md)."


def family(found: Mapping[str, Experiment]) -> list[Experiment]:
    """The main experiment, and those that begin with its file; nothing where it is not there."""
    others = [one for one in found.values() if MAIN in one.recipe.begins_with]
    return [found[MAIN], *others] if MAIN in found else []


def _floors(every: Sequence[Experiment]) -> str:
    """FD of other real images, by experiment where it is not the same in all."""
    found: dict[str, list[str]] = {}
    for one in every:
        if floors := [value for run in one.runs if (value := run.of(METRICS["frechet_distance"], "real")) is not None]:
            found.setdefault(number(median(floors)), []).append(code(one.name))
    said = [f"{value} ({', '.join(names)})" if len(found) > 1 else value for value, names in found.items()]
    return f"Other real images have an FD of {', '.join(said)}." if found else ""


def _scope(one: Experiment) -> str:
    """Of which GAN, images and budget the main experiment is."""
    (setting,) = {
        (run.settings["gan.network"], run.settings["data.name"], run.counts["budget.images"]) for run in one.runs
    }
    gan, data, shown = setting
    return f"of `gan={gan}` on `data={data}` after {number(shown)} images shown"


def _families(rows: Sequence[tuple[Experiment, Verdict]]) -> str:
    """Over which claims p-values are corrected."""
    ends = list(accumulate(Counter(one.name for one, _ in rows).values()))
    spans = [f"{begin + 1} to {end}" if begin + 1 < end else str(end) for begin, end in pairwise([0, *ends])]
    if len(spans) < 2:
        return f"p-values are corrected over all of these claims, {_AT_A_SIZE}."
    over = f"over the claims of one experiment, {', '.join(spans[:-1])} and {spans[-1]}"
    return f"p-values are corrected {over}, {_AT_A_SIZE}."


def _is_other(row: Verdict) -> bool:
    return row.claim.metric != "frechet_distance" or row.claim.of == "spread"


def _meanings(row: Verdict) -> Iterator[str]:
    """What a number is, and those that it is to be read by, for who meets them first."""
    metric = row.claim.measure
    if row.claim.of == "spread":
        of = f"log {metric.label}" if metric.scale == "log" else metric.label
        yield f"*{row.label}*, the mean absolute deviation of {of} from the arm's median"
        return
    yield f"*{metric.label}*, {metric.meaning}" + f" ({metric.caution})" * bool(metric.caution)
    for other in (METRICS[key] for key in metric.read_by if key != "frechet_distance"):
        yield f"*{other.label}*, {other.meaning}"


def _verdict(one: Experiment, row: Verdict) -> tuple[str, ...]:
    sizes = ", ".join(map(size_words, row.claim.sizes or [size.group.n_train for size in row.sizes]))
    commands = "<br>".join(map(code, command_lines(one.recipe, row.claim)))
    return row.claim.statement, f"**{heading(row)}**", _effect(row), effect_text(row.claim), sizes, commands


def _effect(row: Verdict) -> str:
    """Over all sizes, and the mean of each: what helps at one and harms at another is neither on average. Beneath it FD
    itself, why nothing is decided, what it has to be read by, and where another reading or feature space says something
    else: what holds in one alone may be a property of that."""
    if row.ends is None:  # while other sizes are waited for, nothing can be said of all of them
        said = "; ".join(map(size_text, row.beneath)) or evidence_text(row)
        over = not row.interim and any(size.ends is not None for size in row.sizes)
        return f"{said}<br>{row.reason}" if over else said
    sizes, other = sizes_text(row), list(_other_looks(row))
    why = [row.reason] * (row.outcome == "inconclusive")
    lost = [row.divergences] * any(row.diverged)
    known = telling_facts(row)
    itself = [*[sizes] * bool(sizes), *frechet_distances(row)]
    return "<br>".join([evidence_text(row), *itself, *why, *lost, *beside(row), *known, *other])


def _other_looks(row: Verdict) -> Iterator[str]:
    """Other readings and spaces that say something else: the other sign, less than half the effect, or an effect beyond
    chance where none is decided."""
    for mark in telling_marks(row):
        decided = row.outcome == "inconclusive" and mark.beyond_chance
        if not mark.agrees or decided or _smaller(mark, row):
            yield mark_text(mark, row.claim)


def _smaller(mark: Mark, row: Verdict) -> bool:
    """Whether another reading or space has less than half the effect, on the metric's scale."""
    return row.measured is not None and not mark.sizes and abs(mark.paired.mean) < abs(row.measured.mean) / 2


def _demo(one: Experiment, results: Results, *, short: bool) -> Iterator[str]:
    (row,) = verdicts(results)
    sizes = ", ".join(size.group.size for size in row.sizes)
    shown = sorted({run.counts["budget.images"] for run in one.runs})
    setting = f"`make demo`, {sizes} training images, {' or '.join(map(number, shown))} images shown"
    more = f"[docs/results/{one.name}.md](docs/results/{one.name}.md)"
    effect = "; ".join([evidence_text(row), *frechet_distances(row), *_other_looks(row)])
    said = f"In small ({setting}): “{row.claim.statement}” is **{heading(row)}**, {effect} ({more})."
    if short:
        yield prose(said)
        return
    yield prose(f"{said} Beside it: {'; '.join(support_texts(row))}. {_HOW_TO_READ}")
    found = tables.metrics_table(results, ["frechet_distance", "coverage", "authenticity"], ratio=True)
    changes = tables.arms_table(results)
    assert found is not None
    assert changes is not None
    paired = changes.columns.index("FD, paired change")
    change = {line.cells[0]: line.cells[paired] for line in changes.rows}
    cells = []
    for line in found.rows:
        name = line.cells[0]
        if line.kind == "arm" or name in _SETS:
            beside = (re.sub(r" \[[^\]]*\]", "", cell) for cell in line.cells[2:-2])  # FD alone has its range
            cells.append((_SETS.get(name, code(name)), line.cells[1], *beside, change.get(name, "")))
    yield table(("arm", *found.columns[1:-2], "FD, paired change"), cells)
