"""Every run: what became of it, and where it lies."""

import math

from aeaug.evaluation.reading import NONE, number
from aeaug.report.results import Results
from aeaug.report.tables.table import FD, Row, Table
from aeaug.run.metrics import METRICS
from aeaug.run.records import RunRecord

__all__ = ["runs_table", "untested"]


def untested(results: Results) -> str:
    """That runs never looked at the test set, in a sentence; empty where none did so."""
    done = [run for run in results.runs if run.state == "done"]
    count = sum(_untested(run) for run in done)
    which = "" if count == len(done) else f"In {count} of {len(done)} runs: "
    said = "nothing was measured on the test set (evaluation.test=false), there is the validation curve alone."
    return f"{which or 'N'}{said if which else said[1:]}" * bool(count)


def runs_table(results: Results, *, incomplete: bool = False) -> Table:
    """Every run, or those that did not come to the end of their budget or have no numbers."""
    rows = []
    for run in results.runs:
        note = "no such run: other arms have this seed" if run.state == "missing" else run.words.get("fault", "")
        if run.state == "done" and run.of(FD) is None:
            note = "nothing measured on the test set" if _untested(run) else "done, but without numbers"
        if run.state == "running":
            note = "not finished, or killed: the same command takes it up again"
        if incomplete and run.state == "done" and (not note or _untested(run)):
            continue
        seconds, images = run.of(METRICS["seconds_total"]), run.counts.get("images")
        shown = NONE if images is None else f"{number(images)} of {number(run.counts.get('budget.images', math.nan))}"
        size = "all" if run.n_train is None else number(run.n_train)
        told = NONE if seconds is None else number(seconds)
        names = run.arm, size, str(run.subset), str(run.seed)
        where = f"runs/{run.experiment}/{run.words['folder']}" if "folder" in run.words else ""
        rows.append(Row((*names, run.state, shown, told, note, where)))
    columns = ("arm", "training images", "subset", "seed", "state", "images shown", "seconds", "note", "folder")
    return Table(columns, tuple(rows))


def _untested(run: RunRecord) -> bool:
    return run.settings.get("evaluation.test") == "False"
