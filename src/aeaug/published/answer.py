"""The block of the README that says what was found, generated from the tables in docs/results."""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from aeaug.evaluation.reading import number
from aeaug.faults import Fault
from aeaug.published.advice import advice
from aeaug.published.beside import frechet_distances, other_looks
from aeaug.published.claim_row import COLUMNS, claim_row
from aeaug.published.experiment import Experiment, heading
from aeaug.published.in_short import Row, in_short
from aeaug.published.markdown import code, prose, table
from aeaug.published.repeats import known_before
from aeaug.published.sentences import BESIDE_ADVICE, LEAD
from aeaug.report import tables
from aeaug.report.page import evidence_text, support_texts
from aeaug.report.results import Results
from aeaug.report.statistics.exact_test import holm_of_exclusive
from aeaug.report.verdict.judgement import Verdict
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import LEVEL
from aeaug.run.metrics import METRICS

__all__ = ["BEGIN", "DEMO", "END", "FIGURE", "MAIN", "answer", "family", "with_answer"]

MAIN, DEMO = "ledger", "demo"
FIGURE = f"docs/figures/{MAIN}.png"
BEGIN = "<!-- results: `make results` writes what stands from here to the next such line -->"
END = "<!-- results: end -->"

_MEASURED = """FD is the distance between generated and real test images in the features of a small net: lower is
better."""
_EFFECTS = """An arm is one way to train the GAN, and an effect is the mean over pairs of runs, of two arms on the same
training images with the same seed, with its 95% interval, or below six pairs with the smallest and the largest of
them."""
_ROWS = """Each row is a claim that was written down before its runs{known}; its number leads to all that stands beside
its verdict. Beneath an effect stand the mean at each size, with outcomes where sizes differ in them, and in brackets
what is compared, without the treatment and with it. FD is looked at twice more: in label-free features, those of a net
that learnt no labels, and at the best reading, where validation FD was lowest during training (oracle stopping). ✗
stands where it has the other sign there, ✓ where it has the same with less than half the effect, or an effect where
none is decided or shown. “5% matters” is the smallest effect that matters. p-values are corrected over the claims of an
experiment, those of a size over the sizes of its claim{all_at_once}; intervals are not, so that one may leave out 0
beside *inconclusive*. The command of a row, typed after `source
.venv/bin/activate` as below, makes its runs, and `python scripts/report.py experiment=<its experiment>` the page: by
themselves they come to the row's effect and interval, headed interim, for the other claims of their experiment wait.
[How a verdict comes about](docs/evaluation.md#claims-and-verdicts)."""
_OUTCOMES = """*Supported*: beyond chance on the claimed side, on average by the smallest effect that matters or more,
which was set before the first run. *Refuted*: beyond chance on the other side. *No effect*: shown to be smaller than
the smallest that matters, though perhaps not nothing. *Inconclusive*: none of these is shown. *At this budget*:
an arm's validation FD still changes by 5% or more in the last quarter of the training."""
_CHANGES = "(numbers are those of the table below or of its pages, without their intervals; FD: lower is better)"
_FIGURE = f"![Change of FD against the control, by size of the training set and over training]({FIGURE})"
_FIGURE_SAYS = """Below zero an arm is better than its control, `none`, which augments nothing. Upper row: by size of
the training set, on test images, with 95% intervals. Lower row: on validation images while training goes on, with 95%
bands, reading by reading."""
_ADVICE = """**What to do with n images**, at this budget and the weight of R1 that suits the GAN without an autoencoder
(`gan.r1_gamma=auto`; without it the weight is 1, and none of this holds). FD on validation images, in the classifier's
features, chooses among the arms of this experiment; numbers are of test images, of the same runs; an arm is shown to
help where its interval lies below zero, which is not corrected for the number of arms.
[docs/strategies.md](docs/strategies.md) says what each arm does."""
_INTERIM = """Verdicts are interim until the runs that the claims of their experiment compare have come to their end."""
_NOTHING = f"The main experiment, `experiment={MAIN}`, has no results yet. When it has, its verdicts open this page."
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
    yield from map(prose, in_short(numbered, LEAD))
    if said := [f"- {line}" for line in in_short(numbered)]:
        yield "\n".join([prose(f"**In short**, {_scope(one)} {_CHANGES}:"), "", *said])
    interim = f" {_INTERIM}" * any(row.interim for _, row in rows)
    waiting = [code(other.name) for other in others if other.results is None]
    missing = f" Not run yet: {', '.join(waiting)}." * bool(waiting)
    floors = _floors([one, *others])
    progress = f"Of `experiment={one.name}` {one.progress}{_of_no_claim(one, rows)}."
    yield prose(f"{one.recipe.question} {progress}{missing}{interim} {_MEASURED} {floors} {_EFFECTS}")
    shown = {run.counts["budget.images"] for run in one.runs}
    cells = [claim_row(of, row, numbered, shown) for (of, _), row in zip(rows, numbered, strict=True)]
    yield table(COLUMNS, cells, words=len(COLUMNS))
    known = ", ".join(map(code, known_before([one, *others])))
    but = f" (in {known} one of the arms compared had been run before: their pages say which)" * bool(known)
    yield prose(f"**What the table says.** {_ROWS.format(known=but, all_at_once=_all_at_once(rows))}")
    yield prose(_OUTCOMES)
    if meanings := dict.fromkeys(said for _, row in rows if _is_other(row) for said in _meanings(row)):
        yield prose(f"Numbers other than FD: {'; '.join(meanings)}.")
    yield f"{_FIGURE}\n\n{prose(_FIGURE_SAYS)}"
    yield "\n".join([prose(_ADVICE), "", *(f"- {line}" for line in advice(results))])
    yield from map(prose, in_short(numbered, BESIDE_ADVICE))
    yield f"All arms, costs, commits and what is not run yet: [docs/results/{one.name}.md](docs/results/{one.name}.md)."


