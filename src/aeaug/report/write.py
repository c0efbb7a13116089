"""Write a report: the page, the table it is computed from, and the pictures beside it.

``<outputs>/reports/<experiment>/``: ``report.html``, one self-contained file; ``results.parquet`` and ``results.csv``,
the table (:mod:`aeaug.run.rows`), from which the page can be made again without the runs; ``figures/*.png``;
``pictures/``, of one seed of every arm.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aeaug.report.page import page, render
from aeaug.report.results import results_of
from aeaug.report.terminal import terminal_table
from aeaug.run.pictures import gather_pictures
from aeaug.run.rows import experiment_rows, read_table

__all__ = ["ReportPaths", "report"]


@dataclass(frozen=True)
class ReportPaths:
    """Where the report is; ``terminal`` is its short table, for printing."""

    html: Path
    table: Path
    figures: tuple[Path, ...]
    terminal: str


def report(
    experiments: Sequence[str] | None, results: Path | None, outputs: Path, control: str | None = None
) -> ReportPaths:
    """Report on ``experiments`` under ``outputs/runs``, or on the table in the file ``results``.

    ``control`` is the arm the others are compared with, by default the one without augmentation. Nothing is written
    when the runs cannot be read or compared: ``ValueError``, in one line.
    """
    if (experiments is None) == (results is None):
        raise ValueError("say either experiment=<name> or results=<file>")
    runs = outputs / "runs"
    table = experiment_rows(runs, experiments) if experiments is not None else read_table(results or Path())
    found = results_of(table, control)
    names = list(dict.fromkeys(table["experiment"]))
    folder = outputs / "reports" / "+".join(names)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / "pictures"
    if results is None:
        for name in names:
            gather_pictures(runs / name, beside)
    elif results.parent.resolve() != folder.resolve() and (results.parent / "pictures").is_dir():
        shutil.copytree(results.parent / "pictures", beside, dirs_exist_ok=True)
    content = page(found, beside)
    shutil.rmtree(folder / "figures", ignore_errors=True)  # those of an earlier report
    (folder / "figures").mkdir()
    figures = {folder / "figures" / f"{chart.key}.png": chart.png for chart in content["charts"]}
    for path, png in figures.items():
        path.write_bytes(png)
    html = folder / "report.html"
    html.write_text(render(content), encoding="utf-8")
    table.to_parquet(folder / "results.parquet", index=False)
    table.to_csv(folder / "results.csv", index=False)
    return ReportPaths(html, folder / "results.parquet", tuple(figures), terminal_table(found))
