"""Everything the templates show, gathered once: HTML and Markdown are two views of the same `Page`.

Verdicts come first, over all training-set sizes; where an experiment states no claims, what its paired differences say
comes in their place. Then figures over the sizes, then each size by itself, then the runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison, compare, summary
from aeaug.report.drawing import Chart, Style, styles
from aeaug.report.evidence import READING
from aeaug.report.judged import Judged, judge, verdict_summary
from aeaug.report.metrics import METRICS
from aeaug.report.options import ReportOptions
from aeaug.report.parts import Part, not_measured, parts
from aeaug.report.runs import RunLine, incomplete, run_lines, states
from aeaug.report.samples import Picture
from aeaug.report.setting import setting
from aeaug.report.sizes import change_by_size, frechet_by_size
from aeaug.report.stability import stability
from aeaug.report.verdict import verdicts

__all__ = ["Page", "Section", "looks_of", "page"]

# Paired tables leave out what the cost table says better.
_UNPAIRED = {"seconds_gan", "seconds_autoencoder", "seconds_augmentation", "peak_memory"}


@dataclass(frozen=True)
class Section:
    """One training-set size; `unmeasured` names what none of its runs has."""

    key: str
    title: str
    group: Group
    parts: tuple[Part, ...]
    unmeasured: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """The whole report, before any markup.

    `lead` is its summary, `sentences` follow it where there are no claims. `repeated` holds the keys, `part-size` or of
    figures, whose explanation stands in an earlier section already.
    """

    name: str
    question: str
    lead: str
    sentences: tuple[str, ...]
    judged: tuple[Judged, ...]
    judged_reading: str
    setting: tuple[tuple[str, str], ...]
    across: tuple[Chart, ...]
    sections: tuple[Section, ...]
    runs: tuple[RunLine, ...]
    incomplete: tuple[RunLine, ...]
    states: str
    commands: tuple[str, ...]
    one_run: str
    repeated: frozenset[str]
    looks: dict[str, Style]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All figures, from the top of the page down."""
        of_claims = [judged.chart for judged in self.judged if judged.chart is not None]
        of_parts = [chart for section in self.sections for part in section.parts for chart in part.charts]
        return (*of_claims, *self.across, *of_parts)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures of runs."""
        found = [gallery for section in self.sections for part in section.parts for gallery in part.galleries]
        return tuple(picture for gallery in found for picture in gallery.pictures)


def page(experiment: Experiment, out_dir: Path, options: ReportOptions) -> Page:
    """Compute tables and draw figures; links are made relative to `out_dir`."""
    compared = {key: compare(experiment, metric) for key, metric in METRICS.items() if key not in _UNPAIRED}
    comparisons = compared["frechet_distance"]
    judged = verdicts(experiment)
    looks = looks_of(experiment)
    lines = run_lines(experiment, out_dir)
    stable = stability(experiment)
    sections = [
        Section(
            key=f"n-{group.size}",
            title=f"{'All' if group.n_train is None else group.size} training images",
            group=group,
            parts=tuple(parts(group, compared, stable, looks)),
            unmeasured=tuple(not_measured(group)),
        )
        for group in experiment.groups
    ]
    across = frechet_by_size(experiment, looks), change_by_size(experiment, comparisons, looks)
    return Page(
        name=experiment.name,
        question=options.question or _question(experiment),
        lead=verdict_summary(judged) if judged else summary(comparisons),
        sentences=() if judged else tuple(_sentence(row, experiment) for row in comparisons),
        judged=tuple(judge(judged, looks)),
        judged_reading=READING,
        setting=tuple(setting(experiment)),
        across=tuple(chart for chart in across if chart is not None),
        sections=tuple(sections),
        runs=tuple(lines),
        incomplete=tuple(incomplete(lines)),
        states=states(experiment.runs),
        commands=_commands(experiment, options),
        one_run=_one_run(experiment),
        repeated=_repeated(sections),
        looks=looks,
    )


def looks_of(experiment: Experiment) -> dict[str, Style]:
    """One look per arm for the whole report, the same at every size of the training set."""
    kinds = {arm.variant: arm.kind for group in experiment.groups for arm in group.arms}
    controls = {kinds[group.control.variant] for group in experiment.groups if group.control}
    found = styles(list(dict.fromkeys(kinds.values())), controls)
    return {variant: found[kind] for variant, kind in kinds.items()}


def _repeated(sections: Sequence[Section]) -> frozenset[str]:
    seen: set[object] = set()
    keys = set()
    for section in sections:
        for part in section.parts:
            explained = [(f"{part.key}-{section.group.size}", (part.title, part.reading))]
            explained += [(chart.key, (chart.title, (chart.reading, chart.limits))) for chart in part.charts]
            keys |= {key for key, text in explained if text in seen}
            seen |= {text for _, text in explained}
    return frozenset(keys)


def _question(experiment: Experiment) -> str:
    asked = (str(run.config["question"]) for run in experiment.runs if run.config.get("question"))
    return next(asked, "When does an autoencoder help a GAN?")


def _sentence(row: Comparison, experiment: Experiment) -> str:
    size = next(group.size for group in experiment.groups if any(arm is row.treatment for arm in group.arms))
    return f"With {size} training images, {row.sentence}" if len(experiment.groups) > 1 else row.sentence


def _commands(experiment: Experiment, options: ReportOptions) -> tuple[str, ...]:
    return (
        options.command or f"python scripts/train.py -m experiment={experiment.name}",
        f"python scripts/report.py experiment={experiment.name}",
        f"tensorboard --logdir {_shown(experiment.directory)}",
    )


def _one_run(experiment: Experiment) -> str:
    """The command that shows the first run with curves alone; empty where no run has any."""
    logs = (run.path / "tensorboard" for run in experiment.runs)
    return next((f"tensorboard --logdir {_shown(log)}" for log in logs if log.exists()), "")


def _shown(path: Path) -> str:
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return (path.relative_to(Path.cwd()) if inside else path).as_posix()
