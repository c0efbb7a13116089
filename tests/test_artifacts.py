import json
import subprocess
import sys

import pytest

from aeaug.artifacts import ArtifactStore, artifact_key


def build(folder):
    (folder / "weights").write_text("w")
    (folder / "sub").mkdir()
    (folder / "sub" / "more").write_text("m")


def test_key_ignores_order_and_sees_values():
    assert artifact_key({"a": 1, "b": {"c": 2, "d": 3}}) == artifact_key({"b": {"d": 3, "c": 2}, "a": 1})
    assert len({artifact_key(r) for r in ({}, {"a": 1}, {"a": 1.5}, {"a": "1"}, {"b": 1})}) == 5


def test_built_once_then_found(tmp_path):
    store, calls = ArtifactStore(tmp_path), []

    def counted(folder):
        calls.append(folder)
        build(folder)

    first = store.get("thing", {"a": 1}, counted)
    assert store.get("thing", {"a": 1}, counted) == first
    assert len(calls) == 1
    assert first.name == artifact_key({"a": 1})
    assert json.loads((first / "manifest.json").read_text())["recipe"] == {"a": 1}
    assert store.get("thing", {"a": 2}, counted) != first


@pytest.mark.parametrize("name", ["weights", "sub/more", "manifest.json"])
@pytest.mark.parametrize("damage", ["change", "delete"])
def test_damage_is_found_on_use(tmp_path, name, damage):
    store = ArtifactStore(tmp_path)
    folder = store.get("thing", {}, build)
    if damage == "change":
        (folder / name).write_text("tampered")
    else:
        (folder / name).unlink()
    with pytest.raises(ValueError, match=r"is damaged .* delete the folder") as caught:
        store.get("thing", {}, build)
    assert str(folder) in str(caught.value)


def test_a_failed_build_leaves_nothing_and_can_be_repeated(tmp_path):
    store = ArtifactStore(tmp_path)

    def fails(folder):
        (folder / "half").write_text("h")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        store.get("thing", {}, fails)
    assert [path.suffix for path in (tmp_path / "thing").iterdir()] == [".lock"]
    assert (store.get("thing", {}, build) / "weights").read_text() == "w"


def test_leftovers_of_a_killed_build_are_swept(tmp_path):
    store = ArtifactStore(tmp_path)
    stale = tmp_path / "thing" / f"{artifact_key({})}.building-killed"
    stale.mkdir(parents=True)
    store.get("thing", {}, build)
    assert not stale.exists()


PROCESS = """
import sys, time
from pathlib import Path
from aeaug.artifacts import ArtifactStore
root, marks = Path(sys.argv[1]), Path(sys.argv[2])
def build(folder):
    with marks.open("a") as file:
        file.write("built\\n")
    deadline = time.monotonic() + 1.0  # long enough for the other process to arrive
    while time.monotonic() < deadline:
        (folder / "weights").write_text(str(time.monotonic()))
print((ArtifactStore(root).get("thing", {"shared": True}, build) / "weights").read_text())
"""


def test_of_two_processes_one_builds_and_both_get_it(tmp_path):
    marks = tmp_path / "marks"
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "store"), str(marks)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert marks.read_text() == "built\n"
    assert outputs[0] == outputs[1] != ""
