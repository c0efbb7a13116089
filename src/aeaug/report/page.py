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
from aeaug.evaluation.reading import amount, number
from aeaug.report import figures, tables
from aeaug.report.comparison import compare, reach
from aeaug.report.decision import effect_text
from aeaug.report.figures import Chart
from aeaug.report.figures.drawing import CAPTIONS
from aeaug.report.pictures import KINDS, Picture, pictures
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.report.tables import Table
from aeaug.report.verdict import Verdict, verdicts
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS

__all__ = ["Section", "doubt", "evidence_text", "page", "render"]

_WORDS = {"data": "data", "device": "device", "versions": "versions", "code": "code"}
_COUNTS = {
    "training images": "data.n_train",
    "test images": "data.n_test",
    "images shown to the discriminator in every run": "budget.images",
    "of them in an epoch": "budget.images_per_epoch",
    "and in a batch": "budget.batch_size",
}


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
    answer = changes[0] if changes else figures.frechet_by_arm(results)
    sections = [
        section for section in _sections(results, changes[1:], shown)
        if any(one is not None for one in (*section.tables, *section.charts, *section.pictures))
    ]  # fmt: skip
    grids = [picture for picture in shown if picture.kind == "generated"]
    charts = [answer, *(one["chart"] for one in judged), *(chart for section in sections for chart in section.charts)]
    return {
        "name": " + ".join(results.families),
        "question": "; ".join(results.words("question")) or "What does each arm do to a GAN?",
        "doubt": doubt(results),
        "judged": judged,
        "arms": None if found else tables.metrics_table(results, ["frechet_distance", "coverage"], ratio=True),
        "answer": answer,
        "digits": [one for one in grids if one.group is grids[-1].group],
        "sections": sections,
        "setting": list(_setting(results)),
        "incomplete": tables.runs_table(results, incomplete=True),
        "runs": tables.runs_table(results),
        "metrics": [(metric.label, metric.meaning) for metric in METRICS.values()],
        "charts": list({chart.key: chart for chart in charts if chart is not None}.values()),
    }


def evidence_text(row: Verdict) -> str:
    """The effect with its interval, or below six pairs its range, in one line."""
    if row.paired is None:
        return "no pairs"
    metric, (low, high) = row.claim.measure, reach(row.paired)
    ends = f" [{amount(low, metric)}, {amount(high, metric)}]" if row.pairs > 1 else ""
    count = "1 pair" if row.pairs == 1 else f"{row.pairs} pairs"
    return f"{metric.label} {amount(row.paired.median, metric)}{ends}, {count}"


def doubt(results: Results) -> str:
    """What has to be said before any number: that there are too few seeds; empty where there are enough, or no runs."""
    found = verdicts(results)
    few = sum(row.pairs < MINIMUM_PAIRS for row in found)
    if found:
        which = "No verdict has" if few == len(found) else f"{few} of {len(found)} verdicts do not have"
        return (
            f"{which} the {MINIMUM_PAIRS} pairs of seeds that are the least to decide anything: too few seeds."
            * bool(few)
        )
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
    }
    return environment.get_template("report.html.j2").render(page=content, version=version("aeaug"))


def _judged(results: Results, claim: Claim, number: int) -> dict[str, Any]:
    """A claim with its verdict in each group, what would settle it, and a chart of its pairs."""
    rows = tuple(row for row in verdicts(results) if row.claim == claim)
    terms = (
        f"{claim.measure.label} of {claim.treatment} {claim.direction} than that of {claim.control} by at least "
        f"{effect_text(claim)}; {claim.seeds} pairs of seeds planned."
    )
    return {"claim": claim, "terms": terms, "rows": rows, "chart": figures.evidence(results, rows, number)}


def _sections(results: Results, changes: Sequence[Chart], shown: Sequence[Picture]) -> Iterator[Section]:
    r, of = results, tables.metrics_table
    yield Section(
        "distance",
        GROUPS["distance"],
        [of(r, ["distance"], ratio=True)],
        [figures.frechet_by_arm(r)],
        open=bool(verdicts(r)),
    )
    yield Section("paired", "Paired differences", [tables.paired_table(r), tables.paired_metrics_table(r)], changes)
    for kind in KINDS:
        mine, said = [picture for picture in shown if picture.kind == kind], CAPTIONS[kind]
        yield Section(kind, said["title"], pictures=mine, caption=said["caption"])
    diversity = figures.precision_recall(r), figures.class_shares(r)
    yield Section("diversity", "Fidelity and diversity", [of(r, ["fidelity", "diversity"])], diversity)
    yield Section("copying", GROUPS["copying"], [of(r, ["copying"])])
    yield Section("training", "Over training", charts=[figures.training_curves(r)])
    overfitting = figures.overfitting(r), figures.judgements(r)
    yield Section("overfitting", GROUPS["overfitting"], [of(r, ["overfitting"])], overfitting)
    yield Section("leak", GROUPS["leak"], [of(r, ["leak"])])
    yield Section("autoencoder", "The autoencoder by itself", [tables.autoencoder_table(r)])
    yield Section("stability", "Stability", [tables.stability_table(r), of(r, ["stability"])])
    yield Section("cost", "Cost", [of(r, ["cost"])], [figures.cost(r)])
    yield Section("arms", "What the arms do", [tables.settings_table(r)])


def _setting(results: Results) -> Iterator[tuple[str, str]]:
    """What the runs share: data, work, measure, machine."""
    for label, key in _WORDS.items():
        if words := results.words(key):
            yield label, " — but also: ".join(words)
    for label, key in _COUNTS.items():
        if counts := sorted({run.counts[key] for run in results.runs if key in run.counts}):
            yield label, ", ".join(map(number, counts))
    controls = dict.fromkeys(control.name for group in results.groups for _, control in group.compared)
    yield "compared with", ", ".join(controls) or "nothing: no arm, or several, inject nothing"
    yield "options of every arm", ", ".join(f"{key}={value}" for key, value in tables.common_settings(results).items())
    yield "seeds", ", ".join(map(str, sorted({run.seed for run in results.runs})))
    subsets = len(results.words("data.subset_sha256"))
    yield "training subsets", f"{subsets}, the same in every arm for a seed and a size"
    for label, key in (("SHA-256 of the data", "data.sha256"), ("of the feature net", "feature_net")):
        yield label, ", ".join(f"{word[:12]}…" for word in results.words(key))
    if ends := sorted({word[:10] for word in results.words("finished")}):
        yield "runs finished", " to ".join(dict.fromkeys((ends[0], ends[-1])))
