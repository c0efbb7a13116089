"""Killed for real, then resumed: the same bits as a run that nobody disturbed."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aeaug.autoencoder import training
from aeaug.data import to_float
from aeaug.evaluation import Evaluator
from aeaug.faults import Fault
from aeaug.gan import GANModule
from aeaug.run.folder.folder import RunFolder
from aeaug.run.identity.identity import Stale
from aeaug.run.pipeline import Run
from aeaug.run.resumption import gone_back, newest
from aeaug.training.checkpoint import newest_checkpoint
from tests.conftest import TINY, options
from tests.processes import Process, ended

LONGER = ["budget.images=4800", "budget.images_per_epoch=400", "autoencoder.steps=80", "arm=append_gaussian"]
DEADLINE = 120


def command(outputs, *more):
    merged = {override.partition("=")[0]: override for override in [*TINY, *LONGER, *more, "variant=killed"]}
    return ["scripts/train.py", *merged.values(), f"outputs={outputs}"]


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
def undisturbed(measured_before, tmp_path_factory):
    outputs = tmp_path_factory.mktemp("whole")
    shutil.copytree(measured_before, outputs / "artifacts")
    experiment = Run(options(outputs, *LONGER, "variant=killed"))
    experiment.run()
    return experiment.folder


@pytest.mark.usefixtures("stocked")
def test_a_killed_run_resumes_to_the_same_bits(undisturbed, tmp_path):
    """At every write: tests/test_faults.py."""
    folder = tmp_path / "runs" / "adhoc" / "killed" / "seed=0"
    process = Process(*command(tmp_path))
    kill_when(process, lambda: images_done(folder) >= 800)
    assert json.loads((folder / "status.json").read_text())["state"] == "running"
    assert images_done(folder) < 4_800
    torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)  # loadable, whatever was being written

    refused = ended(*command(tmp_path), "resume=false", timeout=DEADLINE)
    assert refused.returncode == 1
    assert "holds an unfinished run: go on with resume=auto" in refused.stderr

    resumed = Run(options(tmp_path, *LONGER, "variant=killed", "trainer.threads=2"))
    assert resumed.options.trainer.threads == 1, "bits depend on the threads that it began with"
    resumed.run()
    assert resumed.folder.metrics.read_bytes() == undisturbed.metrics.read_bytes()
    assert resumed.folder.read_history() == undisturbed.read_history()
    mine, whole = (torch.load(d.checkpoint, weights_only=True) for d in (resumed.folder, undisturbed))
    assert mine["state_dict"].keys() == whole["state_dict"].keys()
    assert any(key.startswith("ema.") for key in whole["state_dict"])
    assert all(mine["state_dict"][key].equal(whole["state_dict"][key]) for key in whole["state_dict"])
    assert mine["progress"] == whole["progress"]
    assert mine["progress"] == {"steps": 240, "images_seen": 4_800, "images_discriminated": 20 * (3 * 240 + 30)}
    assert resumed.folder.best.read_bytes() == undisturbed.best.read_bytes()


@pytest.mark.usefixtures("stocked")
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
    resumed = Run(options(tmp_path, *overrides))
    resumed.run()
    assert resumed.artifact.key == experiment.artifact.key
    assert json.loads(resumed.folder.metrics.read_text())["autoencoder"]["key"] == experiment.artifact.key


@pytest.fixture(scope="module")
def halted(undisturbed, tmp_path_factory):
    """The outputs of a run that failed in its eighth epoch: two checkpoints, of 2,800 images and of 2,400."""
    outputs = tmp_path_factory.mktemp("halted")
    shutil.copytree(undisturbed.path.parents[3] / "artifacts", outputs / "artifacts")
    experiment = Run(options(outputs, *LONGER, "variant=killed"))
    healthy = GANModule.mean_losses
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 3_200 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            experiment.run()
    seen = [torch.load(path, weights_only=True)["progress"]["images_seen"] for path in checkpoints(experiment.folder)]
    assert seen == [2_800, 2_400]
    return outputs


@pytest.fixture
def copied(halted, tmp_path):
    """A copy of it, to be damaged, as a run that is to go on."""
    shutil.copytree(halted, tmp_path, dirs_exist_ok=True)
    return lambda: Run(options(tmp_path, *LONGER, "variant=killed"))


def checkpoints(folder):
    return folder.checkpoint, folder.previous_checkpoint


def trial(experiment):
    return GANModule(**experiment.options.gan.model_dump(exclude={"name"}), seed=experiment.options.seed)


def assert_same_bits(mine, whole):
    assert mine.metrics.read_bytes() == whole.metrics.read_bytes()
    assert mine.read_history() == whole.read_history()
    assert sorted(path.name for path in mine.checkpoint.parent.iterdir()) == ["best.ckpt", "last.ckpt"]
    for one, other in ((mine.checkpoint, whole.checkpoint), (mine.best, whole.best)):
        ours, theirs = (torch.load(path, weights_only=True) for path in (one, other))
        assert ours["progress"] == theirs["progress"]
        assert all(ours["state_dict"][key].equal(weights) for key, weights in theirs["state_dict"].items())
        assert ours.get("frechet_distance") == theirs.get("frechet_distance")


class _Evil:
    def __reduce__(self):
        return (os.mkdir, ("executed",))


def rewrite(path, **changes):
    content = torch.load(path, weights_only=True)
    torch.save({key: value for key, value in (content | changes).items() if value is not None}, path)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def widen(path):
    other = GANModule(generator_width=16, discriminator_width=8)
    rewrite(path, state_dict=other.state_dict(), hyper_parameters={})


def reshape_moments(path):
    states = torch.load(path, weights_only=True)["optimizer_states"]
    states[0]["state"][0]["exp_avg"] = torch.zeros(3)
    rewrite(path, optimizer_states=states)


DAMAGES = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "torn": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    "flipped bit": flip,
    "of another kind": lambda path: path.write_text("weights"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "code in it": lambda path: rewrite(path, extra=_Evil()),
    "a list": lambda path: torch.save([1], path),
    "of another network": widen,
    "of another seed": lambda path: rewrite(path, hyper_parameters={"seed": 7}),
    "other moments": reshape_moments,
    **{
        f"no {part}": lambda path, part=part: rewrite(path, **{part: None})
        for part in ("state_dict", "optimizer_states", "loops", "progress", "epoch", "global_step", "callbacks")
    },
    "no steps": lambda path: rewrite(path, progress={"images_seen": 2_800}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_of_a_damaged_checkpoint_the_one_before_is_taken_and_that_is_said(copied, damage, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    experiment = copied()
    last, previous = checkpoints(experiment.folder)
    DAMAGES[damage](last)
    found = newest_checkpoint(last, previous, trial(experiment))
    assert found.path == previous
    assert found.remark.startswith(f"{last} is not readable (")
    assert found.remark.endswith("going on from 2400 images, with previous.ckpt")
    assert "\n" not in found.remark
    assert not (tmp_path / "executed").exists()
    DAMAGES[damage](previous)
    if damage == "missing":
        assert newest_checkpoint(last, previous, trial(experiment)) is None
        return
    with pytest.raises(Fault) as caught:
        newest_checkpoint(last, previous, trial(experiment))
    words = str(caught.value)
    assert str(last) in words
    assert str(previous) in words
    assert words.endswith(f": delete the folder {last.parent} and repeat the command")
    assert "\n" not in words


@pytest.mark.parametrize("damage", [pytest.param("missing", marks=pytest.mark.long), "flipped bit"])
def test_a_run_that_fell_back_ends_in_the_same_bits(undisturbed, copied, damage, caplog):
    experiment = copied()
    DAMAGES[damage](experiment.folder.checkpoint)
    before = experiment.folder.previous_checkpoint.read_bytes()
    kept = []
    experiment.folder.append_history, append = (
        lambda entry: (kept.append(experiment.folder.previous_checkpoint.read_bytes()), append(entry)),
        experiment.folder.append_history,
    )
    experiment.run()
    assert "going on from 2400 images, with previous.ckpt" in caplog.text
    # It stayed until another sound one was there: what could not be read did not replace it.
    assert kept[:2] == [before, before]
    assert_same_bits(experiment.folder, undisturbed)


LEFT = {
    "of a later reading": lambda path: rewrite(path, frechet_distance=0.0, progress={"images_seen": 3_200}),
    "missing": Path.unlink,
    "torn": DAMAGES["torn"],
    "code in it": DAMAGES["code in it"],
}


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("fallen_back", [False, True])
def test_the_best_generator_is_that_of_the_checkpoint_whatever_a_kill_left(copied, left, fallen_back):
    """The one of the smallest FD until then, and it is what training goes on from; at every write:
    tests/test_faults.py."""
    experiment = copied()
    folder = experiment.folder
    LEFT[left](folder.best)
    if fallen_back:
        folder.checkpoint.unlink()
    folder.open()
    checkpoint, images, best = gone_back(folder, experiment.options, newest(folder, experiment.options))
    folder.close()
    assert (checkpoint, images) == ((folder.previous_checkpoint, 2_400) if fallen_back else (folder.checkpoint, 2_800))
    entries = folder.read_history()
    assert [entry["images"] for entry in entries] == list(range(400, images + 1, 400))
    expected = min(entries, key=lambda entry: entry["frechet_distance"])
    for found in (best, torch.load(folder.best, weights_only=True)):
        assert found["frechet_distance"] == expected["frechet_distance"]
        assert found["progress"]["images_seen"] == expected["images"]
    module = GANModule.load_from_checkpoint(folder.best, weights_only=True)
    images = module.sample(len(experiment.data.splits.val_images), 0, "validation latents")
    evaluator = Evaluator(to_float(experiment.data.splits.val_images), experiment.nets["classifier"][0])
    assert evaluator.frechet_distance(evaluator.features(images)) == expected["frechet_distance"]


@pytest.mark.long
def test_the_way_out_of_two_damaged_checkpoints_begins_anew(undisturbed, copied):
    experiment = copied()
    for path in checkpoints(experiment.folder):
        flip(path)
    with pytest.raises(Fault, match=r"delete the folder .*checkpoints and repeat the command"):
        experiment.run()
    shutil.rmtree(experiment.folder.checkpoint.parent)
    again = Run(experiment.options)
    again.run()
    assert_same_bits(again.folder, undisturbed)
    events = EventAccumulator(str(again.folder.path), {"scalars": 0})
    events.Reload()
    shown = [entry["images"] for entry in again.folder.read_history()]
    for tag in ("distance/frechet_distance", "overfitting/r_t"):
        assert [event.step for event in events.Scalars(tag)] == shown  # none twice


@pytest.mark.parametrize(
    "damage", ["missing", *(pytest.param(one, marks=pytest.mark.long) for one in ("torn", "of another kind"))]
)
def test_a_lost_status_is_rebuilt_by_a_resumption(undisturbed, copied, tmp_path, damage, caplog):
    status = tmp_path / "runs" / "adhoc" / "killed" / "seed=0" / "status.json"
    key = json.loads(status.read_text())["autoencoder"]
    DAMAGES[damage](status) if damage != "torn" else status.write_text(status.read_text()[:99])
    with pytest.raises(ValueError, match=r"rebuilds it|go on with resume=auto") as caught:
        Run(options(tmp_path, *LONGER, "variant=killed", "resume=false"))
    assert "\n" not in str(caught.value)
    experiment = copied()
    experiment.run()
    assert "status.json was lost and is rebuilt" in caplog.text
    assert_same_bits(experiment.folder, undisturbed)
    found = json.loads(status.read_text())
    assert (found["state"], found["images"], found["autoencoder"]) == ("done", 4_800, key)
    assert found["code"][0] == {"commit": None, "dirty": None}  # who began it is not known


@pytest.mark.parametrize("lost", ["metrics.json", "status.json"])
def test_a_finished_run_that_lost_a_file_is_measured_again(undisturbed, tmp_path, lost):
    shutil.copytree(undisturbed.path.parents[3], tmp_path, dirs_exist_ok=True)
    folder = tmp_path / undisturbed.path.relative_to(undisturbed.path.parents[3])
    (folder / lost).unlink()
    with pytest.raises(ValueError, match="holds an unfinished run"):
        Run(options(tmp_path, *LONGER, "variant=killed", "resume=false"))
    again = Run(options(tmp_path, *LONGER, "variant=killed"))
    again.run()
    assert_same_bits(again.folder, undisturbed)
    assert json.loads((folder / "status.json").read_text())["state"] == "done"


def test_a_kill_between_the_two_renames_leaves_one_whole_checkpoint(halted, tmp_path):
    shutil.copytree(halted, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "runs" / "adhoc" / "killed" / "seed=0" / "checkpoints"
    last, before = folder / "last.ckpt", (folder / "last.ckpt").read_bytes()
    killed = ended("-c", KILLED_BETWEEN, str(last), timeout=DEADLINE)
    assert killed.returncode == -signal.SIGKILL
    assert not last.exists()
    assert (folder / "previous.ckpt").read_bytes() == before
    assert len(list(folder.glob(".*.tmp"))) == 1
    experiment = Run(options(tmp_path, *LONGER, "variant=killed"))
    experiment.folder.open()
    experiment.folder.close()
    assert not list(folder.glob(".*.tmp"))
    assert newest_checkpoint(*checkpoints(experiment.folder), trial(experiment)).path == folder / "previous.ckpt"


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from aeaug.writing import write_atomically
rename = Path.replace
def killed(self, target):
    rename(self, target)
    os.kill(os.getpid(), signal.SIGKILL)
Path.replace = killed
last = Path(sys.argv[1])
write_atomically(last, lambda file: file.write(b"new"), last.with_name("previous.ckpt"))
"""


def test_a_config_that_was_cut_short_is_no_other_config(tmp_path):
    """Wherever a line ends: what is left may be whole YAML, with fewer options."""
    experiment = Run(options(tmp_path, "arm=append_gaussian"))
    resuming = options(tmp_path, "arm=append_gaussian")
    experiment.folder.open()
    experiment.folder.close()
    file = experiment.folder.path / "config.yaml"
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) > 40
    for kept in range(1, len(lines)):
        file.write_text("".join(lines[:kept]))
        with pytest.raises((Fault, Stale), match=r"config\.yaml .*: (delete the folder|stale=redo moves it)"):
            RunFolder(resuming).check()
    file.write_text("".join(lines))
    RunFolder(resuming).check()
