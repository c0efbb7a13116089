"""What is said to be typed is what there is to type: scripts in the repository, commands of a wheel."""

import tomllib
from pathlib import Path

import pytest

from aeaug import installed
from tests.conftest import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("name", ["train", "report", "status", "tune"])
def test_commands_that_are_named_are_there(name, monkeypatch, tmp_path):
    interpreter, script = installed.command(name).split()
    assert interpreter == "python"
    assert (REPOSITORY / script).is_file()
    monkeypatch.setattr(installed, "PACKAGED", tmp_path)
    assert installed.command(name) in PROJECT["scripts"]


@pytest.mark.parametrize("name", ["tune", "hf", "fidelity", "slurm", "ray", "wandb", "mlflow"])
def test_extras_that_are_named_are_there(name, monkeypatch, tmp_path):
    assert name in PROJECT["optional-dependencies"]
    here = installed.with_extra(name)
    pinned = "" if name in ("mlflow", "ray") else "-c constraints.txt "
    assert here == f"pip install {pinned}-e '.[{name}]'"
    assert Path(REPOSITORY, "constraints.txt").is_file()
    monkeypatch.setattr(installed, "PACKAGED", tmp_path)
    assert installed.with_extra(name) == f"pip install 'aeaug[{name}]'"
