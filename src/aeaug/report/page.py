"""Everything the page shows, gathered once, in the order in which it is read: the answer, the evidence, the rest."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aeaug.evaluation.metric import GROUPS
from aeaug.report import figures, tables
from aeaug.report.comparison import amount, reach
from aeaug.report.decision import effect_text
from aeaug.report.figures import Chart
from aeaug.report.pictures import KINDS, Picture, pictures
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.report.tables import Table
from aeaug.report.verdict import Verdict, verdicts
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS

__all__ = ["Judged", "Page", "Section", "evidence_text", "page", "render"]


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict in each group, and a chart of its pairs; ``terms``: what would settle it."""

    claim: Claim
    terms: str
    rows: tuple[Verdict, ...]
    chart: Chart | None


@dataclass(frozen=True)
class Section:
    """One subject; ``open`` where it stands unfolded."""

    key: str
    title: str
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    pictures: tuple[Picture, ...] = ()
    caption: str = ""
    open: bool = False


@dataclass(frozen=True)
class Page:
    """The whole report, before any markup. ``answer`` is its one figure."""

    name: str
    question: str
    doubt: str
    judged: tuple[Judged, ...]
    arms: Table | None
    answer: Chart | None
    digits: tuple[Picture, ...]
    sections: tuple[Section, ...]
    setting: tuple[tuple[str, str], ...]
    incomplete: Table
    runs: Table
    metrics: tuple[tuple[str, str], ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All figures, each once."""
        found = [self.answer, *(judged.chart for judged in self.judged)]
        found += [chart for section in self.sections for chart in section.charts]
        return tuple({chart.key: chart for chart in found if chart is not None}.values())


def page(results: Results, folder: Path) -> Page:
    """Compute tables and draw figures; pictures are looked for in ``folder``."""
    found = verdicts(results)
    claims = list(dict.fromkeys(row.claim for row in found))
    shown = pictures(results, folder)
    over_sizes, over_axes = figures.change_by_size(results), figures.change_by_axis(results)
    by_arm = figures.paired_differences(results)
    answer = over_sizes or (over_axes[0] if over_axes else by_arm or figures.frechet_by_arm(results))
    rest = [chart for chart in (*over_axes, by_arm) if chart is not None and chart is not answer]
    largest = [picture.group for picture in shown if picture.kind == "generated"][-1:]
    return Page(
        name=results.name,
        question="; ".join(results.words("question")) or "What does each arm do to a GAN?",
        doubt=_doubt(found),
        judged=tuple(_judged(results, found, claim, n) for n, claim in enumerate(claims, 1)),
        arms=tables.metrics_table(results, ["distance"], ratio=True) if not found else None,
        answer=answer,
        digits=tuple(one for one in shown if one.kind == "generated" and one.group in largest),
        sections=tuple(section for section in _sections(results, rest, shown) if _holds(section)),
        setting=tuple(_setting(results)),
        incomplete=tables.runs_table(results, incomplete=True),
        runs=tables.runs_table(results),
        metrics=tuple((metric.label, metric.meaning) for metric in METRICS.values()),
    )


def evidence_text(row: Verdict) -> str:
    """The effect with its interval, or below six pairs its range, in one line."""
    if row.paired is None:
        return "no pairs"
    metric, (low, high) = row.claim.measure, reach(row.paired)
    ends = f" [{amount(low, metric)}, {amount(high, metric)}]" if row.pairs > 1 else ""
    return (
        f"{metric.label} {amount(row.paired.median, metric)}{ends}, {row.pairs} {'pair' if row.pairs == 1 else 'pairs'}"
    )


def render(content: Page) -> str:
    """The page as one self-contained HTML file."""
    environment = Environment(
        loader=PackageLoader("aeaug.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "base64": lambda data: base64.b64encode(data).decode("ascii"),
        "breakable": lambda name: Markup(str(Markup.escape(name)).replace("_", "_<wbr>").replace(",", ",<wbr>")),
        "evidence": evidence_text,
    }
    return environment.get_template("report.html.j2").render(page=content, kinds=KINDS, version=version("aeaug"))


def _judged(results: Results, found: Sequence[Verdict], claim: Claim, number: int) -> Judged:
    rows = tuple(row for row in found if row.claim == claim)
    terms = (
        f"{claim.measure.label} of {claim.treatment} {claim.direction} than that of {claim.control} by at least "
        f"{effect_text(claim)}; {claim.seeds} pairs of seeds planned."
    )
    return Judged(claim, terms, rows, figures.evidence(results, rows, number))


def _doubt(found: Sequence[Verdict]) -> str:
    few = [row for row in found if row.pairs < MINIMUM_PAIRS]
    if not few:
        return ""
    which = "no verdict has" if len(few) == len(found) else f"{len(few)} of {len(found)} verdicts do not have"
    return (
        f"{which} the {MINIMUM_PAIRS} pairs of seeds that are the least to decide anything: too few seeds.".capitalize()
    )


def _sections(results: Results, changes: Sequence[Chart], shown: Sequence[Picture]) -> Iterator[Section]:
    of, some = tables.metrics_table, lambda *found: tuple(one for one in found if one is not None)
    yield Section(
        "distance", GROUPS["distance"], some(of(results, ["distance"], ratio=True)),
        some(figures.frechet_by_arm(results)), open=True,
    )  # fmt: skip
    paired = some(tables.paired_table(results), tables.paired_metrics_table(results))
    yield Section("paired", "Paired differences", paired, tuple(changes))
    for kind, caption in KINDS.items():
        title = {
            "generated": "Samples",
            "comparison": "Real, synthetic, generated",
            "nearest": "Nearest training images",
        }
        mine = tuple(picture for picture in shown if picture.kind == kind)
        yield Section(kind, title[kind], pictures=mine, caption=caption)
    diversity = some(figures.precision_recall(results), figures.class_shares(results))
    yield Section("diversity", "Fidelity and diversity", some(of(results, ["fidelity", "diversity"])), diversity)
    yield Section("copying", GROUPS["copying"], some(of(results, ["copying"])))
    yield Section("training", "Over training", charts=some(figures.training_curves(results)))
    overfitting = some(figures.overfitting(results), figures.judgements(results))
    yield Section("overfitting", GROUPS["overfitting"], some(of(results, ["overfitting"])), overfitting)
    yield Section("leak", GROUPS["leak"], some(of(results, ["leak"])))
    quality = some(figures.autoencoder_quality(results))
    yield Section("autoencoder", "The autoencoder by itself", some(tables.autoencoder_table(results)), quality)
    yield Section("stability", "Stability", some(tables.stability_table(results), of(results, ["stability"])))
    yield Section("cost", "Cost", some(of(results, ["cost"])), some(figures.cost(results)))
    yield Section("arms", "What the arms do", some(tables.settings_table(results)))


def _holds(section: Section) -> bool:
    return bool(section.tables or section.charts or section.pictures)


def _setting(results: Results) -> Iterator[tuple[str, str]]:
    """What the runs share: data, work, measure, machine."""
    for label, key in (("data", "data"), ("device", "device"), ("versions", "versions"), ("code", "code")):
        if words := results.words(key):
            yield label, " — but also: ".join(words)
    for label, key in (
        ("training images", "data.n_train"),
        ("test images", "data.n_test"),
        ("images shown to the discriminator in every run", "budget.images"),
        ("of them in an epoch", "budget.images_per_epoch"),
        ("and in a batch", "budget.batch_size"),
    ):
        if counts := sorted({run.counts[key] for run in results.runs if key in run.counts}):
            yield label, ", ".join(map(tables.number, counts))
    yield "seeds", ", ".join(map(str, sorted({run.seed for run in results.runs})))
    subsets = {run.words["data.subset_sha256"] for run in results.runs if "data.subset_sha256" in run.words}
    yield "training subsets", f"{len(subsets)}, the same in every arm for a seed and a size"
    for label, key in (("SHA-256 of the data", "data.sha256"), ("of the feature net", "feature_net")):
        yield label, ", ".join(f"{word[:12]}…" for word in results.words(key))
    if ends := sorted(results.words("finished")):
        yield "runs finished", f"{ends[0][:10]}" + ("" if ends[0][:10] == ends[-1][:10] else f" to {ends[-1][:10]}")
