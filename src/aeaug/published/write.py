"""Everything that is published, made of the tables in docs/results: no number on a page is typed, and none is of a run
that is in no table.

``docs/results/<experiment>.parquet`` take the runs that are there; then ``docs/results/<experiment>.md``,
``docs/results/README.md``, ``docs/figures/ledger.png`` and the block of ``README.md`` are written, and what
``augmentation=auto`` looks up.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from aeaug.evaluation.reading import number
from aeaug.faults import Fault
from aeaug.published.answer import FIGURE, MAIN, family, with_answer
from aeaug.published.experiment import Experiment, experiments
from aeaug.published.figure import drawn, drawn_in, png
from aeaug.published.index import index_page
from aeaug.published.page import experiment_page
from aeaug.published.recipe import recipes
from aeaug.published.recommendation import recommendations
from aeaug.published.repeats import known_before
from aeaug.published.table import encoded, finished_rows, merged
from aeaug.report.results import results_of
from aeaug.run.recommended import FILE
from aeaug.run.records import RunRecord
from aeaug.run.table.reading import read_table
from aeaug.writing import write_whole

__all__ = ["RECOMMENDED", "RESULTS", "collected", "committed", "pages", "publish"]

RESULTS = Path("docs", "results")
RECOMMENDED = Path("src", "aeaug", "run", FILE.name)


def publish(repository: Path, outputs: Path, only: Collection[str] = ()) -> list[str]:
    """Take the finished runs under ``outputs/runs``, of all experiments or ``only`` of some, into the tables of
    ``repository``, and write its pages. Returns a line for each file that changed.

    Raises :class:`Fault`, before anything is written, for a run that a table has with other numbers, and for one that
    is none of those that its experiment's file announces.
    """
    before = committed(repository)
    tables = collected(before, outputs / "runs", only)
    found = experiments(tables)
    _require_announced(before, found)
    files = {RESULTS / f"{name}.parquet": encoded(table) for name, table in tables.items()}
    files |= {path: text.encode() for path, text in pages(repository, found).items()}
    files |= _figure(repository, found)
    main = found.get(MAIN)
    files[RECOMMENDED] = recommendations(None if main is None else main.results).encode()
    changed = {path: content for path, content in files.items() if _put(repository / path, content)}
    return [f"{path}: {number(len(content))} bytes" for path, content in changed.items()]


def committed(repository: Path) -> dict[str, pd.DataFrame]:
    """The tables of ``repository``, by their experiments. Raises :class:`Fault` for one without an experiment."""
    names = {one.name for one in recipes()}
    files = sorted((repository / RESULTS).glob("*.parquet"))
    for file in files:
        if file.stem not in names:
            raise Fault(f"{file}: no conf/experiment/{file.stem}.yaml, or one with seeds that are kept for tuning")
    return {file.stem: read_table(file) for file in files}


def collected(tables: Mapping[str, pd.DataFrame], runs: Path, only: Collection[str] = ()) -> dict[str, pd.DataFrame]:
    """``tables`` with the finished runs in ``runs`` that they lack."""
    names = [one.name for one in recipes()]
    if unknown := sorted(set(only) - set(names)):
        raise Fault(f"{', '.join(unknown)}: no experiment that is published; there are {', '.join(names)}")
    if nothing := [name for name in only if not (runs / name).is_dir()]:
        raise Fault(f"{', '.join(nothing)}: no runs in {runs}")
    found = {
        name: merged(tables.get(name), finished_rows(runs / name) if not only or name in only else iter(()))
        for name in names
    }
    return {name: table for name, table in found.items() if table is not None}


def _require_announced(before: Mapping[str, pd.DataFrame], found: Mapping[str, Experiment]) -> None:
    """Refuse runs that were not in the tables ``before`` and are others than their files announce."""
    for name, one in found.items():
        if not one.departures:
            continue
        there = results_of(before[name]).runs if name in before else ()
        known = {_place(run) for run in there}
        if strange := [(run, said) for run, said in one.departures if _place(run) not in known]:
            run, said = strange[0]
            size = f", {number(run.n_train)} images" if run.n_train is not None else ""
            more = f", and {len(strange) - 1} more runs" * (len(strange) > 1)
            raise Fault(
                f"{name}: {run.arm}{size}, subset={run.key[0]}, seed={run.key[1]}: {'; '.join(said)}{more}: what is "
                f"published is what conf/experiment/{name}.yaml says; add it there, or move the folder away"
            )


def _place(run: RunRecord) -> tuple[object, ...]:
    """What tells a run from others of its table, whatever its arm is called."""
    return run.n_train, run.key, frozenset(run.settings.items())


def pages(repository: Path, found: Mapping[str, Experiment]) -> dict[Path, str]:
    """Every page, by its place in the repository; of the README what is typed stays."""
    readme = (repository / "README.md").read_text(encoding="utf-8")
    known = known_before(family(found))
    every = {
        RESULTS / f"{name}.md": experiment_page(one, known.get(name, ()))
        for name, one in found.items()
        if one.results is not None
    }
    return {**every, RESULTS / "README.md": index_page(found.values()), Path("README.md"): with_answer(readme, found)}


def _figure(repository: Path, found: Mapping[str, Experiment]) -> dict[Path, bytes]:
    """The figure of the main experiment, where the one that is there shows something else."""
    main, file = found.get(MAIN), repository / FIGURE
    if main is None or main.results is None:
        return {}
    if file.is_file() and drawn_in(file.read_bytes()) == drawn(main.results):
        return {}
    content = png(main.results)
    return {} if content is None else {Path(FIGURE): content}


def _put(file: Path, content: bytes) -> bool:
    """Write a file that is not so already."""
    if file.is_file() and file.read_bytes() == content:
        return False
    write_whole(file, content)
    return True
