"""Which folders are runs, told alike to reports, tables and the state of runs."""

import json
import time

from aeaug.run.folders import experiments, folders_in, run_folders
from aeaug.sweep.status.states import experiment_states


def begun(place):
    place.mkdir(parents=True)
    (place / "status.json").write_text(json.dumps({"state": "interrupted"}))
    return place


def test_what_is_a_link_is_a_run_as_what_it_leads_to(tmp_path):
    """Where a disk was full, an arm, or a run, lies on another."""
    runs, other = tmp_path / "runs", tmp_path / "other"
    begun(runs / "mine" / "none" / "seed=0")
    begun(other / "arm" / "seed=1")
    begun(other / "run")
    (runs / "mine" / "appended").symlink_to(other / "arm")
    (runs / "mine" / "none" / "seed=2").symlink_to(other / "run")
    (runs / "mine" / "none" / "seed=3").symlink_to(other / "nowhere")
    begun(runs / "mine" / "none" / "seed=0.stale-1a2b3c4d")
    begun(runs / "mine" / "none" / "seed=0" / "below" / "seed=4")
    (runs / "mine" / "none" / "seed=5").mkdir()
    found = {path.relative_to(runs / "mine").as_posix() for path in run_folders(runs / "mine")}
    assert found == {"none/seed=0", "appended/seed=1", "none/seed=2"}
    assert {run.name for run in experiment_states(runs / "mine", time.time()).runs} == found
    (runs / "theirs").symlink_to(runs / "mine")
    assert experiments(runs) == ["mine", "theirs"]
    assert folders_in(tmp_path / "nowhere") == []
