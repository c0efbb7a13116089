import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from aeaug.artifacts import ArtifactStore, artifact_key, code_version, file_sha256, recipe_version
from aeaug.faults import Fault


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


def test_seconds_are_of_what_was_built_here_once_and_not_of_what_was_found(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("aeaug.artifacts.time.perf_counter", lambda: now[0])
    store = ArtifactStore(tmp_path)

    def part(folder):
        now[0] += 3.0
        build(folder)

    def whole(folder):
        store.get("part", {}, part)
        now[0] += 4.0
        build(folder)

    store.get("whole", {}, whole)
    assert store.seconds == 7.0  # of the part too, and no second twice
    store.get("whole", {}, whole)
    store.get("part", {}, part)
    assert store.seconds == 7.0
    later = ArtifactStore(tmp_path)
    later.get("whole", {}, whole)
    assert later.seconds == 0.0


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


def test_an_artifact_is_found_by_the_key_that_was_recorded(tmp_path):
    store = ArtifactStore(tmp_path)
    folder = store.get("thing", {"version": "old"}, build)
    assert store.find("thing", folder.name) == folder
    assert store.find("thing", artifact_key({"version": "new"})) is None
    assert store.find("other", folder.name) is None
    (folder / "weights").write_text("tampered")
    with pytest.raises(ValueError, match="is damaged"):
        store.find("thing", folder.name)


SOURCE = '''
"""A module."""
from torch import nn

class Net(nn.Module):
    """A network."""

    def build(self, width=8):
        """Layers."""
        # Two of them.
        return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU())
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Two of them.", "# Both."),
        ("    # Two of them.\n    ", "\n\n    "),
        ("A module.", "Another text."),
        ('    """A network."""\n', ""),
        ('        """Layers."""\n', ""),
        ("width=8", "width = 8"),
        ("(nn.Linear(width, 2 * width), nn.ReLU())", "(\n            nn.Linear(width, (2 * width)),\n nn.ReLU(),)"),
    ],
)
def test_words_and_layout_are_the_same_version(tmp_path, old, new):
    assert old in SOURCE
    (tmp_path / "before.py").write_text(SOURCE)
    (tmp_path / "after.py").write_text(SOURCE.replace(old, new))
    assert code_version(tmp_path / "before.py") == code_version(tmp_path / "after.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nn.ReLU()", "nn.SiLU()"),
        ("2 * width", "3 * width"),
        ("width=8", "width=9"),
        ("2 * width", "2.0 * width"),
        ('        """Layers."""', '        "Layers.".strip()'),
    ],
)
def test_another_meaning_is_another_version(tmp_path, old, new):
    assert old in SOURCE
    (tmp_path / "before.py").write_text(SOURCE)
    (tmp_path / "after.py").write_text(SOURCE.replace(old, new))
    assert code_version(tmp_path / "before.py") != code_version(tmp_path / "after.py")


def test_a_version_is_of_all_files_and_of_torch(tmp_path, monkeypatch):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a = 1\n")
    two.write_text("b = 2\n")
    assert len({code_version(), code_version(one), code_version(two), code_version(one, two)}) == 4
    versions = []
    for torch in ("2.9.0", "2.9.1+cu130", "2.10.0"):
        monkeypatch.setattr("aeaug.artifacts.version", lambda _, torch=torch: torch)
        versions.append(recipe_version(one))
    assert versions[0] == versions[1] == {"code": code_version(one), "torch": "2.9"}
    assert versions[2]["torch"] == "2.10"


def test_a_failed_build_leaves_nothing_and_can_be_repeated(tmp_path):
    store = ArtifactStore(tmp_path)

    def fails(folder):
        (folder / "half").write_text("h")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        store.get("thing", {}, fails)
    assert list((tmp_path / "thing").iterdir()) == []
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


def rewritten(folder, **changes):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))


def sums(folder):
    return json.loads((folder / "manifest.json").read_text())["sha256"]


TAMPERED = {
    "no checksums": lambda f: rewritten(f, sha256={}),
    "one not listed": lambda f: rewritten(f, sha256={"weights": sums(f)["weights"]}),
    "a file more": lambda f: (f / "sub" / "new").write_text("n"),
    "a link more": lambda f: (f / "link").symlink_to("/etc/passwd"),
    "another recipe": lambda f: rewritten(f, recipe={"other": 1}),
    "no recipe": lambda f: rewritten(f, recipe=None),
    "a list": lambda f: (f / "manifest.json").write_text("[]"),
    "null": lambda f: (f / "manifest.json").write_text("null"),
    "nothing": lambda f: (f / "manifest.json").write_text(""),
    "brackets": lambda f: (f / "manifest.json").write_text("[" * 10_000_000),
    "no text": lambda f: (f / "manifest.json").write_bytes(b"\xff"),
    "checksums in a list": lambda f: rewritten(f, sha256=list(sums(f).items())),
    "checksum no word": lambda f: rewritten(f, sha256=sums(f) | {"weights": 1}),
    "above it": lambda f: (
        (f.parent / "x").write_text("x"),
        rewritten(f, sha256=sums(f) | {"../x": file_sha256(f.parent / "x")}),
    ),
    "elsewhere": lambda f: rewritten(f, sha256=sums(f) | {"/etc/passwd": file_sha256(Path("/etc/passwd"))}),
    "a folder for a file": lambda f: ((f / "weights").unlink(), (f / "weights").mkdir()),
    "a pipe for a file": lambda f: ((f / "weights").unlink(), os.mkfifo(f / "weights")),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_what_the_manifest_does_not_vouch_for_is_refused_in_one_line(tmp_path, how):
    store = ArtifactStore(tmp_path)
    folder = store.get("thing", {}, build)
    (folder / ".hidden").write_text("the system's own")
    assert store.find("thing", folder.name) == folder
    TAMPERED[how](folder)
    for use in (lambda: store.get("thing", {}, build), lambda: store.find("thing", folder.name)):
        with pytest.raises(Fault) as caught:
            use()
        words = str(caught.value)
        assert words.startswith(f"artifact {folder} is damaged (")
        assert words.endswith("): delete the folder to rebuild it")
        assert "\n" not in words
    shutil.rmtree(folder)
    assert store.get("thing", {}, build) == folder  # the way out


@pytest.mark.parametrize(
    "key", ["", "..", "../../thing", "/etc", "0123456789ABCDEF", "0" * 15, "0" * 17, f"{'0' * 16}\n"]
)
def test_what_is_no_key_becomes_no_path(tmp_path, key):
    with pytest.raises(ValueError, match="is no key of an artifact"):
        ArtifactStore(tmp_path).find("thing", key)


def test_what_dead_processes_left_is_swept_and_the_living_are_left_alone(tmp_path):
    store, kind = ArtifactStore(tmp_path), tmp_path / "thing"
    kind.mkdir()
    for key in ("d" * 16, "a" * 16):
        (kind / f"{key}.building-x").mkdir()
        (kind / f"{key}.lock").write_text("")
    (kind / f"{'e' * 16}.lock").write_text("")
    (kind / "somebody's.lock").write_text("")
    with FileLock(kind / f"{'a' * 16}.lock"):
        folder = store.get("thing", {}, build)
        left = {path.name for path in kind.iterdir()}
        assert left == {folder.name, f"{'a' * 16}.building-x", f"{'a' * 16}.lock", "somebody's.lock"}
    store.get("thing", {}, build)
    assert {path.name for path in kind.iterdir()} == {folder.name, "somebody's.lock"}


def test_a_store_that_is_read_only_is_read(mounted):
    store = ArtifactStore(mounted)
    folder = store.get("thing", {}, build)
    (mounted / "thing" / f"{'d' * 16}.lock").write_text("")
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    assert store.get("thing", {}, build) == store.find("thing", folder.name) == folder
    with pytest.raises(OSError, match="Read-only") as caught:
        store.get("thing", {"new": 1}, build)
    assert str(mounted) in str(caught.value.filename)
