"""The table of an experiment as it is committed: the rows of finished runs, gathered over weeks and machines.

Runs that are in it stay, also when their folders are gone; runs that are new enter. The same run again, with the same
numbers, is there already; with other numbers it is refused. On another processor, which rounds otherwise, the same is
asked of FD alone, about: small classifiers, and with them what is read by them, carry a last digit far.

The file is committed again and again, so it is small, and of the same runs it has the same bytes. Bytes a run, of the
tables of demo and bf16: as reports write them 4,060 and 3,180; with zstd at level 19 3,450 and 2,670; rows by their
place in a run, so that what all runs say stands together, 3,450 and 2,370; without curves that no report reads
(:data:`UNREAD`), and of all numbers the first bytes together, then the second, 2,730 and 1,780. What else could go
saves nothing: rows without a number, and words that all runs repeat, compress to less than 2%. Numbers as float32 would
save 30% more, and break ties that the tests of paired differences count.
"""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from aeaug.faults import Fault
from aeaug.run.folders import run_folders
from aeaug.run.metrics import TIMED
from aeaug.run.table import COLUMNS
from aeaug.run.table.rows import rows

__all__ = ["CLOSE", "UNREAD", "encoded", "finished_rows", "merged"]

UNREAD = frozenset({"loss_d", "loss_g", "called_real"})
"""Curves that TensorBoard shows and no report reads."""

CLOSE = 1e-4
"""Of FD, as a share: by how much the same run may be off on another processor. The README says by how much those are
that were made on two."""

_RUN = ["experiment", "arm", "n_train", "subset", "seed"]
_PLACE = ["split", "set", "metric", "reading", "space", "images"]
_STATES = ("done", "diverged")


def finished_rows(experiment: Path) -> Iterator[pd.DataFrame]:
    """The table of each run in this folder that is done or diverged. Raises :class:`Fault` for what cannot be read."""
    for folder in sorted(run_folders(experiment)):
        found = rows(folder, experiment)
        if found["state"].iloc[0] in _STATES:
            yield found


def merged(table: pd.DataFrame | None, runs: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    """``table`` with the ``runs`` that it lacks, in the order of their names; None where there is neither.

    Raises :class:`Fault`, naming run and metric, for a run that the table has with another number, and for one that it
    has by another name.
    """
    parts = {} if table is None else {_name(part): part for _, part in table.groupby(_RUN, dropna=False, sort=False)}
    for new in runs:
        name = _name(new)
        if name in parts:
            _require_same(name, parts[name], new)
        else:
            _require_new(name, new, parts)
            parts[name] = new
    if not parts:
        return None
    whole = pd.concat([parts[name] for name in sorted(parts)], ignore_index=True)
    return whole[~(whole["metric"].isin(UNREAD) & whole["images"].notna())].reset_index(drop=True)


def encoded(table: pd.DataFrame) -> bytes:
    """The file of a :func:`merged` table. Read back, every run has its rows in the order in which it had them."""
    run = table.groupby(_RUN, dropna=False, sort=False).ngroup()
    order = table.groupby(run).cumcount().sort_values(kind="stable").index
    arrow = pa.Table.from_pandas(table.loc[order, list(COLUMNS)], preserve_index=False).replace_schema_metadata()
    words = [column for column in COLUMNS if column != "value"]
    file = io.BytesIO()
    split = {"value": "BYTE_STREAM_SPLIT"}
    pq.write_table(arrow, file, compression="zstd", compression_level=19, use_dictionary=words, column_encoding=split)
    return file.getvalue()


def _name(run: pd.DataFrame) -> tuple[str, str, int, int, int]:
    experiment, arm, n_train, subset, seed = run[_RUN].iloc[0]
    return experiment, arm, -1 if pd.isna(n_train) else int(n_train), int(subset), int(seed)


def _require_new(
    name: tuple[str, str, int, int, int],
    new: pd.DataFrame,
    parts: Mapping[tuple[str, str, int, int, int], pd.DataFrame],
) -> None:
    """Names are given by versions of the code and by sweeps: the same run by two would count twice."""
    experiment, arm, *place = name
    of = _settings(new)
    for other, old in parts.items():
        if other[0] == experiment and [*other[2:]] == place and of and _settings(old) == of:
            raise Fault(
                f"{experiment}: {arm}, subset={place[1]}, seed={place[2]}: the table has this run as {other[1]}: move "
                "the run's folder away, or rename its rows in the table"
            )


def _settings(run: pd.DataFrame) -> set[tuple[str, str]]:
    """All that was set, but for how it is measured."""
    rows = run[(run["set"] == "setting") & ~run["metric"].str.startswith("evaluation.")]
    return set(zip(rows["metric"], rows["note"].astype(str), strict=True))


def _require_same(name: tuple[str, str, int, int, int], old: pd.DataFrame, new: pd.DataFrame) -> None:
    experiment, arm, n_train, subset, seed = name
    label = f"{experiment}: {arm}{f', {n_train} images' * (n_train >= 0)}, subset={subset}, seed={seed}"
    way_out = "move the run's folder away, or take its rows out of the table"
    states = old["state"].iloc[0], new["state"].iloc[0]
    if states[0] != states[1]:
        raise Fault(f"{label}: {states[0]} in the table, {states[1]} in its folder: {way_out}")
    pair = _measured(old).merge(_measured(new), on=_PLACE, suffixes=("", "_new"))
    unlike = pair["value"] != pair["value_new"]
    if len({_processor(run) for run in (old, new)}) > 1:
        near = np.isclose(pair["value_new"], pair["value"], rtol=CLOSE, atol=0)
        unlike = (pair["metric"] == "frechet_distance") & (pair["split"] == "test") & ~near
    other = pair[unlike & ~(pair["value"].isna() & pair["value_new"].isna())]
    if len(other):
        first = other.iloc[0]
        what = " ".join(word for word in (first["set"], first["metric"], first["reading"], first["space"]) if word)
        what += "" if pd.isna(first["images"]) else f" after {first['images']:,} images"
        found = f"{first['value']:.9g} in the table, {first['value_new']:.9g} in its folder"
        more = f", and {len(other) - 1} more numbers" * (len(other) > 1)
        raise Fault(f"{label}: {what} is {found}{more}: {way_out}")


def _processor(run: pd.DataFrame) -> str:
    return "".join(run.loc[(run["set"] == "record") & (run["metric"] == "processor"), "note"].astype(str))


def _measured(run: pd.DataFrame) -> pd.DataFrame:
    """What a repetition of the run makes again."""
    kept = ~(run["set"].isin(("record", "setting", "claim")) | run["metric"].isin(TIMED))
    return run.loc[kept, [*_PLACE, "value"]].drop_duplicates(_PLACE)
