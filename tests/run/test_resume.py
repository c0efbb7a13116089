"""Killed for real, then resumed: the same bits as a run that nobody disturbed."""

import json
import signal
import subprocess
import sys
import time

import pytest
import torch

from aeaug.autoencoder import training
from aeaug.gan import GANModule
from aeaug.run.pipeline import Run
from tests.conftest import REPOSITORY, TINY, options

LONGER = ["budget.images=8000", "budget.images_per_epoch=400", "autoencoder.max_epochs=20", "arm=append_gaussian"]
DEADLINE = 120


def command(outputs, *more):
    merged = {override.partition("=")[0]: override for override in [*TINY, *LONGER, *more, "variant=killed"]}
    return [sys.executable, "scripts/train.py", *merged.values(), f"outputs={outputs}"]


def kill_when(process, condition):
    """SIGKILL ``process`` at the first moment that ``condition`` holds."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < end
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def images_done(folder):
    try:
        return json.loads((folder / "status.json").read_text())["images"]
    except (OSError, ValueError):
        return 0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    experiment = Run(options(tmp_path_factory.mktemp("whole"), *LONGER, "variant=killed"))
    experiment.run()
    return experiment.folder


@pytest.mark.parametrize("moment", ["autoencoder", "early", "writing"])
def test_a_killed_run_resumes_to_the_same_bits(undisturbed, tmp_path, moment):
    folder = tmp_path / "runs" / "adhoc" / "killed" / "seed=0"
    conditions = {
        "autoencoder": lambda: any((tmp_path / "artifacts" / "autoencoder").glob("*.building-*")),
        "early": lambda: images_done(folder) >= 800,
        # Between two renames: the new checkpoint is being written beside the old one.
        "writing": lambda: images_done(folder) >= 2_000 and any((folder / "checkpoints").glob(".*.tmp")),
    }
    process = subprocess.Popen(command(tmp_path), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kill_when(process, conditions[moment])
    assert json.loads((folder / "status.json").read_text())["state"] == "running"
    assert images_done(folder) < 8_000
    if moment != "autoencoder":
        torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)  # loadable, whatever was being written

    refused = subprocess.run(command(tmp_path), cwd=REPOSITORY, capture_output=True, text=True, timeout=DEADLINE)
    assert refused.returncode == 1
    assert "holds an unfinished run: go on with resume=true" in refused.stderr

    resumed = Run(options(tmp_path, *LONGER, "variant=killed", "resume=true"))
    resumed.run()
    assert resumed.folder.metrics.read_bytes() == undisturbed.metrics.read_bytes()
    assert resumed.folder.read_history() == undisturbed.read_history()
    mine, whole = (torch.load(d.checkpoint, weights_only=True) for d in (resumed.folder, undisturbed))
    assert mine["state_dict"].keys() == whole["state_dict"].keys()
    assert any(key.startswith("ema.") for key in whole["state_dict"])
    assert all(mine["state_dict"][key].equal(whole["state_dict"][key]) for key in whole["state_dict"])
    assert mine["progress"] == whole["progress"] == {"steps": 400, "images_seen": 8_000}


def test_a_run_goes_on_with_the_autoencoder_that_it_began_with(tmp_path, monkeypatch):
    """The code changes between a failure and the resumption; what was fed to the GAN does not."""
    overrides = ["arm=append_gaussian", "variant=halted"]
    experiment = Run(options(tmp_path, *overrides))
    healthy = GANModule.mean_losses
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        experiment.run()
    monkeypatch.undo()
    monkeypatch.setattr(training, "VERSION", {"code": "another", "torch": "2"})
    resumed = Run(options(tmp_path, *overrides, "resume=true"))
    resumed.run()
    assert resumed.artifact.key == experiment.artifact.key
    assert json.loads(resumed.folder.metrics.read_text())["autoencoder"]["key"] == experiment.artifact.key


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    experiment = Run(options(tmp_path, "arm=none", "resume=true"))
    experiment.folder.checkpoint.parent.mkdir(parents=True)
    torch.save({"progress": _Evil()}, experiment.folder.checkpoint)
    with pytest.raises(Exception, match="Weights only load failed"):
        experiment.run()


class _Evil:
    def __reduce__(self):
        return (print, ("executed",))
