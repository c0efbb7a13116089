import json

from filelock import FileLock

from aeaug.run import interruption
from aeaug.run.interruption import mark_interrupted


def test_a_run_that_nobody_works_on_is_interrupted_and_every_other_is_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(interruption, "WAIT", 0.0)
    for state, marked in (("running", True), ("done", False), ("failed", False)):
        folder = tmp_path / state
        folder.mkdir()
        (folder / "status.json").write_text(json.dumps({"state": state, "images": 7}))
        with FileLock(folder / ".lock"):  # somebody is at work
            assert not mark_interrupted(folder)
        assert mark_interrupted(folder) is marked
        found = json.loads((folder / "status.json").read_text())
        assert (found["state"], found["images"]) == ("interrupted" if marked else state, 7)


def test_a_run_that_never_began_gets_no_folder(tmp_path):
    assert not mark_interrupted(tmp_path / "none" / "seed=0")
    assert list(tmp_path.iterdir()) == []