def family(found: Mapping[str, Experiment]) -> list[Experiment]:
    """The main experiment, and those that begin with its file; nothing where it is not there."""
    others = [one for one in found.values() if MAIN in one.recipe.begins_with]
    return [found[MAIN], *others] if MAIN in found else []


def _all_at_once(rows: Sequence[tuple[Experiment, Verdict]]) -> str:
    """Which rows would be open were p-values corrected over all of them."""
    final = [row.ends.p(row.claim) if row.ends is not None and row.p is not None else None for _, row in rows]
    numbers = [
        str(number)
        for number, ((_, row), p) in enumerate(zip(rows, holm_of_exclusive(final), strict=True), 1)
        if p is not None and row.outcome != "inconclusive" and p[row.outcome == "no effect"] > LEVEL
    ]
    said = f"row{'s' * (len(numbers) > 1)} {', '.join(numbers)}" if numbers else "no other row"
    return f" (over all rows of this table at once, {said} would be inconclusive)"


def _floors(every: Sequence[Experiment]) -> str:
    """FD of other real images, by experiment where it is not the same in all."""
    found: dict[str, list[str]] = {}
    for one in every:
        if floors := [value for run in one.runs if (value := run.of(METRICS["frechet_distance"], "real")) is not None]:
            found.setdefault(number(median(floors)), []).append(code(one.name))
    said = [f"{value} ({', '.join(names)})" if len(found) > 1 else value for value, names in found.items()]
    return f"Other real images have an FD of {', '.join(said)}." if found else ""


def _of_no_claim(one: Experiment, rows: Sequence[tuple[Experiment, Verdict]]) -> str:
    """Whether what is not run yet is of arms that no claim of the experiment names."""
    named = {arm for of, row in rows if of is one for arm in (row.claim.treatment, row.claim.control)}
    waiting = {arm for arm, _ in one.waiting}
    return ", those of arms that no claim names" * (bool(waiting) and not waiting & named)


def _scope(one: Experiment) -> str:
    """Of which GAN, images and budget the main experiment is."""
    (setting,) = {
        (run.settings["gan.network"], run.settings["data.name"], run.counts["budget.images"]) for run in one.runs
    }
    gan, data, shown = setting
    return f"of `gan={gan}` on `data={data}` after {number(shown)} images shown"


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


def _demo(one: Experiment, results: Results, *, short: bool) -> Iterator[str]:
    (row,) = verdicts(results)
    sizes = ", ".join(size.group.size for size in row.sizes)
    shown = sorted({run.counts["budget.images"] for run in one.runs})
    setting = f"`make demo`, {sizes} training images, {' or '.join(map(number, shown))} images shown"
    more = f"[docs/results/{one.name}.md](docs/results/{one.name}.md)"
    itself = [f"FD {size}: {change}" for size, change in frechet_distances(row).items()]
    effect = "; ".join([evidence_text(row), *itself, *other_looks(row)])
    said = f"In small ({setting}): “{row.claim.statement}” is **{heading(row)}**, {effect} ({more})."
    if short:
        yield prose(said)
        return
    yield prose(f"{said} Beside it: {'; '.join(support_texts(row))}. {_MEASURED} {_EFFECTS}")
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
