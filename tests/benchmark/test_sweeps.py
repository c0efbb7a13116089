"""Copies of a run are read as so many runs."""

import pandas as pd
import pytest

from aeaug.benchmark.sweeps import copied
from aeaug.run.pipeline import Run
from tests.conftest import options
from tests.terminal import typed


@pytest.mark.long
@pytest.mark.usefixtures("stocked")
def test_copies_of_a_run_are_runs_of_their_own_subsets(tmp_path):
    run = Run(options(tmp_path, "arm=append_gaussian"))
    run.run()
    copied(run.folder.path, tmp_path / "runs" / "many", ["a", "b"], 6)
    looked = typed("status", "experiment=many", f"outputs={tmp_path}")
    assert looked.status == 0, looked.said
    assert "12 runs" in looked.printed or "12" in looked.printed.splitlines()[-1]
    read = typed("report", "experiment=many", f"outputs={tmp_path}")
    assert read.status == 0, read.said
    table = pd.read_parquet(tmp_path / "reports" / "many" / "results.parquet")
    runs = table[["arm", "seed", "subset"]].drop_duplicates()
    assert sorted(runs.itertuples(index=False, name=None)) == [(arm, s, s) for arm in "ab" for s in range(6)]
    assert set(table["state"]) == {"done"}
