"""Everything the templates show, gathered once: HTML and Markdown are two views of the same `Page`."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison, compare, summary
from aeaug.report.curves import coverage_curve, frechet_curve
from aeaug.report.drawing import Chart, Style, styles
from aeaug.report.figures import frechet_by_arm, paired_differences
from aeaug.report.options import ReportOptions
from aeaug.report.quality import class_shares, precision_recall
from aeaug.report.records import Run
from aeaug.report.samples import Sample, samples
from aeaug.report.setting import setting
from aeaug.report.table import Table, number
from aeaug.report.tables import arms_table, cost_table, paired_table, settings_table

__all__ = ["Page", "RunLine", "Section", "page"]


@dataclass(frozen=True)
class Section:
    """One training-set size: its tables, figures, sample grids. `paired` is None with nothing to compare."""

    group: Group
    arms: Table
    settings: Table
    paired: Table | None
    charts: tuple[Chart, ...]
    samples: tuple[Sample, ...]
    cost: Table


@dataclass(frozen=True)
class RunLine:
    """One line of the list of runs; links are relative to the report, empty where there is no file."""

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
    question: str
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
        question=options.question or _question(experiment),
        summary=summary(comparisons),
        sentences=tuple(_sentence(row, experiment) for row in comparisons),
        setting=tuple(setting(experiment)),
        sections=tuple(_section(group, comparisons, looks) for group in experiment.groups),
        runs=tuple(_run_line(run, out_dir) for run in experiment.runs),
        states=_states(experiment.runs),
        commands=_commands(experiment, options),
        looks=looks,
    )


def _question(experiment: Experiment) -> str:
    asked = (str(run.config["question"]) for run in experiment.runs if run.config.get("question"))
    return next(asked, "When does an autoencoder help a GAN?")


def looks_of(experiment: Experiment) -> dict[str, Style]:
    """One look per arm for the whole report, the same at every size of the training set."""
    kinds = {arm.variant: arm.kind for group in experiment.groups for arm in group.arms}
    controls = {kinds[group.control.variant] for group in experiment.groups if group.control}
    found = styles(list(dict.fromkeys(kinds.values())), controls)
    return {variant: found[kind] for variant, kind in kinds.items()}


def _sentence(row: Comparison, experiment: Experiment) -> str:
    size = next(group.size for group in experiment.groups if group.n_train == row.treatment.n_train)
    return f"With {size} training images, {row.sentence}" if len(experiment.groups) > 1 else row.sentence


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


def _run_line(run: Run, out_dir: Path) -> RunLine:
    status = run.status
    config = run.path / "config.yaml"
    notes = {
        "missing": "no such run: other arms have this seed" if not run.path.exists() else "no status.json",
        "running": "not finished, or killed: resume=true takes it up again",
    }
    if status and status.traceback:
        notes |= dict.fromkeys(("failed", "diverged"), status.traceback.strip().splitlines()[-1])
    return RunLine(
        run=run,
        progress=f"{number(status.images)} of {number(status.budget)}" if status else "–",
        seconds=number(sum(status.seconds.values())) if status and status.seconds else "–",
        folder=_link(run.path, out_dir),
        config=_link(config, out_dir),
        note=notes.get(run.state, ""),
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
