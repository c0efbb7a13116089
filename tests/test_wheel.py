"""The wheel carries conf and the feature nets, and trains in a folder far from the clone."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.features import SPACES, net_path
from aeaug.evaluation.kept import PACKAGE
from tests.conftest import REPOSITORY, TINY


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(build, check=True, capture_output=True, timeout=180)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=180)
    return wheel, site


def test_it_carries_configuration_weights_and_templates(installed):
    names = zipfile.ZipFile(installed[0]).namelist()
    for path in (REPOSITORY / "conf").rglob("*.yaml"):
        assert f"aeaug/conf/{path.relative_to(REPOSITORY / 'conf')}" in names
    nets = [net_path(data, space) for data in DATA_SETS.values() for space in SPACES]
    weights = [f"aeaug/{path.relative_to(PACKAGE)}" for path in nets]
    for needed in (*weights, "aeaug/py.typed", "aeaug/report/templates/report.html.j2"):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "outputs/", "data/"))]


def test_the_installed_command_trains_elsewhere(installed, measured_before, tmp_path):
    """And measures; what was measured before it finds, for its code is the same."""
    _, site = installed
    kept = shutil.copytree(measured_before, tmp_path / "outputs" / "artifacts")
    floors = sorted(kept.glob("floor/*"))
    environment = {**os.environ, "PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import aeaug; print(aeaug.__file__)"]
    found = subprocess.run(where, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert found.stdout.startswith(str(site))
    overrides = [*TINY, "arm=append_gaussian", "variant=w"]
    command = [sys.executable, str(site / "bin" / "aeaug-train"), *overrides]
    finished = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert finished.returncode == 0, finished.stderr
    status = tmp_path / "outputs" / "runs" / "adhoc" / "w" / "seed=0" / "status.json"
    assert json.loads(status.read_text())["state"] == "done"
    assert sorted(kept.glob("floor/*")) == floors


@pytest.mark.parametrize("command", ["train", "augment"])
def test_its_help_names_the_commands_that_it_has(installed, tmp_path, command):
    _, site = installed
    asked = [sys.executable, str(site / "bin" / f"aeaug-{command}"), "--help"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    said = subprocess.run(asked, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert f"  aeaug-{command} " in said.stdout
    assert "scripts/" not in said.stdout
