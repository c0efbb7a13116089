"""Everything the page shows, gathered once, in the order in which it is read: the answer, the evidence, the rest."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aeaug.evaluation.metric import GROUPS
from aeaug.evaluation.reading import amount
from aeaug.evaluation.spaces import in_words
from aeaug.report import figures, tables
from aeaug.report.figures import Chart
from aeaug.report.figures.drawing import CAPTIONS
from aeaug.report.pictures import KINDS, Picture, pictures
from aeaug.report.results import Results
from aeaug.report.setting import setting
from aeaug.report.sorting import packed_library
from aeaug.report.statistics.comparison import compare
from aeaug.report.statistics.decision import effect_text
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS, Paired
from aeaug.report.tables import Table
from aeaug.report.verdict.answer import answer, choice
from aeaug.report.verdict.judgement import SizeVerdict, Verdict
from aeaug.report.verdict.mark import Mark
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import READINGS, Claim, pairs_needed
from aeaug.run.metrics import METRICS, WORK

__all__ = [
    "Section",
    "doubt",
    "effect",
    "evidence_text",
    "mark_text",
    "p_text",
    "page",
    "render",
    "size_text",
    "sizes_text",
    "support_texts",
]


@dataclass(frozen=True)
class Section:
    """One subject; what is None is not shown. ``open`` where it stands unfolded."""

    key: str
    title: str
    tables: Sequence[Table | None] = ()
    charts: Sequence[Chart | None] = ()
    pictures: Sequence[Picture] = ()
    caption: str = ""
    open: bool = False


def page(results: Results, folder: Path) -> dict[str, Any]:
    """Compute tables and draw figures: everything that the template shows, by its name there; pictures are looked for
    in ``folder``. ``answer`` is the one figure of the first screen, ``charts`` are all of them."""
    found, shown = verdicts(results), pictures(results, folder)
    judged = [_judged(results, claim, n) for n, claim in enumerate(dict.fromkeys(row.claim for row in found), 1)]
    by_size, by_arm = figures.change_by_size(results), figures.paired_differences(results)
    changes = [chart for chart in (by_size, *figures.change_by_axis(results), by_arm) if chart is not None]
    first = changes[0] if changes else figures.frechet_by_arm(results)
    sections = [
        section for section in _sections(results, changes[1:], shown)
        if any(one is not None for one in (*section.tables, *section.charts, *section.pictures))
    ]  # fmt: skip
    grids = [picture for picture in shown if picture.kind == "generated"]
    charts = [first, *(one["chart"] for one in judged), *(chart for section in sections for chart in section.charts)]
    return {
        "name": " + ".join(results.families),
        "question": "; ".join(results.words("question")) or "What does each arm do to a GAN?",
        "advice": answer(found),
        "choice": choice(found),
        "doubt": doubt(results),
        "judged": judged,
        "arms": None if found else tables.metrics_table(results, ["frechet_distance", "coverage"], ratio=True),
        "answer": first,
        "samples": [one for one in grids if one.group is grids[-1].group],
        "sections": sections,
        "setting": list(setting(results)),
        "incomplete": tables.runs_table(results, incomplete=True),
        "runs": tables.runs_table(results),
        "metrics": [(metric.label, metric.meaning) for metric in METRICS.values()],
        "charts": list({chart.key: chart for chart in charts if chart is not None}.values()),
    }


def effect(paired: Paired, claim: Claim) -> str:
    """The mean difference with its interval, or below six units its range."""
    low, high = paired.span
    ends = f" [{amount(low, claim.quantity)}, {amount(high, claim.quantity)}]" if len(paired.seeds) > 1 else ""
    return amount(paired.mean, claim.quantity) + ends


def evidence_text(row: Verdict | SizeVerdict) -> str:
    """The mean of the pairs that were measured, with the interval, or below six units the range, that holds wherever
    those with a diverged run are placed, in one line."""
    if row.ends is None:
        if isinstance(row, Verdict) and any(size.ends is not None for size in row.beneath):
            return f"no pairs at all sizes{' yet' * row.interim}"
        return "no pairs"
    measure, count = row.claim.quantity, len(row.ends.low.seeds)
    pairs = f"{count} {row.unit}{'s' * (count > 1)}"
    if row.measured is None:
        return f"no measured pair of {pairs}"
    low, high = (amount(end, measure) for end in row.ends.span)
    if (measured := len(row.measured.seeds)) < count:
        pairs += f", of which {measured} {'were' if measured > 1 else 'was'} measured"
    return f"{row.label} {amount(row.measured.mean, measure)}{f' [{low}, {high}]' * (count > 1)}, {pairs}"


def p_text(row: Verdict | SizeVerdict) -> str:
    """The corrected p-value that the outcome comes from: that of a difference, of none, or both where nothing is
    decided; empty without a test."""
    if row.p is None or row.outcome is None:
        return ""
    difference, none = (f"{p:.2g}" for p in row.p)
    if row.outcome == "inconclusive":
        return f"p = {difference} of a difference, {none} of no effect"
    return f"p = {none if row.outcome == 'no effect' else difference}"


def size_text(row: SizeVerdict) -> str:
    """What one size says, beneath a verdict."""
    tested = f"{_outcome(row)}, {p}; " if (p := p_text(row)) else ""
    kind = [f"{_whom(row)}{row.kind}"] * (bool(row.finding) and row.outcome in ("supported", "refuted"))
    return "; ".join([f"{row.group.size} images: {tested}{evidence_text(row)}", *kind])


def _whom(row: SizeVerdict) -> str:
    """Against whom it helps, where that is another treatment: it may harm all the same."""
    own = row.group.controls.get(row.claim.treatment)
    return f"against {row.claim.control}: " * (own is not None and own.name != row.claim.control)


def _outcome(row: SizeVerdict) -> str:
    """What is found, and why nothing is decided."""
    return f"{row.outcome}: {row.reason}" if row.outcome == "inconclusive" else str(row.outcome)


def sizes_text(row: Verdict) -> str:
    """The mean at each size with its outcome, in short; empty for one size."""
    means = [
        f"{size.group.size}: {amount(size.measured.mean, row.claim.quantity)}"
        + f", {_outcome(size)}" * (size.outcome is not None)
        for size in row.beneath
        if size.measured is not None
    ]
    return "; ".join(means) if len(means) > 1 else ""


def support_texts(row: Verdict) -> list[str]:
    """What stands beside a verdict: how sizes differ, whether the other reading and the other space agree in sign."""
    said = []
    if row.sizes:
        first = row.sizes[0].group.size
        of = ", of measured pairs" * any(size.lost for size in row.sizes)
        said += [
            f"{group.size} against {first} images: {effect(paired, row.claim)}{of}" for group, paired in row.interaction
        ]
    return [*said, *(mark_text(mark, row.claim) for mark in telling_marks(row))]


def telling_marks(row: Verdict) -> list[Mark]:
    """Those that say something: beside no effect, of other readings and spaces that have one, or may."""
    return [mark for mark in row.marks if row.outcome != "no effect" or _matters(mark, row.claim)]


def mark_text(mark: Mark, claim: Claim) -> str:
    """What another reading or space says, and whether it agrees."""
    if not mark.sizes:
        return f"{mark.words}: {mark.name}, {effect(mark.paired, claim)}"
    sizes = "; ".join(f"{group.size}: {effect(one.paired, claim)}" for group, one in mark.sizes)
    return f"{mark.words}: {mark.name}, {sizes}"


def _matters(mark: Mark, claim: Claim) -> bool:
    """Whether another reading or space has an effect, or may have one that matters."""
    if mark.sizes:
        return any(_matters(one, claim) for _, one in mark.sizes)
    low, high = mark.paired.span
    least, most = claim.bounds
    return low > 0 or high < 0 or low < least or high > most


def doubt(results: Results) -> str:
    """What has to be said before any number: that there are too few seeds, that nothing was measured on the test set;
    empty where neither is so, or there are no runs."""
    return " ".join(text for text in (_few(results), tables.untested(results)) if text)


def _few(results: Results) -> str:
    found = verdicts(results)
    if found:
        least = pairs_needed(max(row.tests for row in found))  # a second claim may need fewer, once one is decided
        if all(row.pairs < least for row in found):
            return f"No verdict has the {least} pairs of seeds that are the least to decide anything: too few seeds."
        few = sum(row.pairs < MINIMUM_PAIRS for row in found)
        which = f"{few} of {len(found)} verdicts do not have the {MINIMUM_PAIRS} pairs of seeds"
        return f"{which} that are the least to decide anything: too few seeds." * bool(few)
    rows = [row.paired for row in compare(results, METRICS["frechet_distance"])]
    few = sum(pair is not None and not pair.enough for pair in rows)
    return f"Too few seeds: {MINIMUM_PAIRS} pairs are the least that can give an interval or a p-value." * bool(few)


def render(content: dict[str, Any]) -> str:
    """The page as one self-contained HTML file."""
    blocks: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True}
    loader = PackageLoader("aeaug.report")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, **blocks)
    environment.filters |= {
        "base64": lambda data: base64.b64encode(data).decode("ascii"),
        "breakable": lambda name: Markup(str(Markup.escape(name)).replace("_", "_<wbr>").replace(",", ",<wbr>")),
        "evidence": evidence_text,
        "size": size_text,
        "sizes": sizes_text,
        "tested": p_text,
        "support": support_texts,
        "place": lambda value: "" if value is None else value if isinstance(value, str) else f"{value:.6g}",
    }
    sortable = any(one.sortable for section in content["sections"] for one in section.tables if one is not None)
    library = packed_library() if sortable else None
    return environment.get_template("report.html.j2").render(page=content, version=version("aeaug"), library=library)


def _judged(results: Results, claim: Claim, number: int) -> dict[str, Any]:
    """A claim with its verdict in each family, what would settle it, and a chart of its pairs."""
    rows = tuple(row for row in verdicts(results) if row.claim == claim)
    sizes = dict.fromkeys(size.group.size for row in rows for size in row.sizes)
    words = [READINGS[claim.reading]] if claim.reading in READINGS else []
    read = "".join(f", {word}" for word in (*words, in_words(claim.space))) * (claim.measure.place == "generated")
    of = f"logarithm of {claim.measure.label}" if claim.measure.scale == "log" else claim.measure.label
    spread = f" (mean absolute deviation of the {of} from the arm's median)" * (claim.of == "spread")
    spread += " (slope of its change over the logarithm of the number of images)" * (claim.of == "trend")
    terms = (
        f"{rows[0].label}{spread} of {claim.treatment} {claim.direction} than that of {claim.control} by at least "
        f"{effect_text(claim)}{read}, {' and '.join(sizes) or 'no'} images; {claim.seeds} pairs of seeds planned."
    )
    chart = figures.evidence(results, [size for row in rows for size in row.sizes], number)
    return {"claim": claim, "terms": terms, "rows": rows, "chart": chart}


def _sections(results: Results, changes: Sequence[Chart], shown: Sequence[Picture]) -> Iterator[Section]:
    r, of = results, tables.metrics_table
    every = tables.arms_table(r)
    how = "Medians over runs; a change is the mean over pairs, with its 95% interval."
    how += " A click on a head sorts." * (every is not None and every.sortable)
    yield Section("every-arm", "Every arm", [every], caption=how, open=bool(verdicts(r)))
    yield Section(
        "distance",
        GROUPS["distance"],
        [of(r, ["distance"], ratio=True), tables.readings_table(r)],
        [figures.frechet_by_arm(r), figures.performance_profile(r)],
        open=bool(verdicts(r)),
    )
    effects = [figures.claim_intervals(r), figures.effect_intervals(r), *changes]
    yield Section("paired", "Paired differences", [tables.paired_table(r), tables.paired_metrics_table(r)], effects)
    for kind in KINDS:
        mine, said = [picture for picture in shown if picture.kind == kind], CAPTIONS[kind]
        yield Section(kind, said["title"], pictures=mine, caption=said["caption"])
    diversity = figures.precision_recall(r), figures.class_shares(r)
    yield Section("diversity", "Fidelity and diversity", [of(r, ["fidelity", "diversity"])], diversity)
    yield Section("copying", GROUPS["copying"], [of(r, ["copying"])])
    yield Section("training", "Over training", charts=[figures.change_over_training(r), figures.training_curves(r)])
    overfitting = figures.overfitting(r), figures.judgements(r)
    yield Section("overfitting", GROUPS["overfitting"], [of(r, ["overfitting"])], overfitting)
    yield Section("leak", GROUPS["leak"], [of(r, ["leak"])])
    by_itself = [tables.autoencoder_table(r), tables.association_table(r)]
    yield Section("autoencoder", "The autoencoder by itself", by_itself, [figures.autoencoder_quality(r)])
    yield Section("stability", "Stability", [tables.stability_table(r), of(r, ["stability"])])
    yield Section("work", "Equal work", [of(r, WORK)])
    yield Section("cost", "Cost", [tables.cost_table(r)], [figures.cost(r)])
    yield Section("arms", "What the arms do", [tables.settings_table(r)])
