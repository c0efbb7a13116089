"""What sweeps have planned stands beside their runs."""

import threading

import pytest

from aeaug.faults import Fault
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folders import run_path
from aeaug.sweep import planned
from aeaug.sweep.planned import PLAN, add_planned, read_planned
from tests.conftest import options, tiny
from tests.terminal import content, typed


def jobs(outputs, *overrides):
    chosen = [options(outputs, *one.split()) for one in overrides]
    return {run_path(one): one for one in chosen}


def test_plans_of_several_sweeps_are_one(tmp_path):
    add_planned(jobs(tmp_path, "arm=none seed=0", "arm=none seed=1", "arm=none seed=0 name=other data.n_train=null"))
    add_planned(jobs(tmp_path, "arm=none seed=1", "arm=append_gaussian seed=0 data.n_train=50"))
    found = {name: one.n_train for name, one in read_planned(tmp_path / "runs" / "adhoc").items()}
    assert found == {
        "none/seed=0": 100,
        "none/seed=1": 100,
        "append_gaussian,data.n_train=50/seed=0": 50,
    }
    (other,) = read_planned(tmp_path / "runs" / "other").values()
    assert other.n_train is None
    assert {path.name for path in (tmp_path / "runs" / "adhoc").iterdir()} == {PLAN}  # no lock stays


def test_the_same_sweep_again_writes_nothing(tmp_path, monkeypatch):
    add_planned(jobs(tmp_path, "arm=none seed=0", "arm=none seed=1"))
    monkeypatch.setattr(planned, "write_whole", lambda *_: pytest.fail("written"))
    add_planned(jobs(tmp_path, "arm=none seed=1"))


def test_sweeps_that_begin_together_lose_nothing(tmp_path):
    each = [jobs(tmp_path, f"arm=none seed={seed}") for seed in range(6)]
    threads = [threading.Thread(target=add_planned, args=[one]) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_planned(tmp_path / "runs" / "adhoc")) == 6


WRONG = [
    "",
    "{",
    "[]",
    "{}",
    '{"runs": []}',
    '{"runs": {"a/seed=0": {}}}',
    '{"runs": {"a": {"n_train": -1}}}',
    "[" * 9999,
]


@pytest.mark.parametrize("text", WRONG)
def test_a_plan_that_cannot_be_read_is_one_line_and_stops_no_sweep(text, tmp_path):
    experiment = tmp_path / "runs" / "adhoc"
    experiment.mkdir(parents=True)
    (experiment / PLAN).write_text(text)
    with pytest.raises(Fault, match=rf"\{PLAN} is not readable .*: delete") as caught:
        read_planned(experiment)
    assert "\n" not in str(caught.value)
    add_planned(jobs(tmp_path, "arm=none seed=1"))
    assert list(read_planned(experiment)) == ["none/seed=1"]


def test_without_a_plan_nothing_is_planned(tmp_path):
    assert read_planned(tmp_path) == {}
    assert content(tmp_path) == {}


def test_a_sweep_plans_before_its_first_run(tmp_path, monkeypatch):
    """And a sweep that is refused plans nothing."""
    given = [*tiny("arm=none", "evaluation.test=false"), f"outputs={tmp_path}", "name=mine", "variant=v"]
    assert typed("train", "-m", *given, "seed=0,0").status == 1
    assert content(tmp_path) == {}
    ran, healthy = [], RunFolder.open

    def opened(folder):
        ran.append(read_planned(folder.path.parents[1]))
        healthy(folder)

    monkeypatch.setattr(RunFolder, "open", opened)
    ended = typed("train", "-m", *given, "seed=0,1")
    assert ended.status == 0, ended.said
    assert [list(one) for one in ran] == [["v/seed=0", "v/seed=1"]] * 2
