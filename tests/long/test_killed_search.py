"""Searches in processes of their own, one of them killed."""

import json
import os
import signal
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from aeaug.tune.journal import journal
from tests.processes import Process, children
from tests.tune.searches import arguments

LONG = ["arm=none", "budget.images=4000", "tune.trials=2"]


def trials_in(folder):
    return optuna.load_study(
        storage=journal(folder / "outputs" / "tune" / "it" / "journal.log"), study_name="none"
    ).trials


def images(folder):
    """Shown by each run so far, by its folder."""
    found = {}
    for file in (folder / "outputs").rglob("status.json"):
        found[file.parent] = json.loads(file.read_text())["images"]
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_the_trial_of_a_process_that_is_killed_is_taken_up_by_another(tmp_path):
    given = arguments(tmp_path, "arm=none", "budget.images=20000", "tune.trials=2", "tune.processes=2")
    search, give_up = Process("scripts/tune.py", *given), time.monotonic() + 240
    while sum(shown > 0 for shown in images(tmp_path).values()) < 2:  # each is at work on a trial
        assert search.poll() is None, search.communicate()
        assert time.monotonic() < give_up
        time.sleep(0.01)
    before = [one.params for one in trials_in(tmp_path)]
    os.kill(children(search.pid, b"spawn_main")[0][0], signal.SIGKILL)
    _, said = search.communicate(240)
    assert search.returncode == 0, said
    assert [one.state for one in trials_in(tmp_path)] == [TrialState.COMPLETE] * 2
    assert [one.params for one in trials_in(tmp_path)] == before


def test_a_killed_search_goes_on_to_what_one_that_nobody_disturbed_finds(tmp_path):
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    for folder in (killed, calm):
        folder.mkdir()
    process, give_up = Process("scripts/tune.py", *arguments(killed, *LONG)), time.monotonic() + 240
    while not any(400 <= shown < 4000 for shown in images(killed).values()):  # in the middle of a trial
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < give_up
        time.sleep(0.01)
    process.kill()
    process.communicate(60)
    (left,) = [one for one in trials_in(killed) if one.state == TrialState.RUNNING]
    assert {*left.params} == {"gan.r1_gamma", "gan.lr_generator", "gan/loss"}

    for folder in (killed, calm):
        again = Process("scripts/tune.py", *arguments(folder, *LONG))
        _, said = again.communicate(240)
        assert again.returncode == 0, said
    assert trials_in(killed)[left.number].params == left.params
    both = [
        [(one.state, one.params, one.value, one.intermediate_values) for one in trials_in(f)] for f in (killed, calm)
    ]
    assert both[0] == both[1]
    assert len(both[0]) == 2
    (resumed,) = [file for file in (killed / "outputs").rglob("run.log") if f"trial={left.number:04d}" in str(file)]
    assert len([*(killed / "outputs").rglob("run.log")]) == 2
    assert resumed.exists()


def test_two_commands_with_three_processes_do_no_more_trials_than_were_asked_for(tmp_path):
    given = arguments(tmp_path, "arm=none", "tune.trials=5")
    pair = [Process("scripts/tune.py", *given, f"tune.processes={count}") for count in (1, 2)]
    ends = [one.communicate(300) for one in pair]
    assert [one.returncode for one in pair] == [0, 0], ends
    trials = trials_in(tmp_path)
    assert [one.state for one in trials] == [TrialState.COMPLETE] * 5
    said = "".join(printed for printed, _ in ends)
    assert sorted(line.split("(")[0] for line in said.splitlines() if line.startswith("none, trial ")) == [
        f"none, trial {n} " for n in range(5)
    ]
    assert len({str(one.params) for one in trials}) == 5
