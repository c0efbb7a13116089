"""Everything the templates show, gathered once: HTML and Markdown are two views of the same `Page`."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison, compare, summary
from aeaug.report.curves import coverage_curve, frechet_curve
from aeaug.report.drawing import Style, styles
from aeaug.report.figures import Chart, class_shares, frechet_by_arm, paired_differences, precision_recall
from aeaug.report.options import ReportOptions
from aeaug.report.records import Results, Run
from aeaug.report.samples import Sample, samples
from aeaug.report.tables import Table, arms_table, cost_table, number, paired_table, settings_table

__all__ = ["Page", "RunLine", "Section", "page"]


@dataclass(frozen=True)
class Section:
    """One training-set size: its tables, figures and sample grids. `paired` is None where there is nothing to compare."""

    group: Group
    arms: Table
    settings: Table
    paired: Table | None
    charts: tuple[Chart, ...]
    samples: tuple[Sample, ...]
    cost: Table


@dataclass(frozen=True)
class RunLine:
    """One line of the list of runs; links are relative to the report, and empty where the file is not there."""

    run: Run
    progress: str
    seconds: str
    folder: str
    config: str
    note: str


@dataclass(frozen=True)
class Page:
    """The whole report, before any markup."""

    name: str
    options: ReportOptions
    summary: str
    sentences: tuple[str, ...]
    setting: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    runs: tuple[RunLine, ...]
    states: str
    commands: tuple[str, ...]
    looks: dict[str, Style]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All figures, section by section."""
        return tuple(chart for section in self.sections for chart in section.charts)


def page(experiment: Experiment, out_dir: Path, options: ReportOptions) -> Page:
    """Compute tables and draw figures; links are made relative to `out_dir`."""
    comparisons = compare(experiment)
    looks = looks_of(experiment)
    return Page(
        name=experiment.name,
        options=options,
        summary=summary(comparisons),
        sentences=tuple(row.sentence for row in comparisons),
        setting=tuple(_setting(experiment)),
        sections=tuple(_section(group, comparisons, looks) for group in experiment.groups),
        runs=tuple(_run_line(run, out_dir) for run in experiment.runs),
        states=_states(experiment.runs),
        commands=_commands(experiment, options),
        looks=looks,
    )


def looks_of(experiment: Experiment) -> dict[str, Style]:
    """One look per arm for the whole report, the control's kept for controls."""
    variants = list(dict.fromkeys(arm.variant for group in experiment.groups for arm in group.arms))
    controls = {group.control.variant for group in experiment.groups if group.control}
    return styles(variants, controls)


def _section(group: Group, comparisons: list[Comparison], looks: dict[str, Style]) -> Section:
    here = [row for row in comparisons if any(row.treatment is arm for arm in group.arms)]
    drawn = (
        frechet_by_arm(group, looks),
        paired_differences(group, here, looks),
        frechet_curve(group, looks),
        coverage_curve(group, looks),
        precision_recall(group, looks),
        class_shares(group, looks),
    )
    return Section(
        group=group,
        arms=arms_table(group),
        settings=settings_table(group),
        paired=paired_table(here) if here else None,
        charts=tuple(chart for chart in drawn if chart is not None),
        samples=tuple(samples(group)),
        cost=cost_table(group),
    )


def _setting(experiment: Experiment) -> Iterable[tuple[str, str]]:
    results = [run.results for run in experiment.runs if run.results is not None]
    statuses = [run.status for run in experiment.runs if run.status is not None]
    if results:
        data, budget = results[0].data, results[0].budget
        yield "data", f"{data.name}, {number(data.n_test, 0)} test images, SHA-256 {data.sha256[:12]}…"
        yield "training images", "; ".join(_training(group, results) for group in experiment.groups)
        epochs = budget.images / budget.images_per_epoch
        yield "budget", (
            f"{number(budget.images, 0)} images shown to the discriminator in every run: {epochs:g} epochs of "
            f"{number(budget.images_per_epoch, 0)}, batches of {budget.batch_size}"
        )
        if tested := next((r.test for r in results if r.test is not None), None):
            yield "evaluated", f"{number(tested.n, 0)} generated images a run, from the EMA generator at the end of the budget"
        yield "feature net", f"SHA-256 {results[0].feature_net[:12]}…, the project's own (its FD is no FID)"
    yield "seeds", ", ".join(map(str, sorted({run.seed for run in experiment.runs})))
    if statuses:
        yield "device", "; ".join(sorted({status.device for status in statuses if status.device})) or "not recorded"
        versions = sorted({", ".join(f"{k} {v}" for k, v in sorted(s.versions.items())) for s in statuses if s.versions})
        yield "versions", " — but also: ".join(versions) or "not recorded"
        if ends := [status.finished for status in statuses if status.finished is not None]:
            first, last = min(ends), max(ends)
            days = f"{first:%Y-%m-%d}" + ("" if first.date() == last.date() else f" to {last:%Y-%m-%d}")
            yield "runs finished", days


def _training(group: Group, results: list[Results]) -> str:
    subsets = {r.data.subset_sha256 for r in results if r.data.n_train == group.n_train}
    which = f"subset {next(iter(subsets))[:12]}…" if len(subsets) == 1 else f"{len(subsets)} subsets, one a seed"
    return f"{number(group.n_train, 0)} ({which}, the same in every arm)"


def _run_line(run: Run, out_dir: Path) -> RunLine:
    status = run.status
    config = run.path / "config.yaml"
    notes = {
        "missing": "no such run: other arms have this seed" if not run.path.exists() else "no status.json",
        "running": "not finished, or killed: resume=true takes it up again",
    }
    last_line = status.traceback.strip().splitlines()[-1] if status and status.traceback else ""
    return RunLine(
        run=run,
        progress=f"{number(status.images, 0)} of {number(status.budget, 0)}" if status else "–",
        seconds=number(sum(status.seconds.values()), 0) if status and status.seconds else "–",
        folder=_link(run.path, out_dir),
        config=_link(config, out_dir),
        note=last_line or notes.get(run.state, ""),
    )


def _link(target: Path, out_dir: Path) -> str:
    if not target.exists():
        return ""
    return quote(Path(os.path.relpath(target.resolve(), out_dir.resolve())).as_posix(), safe="/=")


def _states(runs: Iterable[Run]) -> str:
    found = [run.state for run in runs]
    order = ("done", "diverged", "failed", "running", "missing")
    return ", ".join(f"{found.count(state)} {state}" for state in order if state in found)


def _commands(experiment: Experiment, options: ReportOptions) -> tuple[str, ...]:
    runs = experiment.directory
    shown = runs.relative_to(Path.cwd()) if runs.is_absolute() and runs.is_relative_to(Path.cwd()) else runs
    return (
        options.command or f"python scripts/train.py -m experiment={experiment.name}",
        f"python scripts/report.py experiment={experiment.name}",
        f"tensorboard --logdir {shown.as_posix()}",
    )
