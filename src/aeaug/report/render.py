"""Write a report: `report.html` (one self-contained file), `report.md` and `figures/*.png`, `results.csv`."""

import base64
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from aeaug.report.collect import Experiment, read_experiment
from aeaug.report.drawing import css_variables
from aeaug.report.options import ReportOptions
from aeaug.report.page import Page, page
from aeaug.report.records import Run
from aeaug.report.terminal import terminal_table

__all__ = ["ReportPaths", "results_csv", "write_report"]


@dataclass(frozen=True)
class ReportPaths:
    """Where the report is; `terminal` is its short table, for printing."""

    html: Path
    markdown: Path
    csv: Path
    figures: tuple[Path, ...]
    terminal: str


def write_report(
    runs_dir: Path,
    name: str,
    out_dir: Path,
    control: str | None = None,
    options: ReportOptions | None = None,
) -> ReportPaths:
    """Read the runs of experiment `name` under `runs_dir` and write their report into `out_dir`.

    `control` is the variant the others are compared against, by default the one without augmentation. Nothing
    is written when the runs cannot be read or compared: `ValueError`, see `read_experiment`.
    """
    experiment = read_experiment(runs_dir, name, control)
    content = page(experiment, out_dir, options or ReportOptions())
    out_dir.mkdir(parents=True, exist_ok=True)
    figures = _write_figures(content, out_dir / "figures")
    paths = ReportPaths(
        html=out_dir / "report.html",
        markdown=out_dir / "report.md",
        csv=out_dir / "results.csv",
        figures=figures,
        terminal=terminal_table(experiment),
    )
    paths.html.write_text(_render("report.html.j2", content), encoding="utf-8")
    paths.markdown.write_text(_render("report.md.j2", content), encoding="utf-8")
    paths.csv.write_text(results_csv(experiment), encoding="utf-8")
    return paths


def results_csv(experiment: Experiment) -> str:
    """One row per run, missing ones included: what it is, how it ended, every number at full precision."""
    rows = [_csv_row(experiment.name, run) for run in experiment.runs]
    fields = list(dict.fromkeys(field for row in rows for field in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv_row(name: str, run: Run) -> dict[str, object]:
    row: dict[str, object] = {
        "experiment": name,
        "variant": run.variant,
        "n_train": run.n_train,
        "seed": run.seed,
    }
    row |= {
        "path": run.path.as_posix(),
        "state": run.state,
        "images": run.status.images if run.status else "",
    }
    if run.test is not None and run.results is not None:
        row |= run.test.model_dump(exclude={"class_histogram"})
        row |= {f"class_{label}": share for label, share in enumerate(run.test.class_histogram)}
        for floor, metrics in run.results.floors.items():
            row |= {f"{floor}_{key}": value for key, value in metrics.model_dump(exclude={"class_histogram"}).items()}
    if run.status is not None:
        row |= {f"seconds_{stage}": seconds for stage, seconds in run.status.seconds.items()}
    return row


def _write_figures(content: Page, folder: Path) -> tuple[Path, ...]:
    folder.mkdir(exist_ok=True)
    images = {f"{chart.key}.png": chart.png for chart in content.charts}
    for section in content.sections:
        for sample in section.samples:
            images[_sample_file(sample.run)] = sample.grid
    for name, data in images.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in images)


def _sample_file(run: Run) -> str:
    return f"samples-{run.n_train}-{run.variant.replace('/', '-')}-seed={run.seed}.png"


def _render(template: str, content: Page) -> str:
    environment = Environment(
        loader=PackageLoader("aeaug.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "base64": lambda data: base64.b64encode(data).decode("ascii"),
        "breakable": lambda name: Markup(re.sub(r"([_,=.])", r"\1<wbr>", str(escape(name)))),
        "svg": Markup,  # drawn by this package, with text escaped by matplotlib
        "markdown": lambda text: str(text).replace("|", "\\|").replace("\n", " "),
        "sample_file": _sample_file,
    }
    colours = {"light": Markup(css_variables(dark=False)), "dark": Markup(css_variables(dark=True))}
    return environment.get_template(template).render(page=content, colours=colours)
