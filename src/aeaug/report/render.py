"""Write a report: `report.html` (one self-contained file), `report.md` and `figures/*.png`, `results.csv`."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from aeaug.report.collect import read_experiment
from aeaug.report.csv_rows import results_csv
from aeaug.report.drawing import css_variables
from aeaug.report.options import ReportOptions
from aeaug.report.page import Page, page
from aeaug.report.terminal import terminal_table

__all__ = ["ReportPaths", "write_report"]


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


def _write_figures(content: Page, folder: Path) -> tuple[Path, ...]:
    folder.mkdir(exist_ok=True)
    images = {f"{chart.key}.png": chart.png for chart in content.charts}
    images |= {picture.file: picture.png for picture in content.pictures}
    for name, data in images.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in images)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _breakable(word: re.Match[str]) -> str:
    """A long name may break after each of its parts."""
    return re.sub(r"([_,=.])", r"\1<wbr>", word[0])


def _marked(text: str) -> Markup:
    """Markdown's `code` and *emphasis* in this package's own texts, as HTML."""
    coded = re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*([^*]+)\*", r"<i>\1</i>", coded))


def _render(template: str, content: Page) -> str:
    environment = Environment(
        loader=PackageLoader("aeaug.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "base64": _base64,
        "breakable": lambda name: Markup(re.sub(r"\S{9,}", _breakable, str(escape(name)))),
        "svg": Markup,  # drawn by this package, with text escaped by matplotlib
        "markdown": lambda text: str(text).replace("|", "\\|").replace("\n", " "),
        "marked": _marked,
    }
    environment.filters |= filters
    colours = {"light": Markup(css_variables(dark=False)), "dark": Markup(css_variables(dark=True))}
    return environment.get_template(template).render(page=content, colours=colours)
