"""Which code a run was made with, as far as git can tell."""

import json
import os
import shutil
import subprocess

import pytest

from aeaug.run.folder.folder import RunFolder
from aeaug.run.identity.provenance import code
from tests.conftest import options

NOWHERE = {"commit": None, "dirty": None}
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


def git(folder, *arguments):
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """A package in a clean checkout of its own, and its commit."""
    package = tmp_path / "checkout" / "src" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (tmp_path / "checkout" / "conf").mkdir()
    (tmp_path / "checkout" / "conf" / "train.yaml").write_text("")
    (tmp_path / "checkout" / "README.md").write_text("")
    (tmp_path / "checkout" / ".gitignore").write_text("outputs\n")
    git(tmp_path / "checkout", "init")
    git(tmp_path / "checkout", "add", ".")
    git(tmp_path / "checkout", "commit", "-m", "first")
    code.cache_clear()
    yield tmp_path / "checkout", package, git(tmp_path / "checkout", "rev-parse", "HEAD")
    code.cache_clear()


@needs_git
def test_a_clean_checkout_whatever_the_current_folder(checkout, tmp_path, monkeypatch):
    root, package, commit = checkout
    monkeypatch.chdir(tmp_path)
    (root / "outputs").mkdir()
    (root / "outputs" / "ignored").write_text("")
    assert code(package) == {"commit": commit, "dirty": False}


@needs_git
@pytest.mark.parametrize("change", ["src/package/__init__.py", "src/package/new.py", "conf/train.yaml", "scripts/a.py"])
def test_what_the_commit_does_not_have_is_dirty(checkout, change):
    root, package, commit = checkout
    (root / change).parent.mkdir(exist_ok=True)
    (root / change).write_text("changed = 1\n")
    assert code(package) == {"commit": commit, "dirty": True}


@needs_git
def test_what_no_run_is_made_of_is_not(checkout):
    root, package, commit = checkout
    for name in ("README.md", "notes.txt"):
        (root / name).write_text("what I saw\n")
    assert code(package) == {"commit": commit, "dirty": False}


@needs_git
def test_later_edits_are_not_what_this_process_runs(checkout):
    root, package, commit = checkout
    assert code(package)["dirty"] is False
    (package / "new.py").write_text("")
    git(root, "add", ".")
    git(root, "commit", "-m", "second")
    assert code(package) == {"commit": commit, "dirty": False}


@needs_git
def test_a_package_that_is_installed_inside_of_another_checkout_has_none(checkout):
    root, _, _ = checkout
    installed = root / "outputs" / "site-packages" / "package"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("")
    assert code(installed) == NOWHERE


@needs_git
def test_the_checkout_of_a_hook_is_not_taken_for_it(checkout, tmp_path, monkeypatch):
    _, package, commit = checkout
    git(tmp_path, "init", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert code(package) == {"commit": commit, "dirty": False}


def test_outside_of_a_checkout_and_without_git_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "__init__.py").write_text("")
    code.cache_clear()
    assert code(tmp_path) == NOWHERE
    code.cache_clear()
    monkeypatch.setenv("PATH", os.devnull)
    assert code(tmp_path) == code() == NOWHERE
    code.cache_clear()


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Opens the folder of one run, by code of the given commit, and returns its status."""

    def open_by(commit, checkpoint=True):
        monkeypatch.setattr("aeaug.run.folder.status.code", lambda: {"commit": commit, "dirty": False})
        folder = RunFolder(options(tmp_path, "arm=none"))
        folder.open()
        folder.close()
        folder.checkpoint.parent.mkdir(exist_ok=True)
        if checkpoint:
            folder.checkpoint.touch()
        return json.loads((folder.path / "status.json").read_text())

    return open_by


def test_a_status_says_which_code_worked_on_it(opened):
    commits = [[state["commit"] for state in opened(commit)["code"]] for commit in ("a", "a", "b", "a", "c")]
    assert commits == [["a"], ["a"], ["a", "b"], ["a", "b"], ["a", "b", "c"]]


def test_what_came_to_nothing_left_nothing_of_its_code(opened):
    assert [opened(commit, checkpoint=False)["code"][0]["commit"] for commit in "ab"] == ["a", "b"]


def test_a_run_that_an_earlier_version_began_says_so(opened, tmp_path):
    opened("a")
    (file,) = tmp_path.rglob("status.json")
    status = json.loads(file.read_text())
    del status["code"], status["autoencoder"]  # as it was
    file.write_text(json.dumps(status))
    assert opened("b")["code"] == [NOWHERE, {"commit": "b", "dirty": False}]
