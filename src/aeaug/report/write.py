"""Write a report: the page, the table it is computed from, and the pictures beside it.

``<outputs>/reports/<experiment>/``: ``report.html``, one self-contained file; ``results.parquet`` and ``results.csv``,
the table (:mod:`aeaug.run.table`), from which the page can be made again without the runs; ``figures/*.png``;
``pictures/``, of one seed of every arm.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aeaug.faults import Fault
from aeaug.report.page import page, render
from aeaug.report.results import results_of
from aeaug.report.terminal import terminal_table
from aeaug.run.folder.writable import require_writable
from aeaug.run.pictures import copy_picture, gather_pictures
from aeaug.run.table.reading import read_table
from aeaug.run.table.rows import experiment_rows
from aeaug.writing import locked, remove_strays, write_whole

__all__ = ["ReportPaths", "report"]


@dataclass(frozen=True)
class ReportPaths:
    """Where the report is; ``terminal`` is its short table, for printing, ``answer`` its one line, where it has one."""

    html: Path
    table: Path
    figures: tuple[Path, ...]
    terminal: str
    answer: str = ""


def report(
    experiments: Sequence[str] | None, results: Path | None, outputs: Path, control: str | None = None
) -> ReportPaths:
    """Report on ``experiments`` under ``outputs/runs``, or on the table in the file ``results``.

    ``control`` is the arm the others are compared with, by default the one without augmentation. Nothing is written
    when the runs cannot be read or compared, or ``outputs`` not be written: ``ValueError``, in one line. All is written
    beside the earlier report and takes its place at the end, so that a full disk leaves that as it was.
    """
    if (experiments is None) == (results is None):
        raise ValueError("say either experiment=<name> or results=<file>")
    require_writable(outputs / "reports", str(outputs))
    runs = outputs / "runs"
    table = experiment_rows(runs, experiments) if experiments is not None else read_table(results or Path())
    found = results_of(table, control)
    names = list(dict.fromkeys(table["experiment"]))
    folder = outputs / "reports" / "+".join(names)
    require_writable(folder, str(outputs))
    # A table in this folder is that of the report whose pictures lie beside it; any other is of other runs.
    own = results is not None and results.parent.resolve() == folder.resolve()
    if results is not None and not own:
        _require_no_other(results, folder, table)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock", f"another process that writes into {folder}"):
        remove_strays(folder)
        new = Path(tempfile.mkdtemp(prefix=".new-", suffix=".tmp", dir=folder))
        try:
            if results is None:
                for name in names:
                    gather_pictures(runs / name, new / "pictures")
            elif not own:
                _copy_pictures(results.parent / "pictures", new / "pictures")
            stale = not own and not (new / "pictures").exists() and (folder / "pictures").exists()
            content = page(found, (folder if own else new) / "pictures")
            figures = _write(new, content, table)
            for part in sorted(new.iterdir()):
                _take_the_place(part, folder / part.name, new)
            if stale:
                (folder / "pictures").replace(new / "old-pictures")
        finally:
            shutil.rmtree(new, ignore_errors=True)
    paths = tuple(folder / "figures" / name for name in figures)
    said = terminal_table(found), content["advice"]
    return ReportPaths(folder / "report.html", folder / "results.parquet", paths, *said)


def _require_no_other(results: Path, folder: Path, table: pd.DataFrame) -> None:
    """Raise ``ValueError`` where ``folder`` has a report of runs that ``table`` lacks: they may be gone elsewhere."""
    try:
        there = read_table(folder / "results.parquet")
    except Fault:  # there is none, or none that could be read again
        return
    if lost := _runs(there) - _runs(table):
        said = f"{folder} is a report of {len(lost)} runs that it lacks; outputs=<another folder> keeps both"
        raise ValueError(f"results={results}: {said}")


def _runs(table: pd.DataFrame) -> set[tuple[Any, ...]]:
    """What identifies them."""
    key = table[["experiment", "arm", "n_train", "subset", "seed"]].drop_duplicates().astype(object)
    return set(key.where(key.notna(), None).itertuples(index=False, name=None))


def _write(folder: Path, content: dict[str, Any], table: pd.DataFrame) -> list[str]:
    """Write all but the pictures into ``folder``; the names of the figures' files."""
    parquet = io.BytesIO()
    table.to_parquet(parquet, index=False)
    # A chart's key may hold the name of a setting, and a table can call one whatever it likes.
    figures = {f"{re.sub(r'[^a-zA-Z0-9-]', '-', chart.key)[:100]}.png": chart.png for chart in content["charts"]}
    files = {
        "report.html": render(content).encode(),
        "results.parquet": parquet.getvalue(),
        "results.csv": table.to_csv(index=False).encode(),
        **{f"figures/{name}": png for name, png in figures.items()},
    }
    (folder / "figures").mkdir()
    for name, data in files.items():
        write_whole(folder / name, data)
    return list(figures)


def _copy_pictures(source: Path, target: Path) -> None:
    for picture in source.rglob("*.png"):
        if picture.is_file() and picture.resolve().is_relative_to(source.resolve()):
            copy = target / picture.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy_picture(picture, copy)


def _take_the_place(part: Path, target: Path, aside: Path) -> None:
    """Rename ``part`` to ``target``; a folder that was there goes ``aside``, to be removed."""
    if part.is_dir() and target.exists():
        target.replace(aside / f"old-{target.name}")
    part.replace(target)
