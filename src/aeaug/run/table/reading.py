"""A table that a report wrote, read again."""

import json
from pathlib import Path

import pandas as pd

from aeaug.faults import Fault, one_line
from aeaug.options import require_folder_name
from aeaug.run.claims import read_claims
from aeaug.run.folder.statements import Statement
from aeaug.run.table import COLUMNS

__all__ = ["read_table"]


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that a report wrote, .parquet or .csv.

    Raises :class:`Fault`, naming the file, for one that is not there or holds something else.
    """
    if not path.is_file():
        raise Fault(f"results={path}: no such file")
    if path.suffix not in (".parquet", ".csv"):
        raise Fault(f"results={path}: expected results.parquet or results.csv of an earlier report")
    try:
        empty = {key: [""] for key, kind in COLUMNS.items() if kind != "str"}
        words = {"dtype": COLUMNS, "keep_default_na": False, "na_values": empty}
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, **words)
        if lacking := [column for column in COLUMNS if column not in table]:
            raise ValueError(f"no table of runs, for there is no column {lacking[0]}")
        if table.empty:
            raise ValueError("no table of runs, for it is empty")
        table = table[list(COLUMNS)].astype(COLUMNS)
        for note in table.loc[table["set"] == "claim", "note"]:
            said = json.loads(note)
            Statement(said["stated"], 0, said["claim"])
            read_claims({"claims": [said["claim"]]}, "a claim")
        if table.loc[table["set"] == "claim", "images"].isna().any():
            raise ValueError("a claim does not say when it was stated")
    except Exception as error:  # of whatever the two readers raise over foreign bytes
        why = one_line(error, 150) or type(error).__name__
        raise Fault(f"results={path}: not readable ({why}): make that report again with experiment=<name>") from error
    for name in table["experiment"].unique():  # it becomes a folder
        require_folder_name(f"results={path}: experiment", name)
    return table
