"""Several processes (gloo, on the CPU): different images on every rank, equal weights everywhere."""

import json
import shutil
import signal

import pytest
import torch

from aeaug.gan import GANModule
from aeaug.run.folder.folder import RunFolder
from aeaug.run.pipeline import Run
from tests.conftest import options, tiny
from tests.processes import ended
from tests.run.pairs import LONGER, TWO, UNTESTED, Pair

PROGRAM = """
import sys
from pathlib import Path
import lightning as L, torch
from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule

out, devices = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)

class Recorder(L.Callback):
    origins, images = [], []
    def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
        self.origins.append(batch.origin.clone()); self.images.append(batch.images.clone())

recorder = Recorder()
data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
module = GANModule(generator_width=16, discriminator_width=16, latent_dim=8)
trainer = L.Trainer(
    accelerator="cpu", devices=devices, strategy="ddp_find_unused_parameters_true" if devices > 1 else "auto",
    max_epochs=2, logger=False, callbacks=[recorder], enable_checkpointing=False, enable_progress_bar=False,
    enable_model_summary=False, limit_val_batches=0,
)
trainer.fit(module, data)
torch.save(
    {"weights": module.state_dict(), "origins": torch.stack(recorder.origins), "images": torch.stack(recorder.images),
     "seen": module.images_seen},
    out / f"{devices}-{trainer.global_rank}.pt",
)
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ddp")
    (folder / "program.py").write_text(PROGRAM)
    for devices in (1, 2):
        finished = ended(str(folder / "program.py"), str(folder), str(devices), timeout=180)
        assert finished.returncode == 0, finished.stderr
    return {name: torch.load(folder / f"{name}.pt", weights_only=True) for name in ("1-0", "2-0", "2-1")}


def test_ranks_hold_equal_weights(results):
    first, second = results["2-0"]["weights"], results["2-1"]["weights"]
    assert all(first[key].equal(second[key]) for key in first)


def test_ranks_get_different_images_and_together_those_of_one_process(results):
    alone, first, second = (results[name]["images"] for name in ("1-0", "2-0", "2-1"))
    assert not first.equal(second)
    assert torch.cat([first, second], dim=1).equal(alone)
    assert results["2-0"]["seen"] == results["1-0"]["seen"] == 400


def test_two_processes_train_what_one_does(results):
    """Means over two halves of a batch, averaged, are the mean over the batch: equal but for rounding."""
    alone, together = results["1-0"]["weights"], results["2-0"]["weights"]
    for key in alone:
        torch.testing.assert_close(together[key], alone[key], rtol=1e-2, atol=1e-4)


def train(outputs, *more):
    finished = ended("scripts/train.py", *tiny(*TWO, *more), f"outputs={outputs}")
    assert finished.returncode == 0, finished.stderr


@pytest.mark.long
def test_a_whole_run_with_two_processes(tmp_path):
    train(tmp_path, "arm=append_gaussian")
    folder = tmp_path / "runs" / "adhoc" / "ddp" / "seed=0"
    assert json.loads((folder / "status.json").read_text())["state"] == "done"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["data"]["n_test"] == 1000
    readings = metrics["readings"]
    assert readings["end"]["images"] == 400
    assert readings["best"]["images"] in (200, 400)
    assert all(0 < found["spaces"]["classifier"]["frechet_distance"] < 1e6 for found in readings.values())
    steps = {"images": 400, "passes": 3 * 20 + 3}  # R1 at every eighth of 20
    assert metrics["work"] == {  # of both processes
        "shown": 400,
        "real": 200,
        "synthetic": 200,
        "discriminator": 20 * steps["passes"],
    }
    assert sorted(file.name for file in (folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]
    assert len((folder / "history.jsonl").read_text().splitlines()) == 2  # one rank writes


def test_both_processes_follow_one_rate(stock, tmp_path):
    follow_one_rate(["schedule=r_t", "schedule.target=0.1"], stock, tmp_path)


def follow_one_rate(schedule, stock, tmp_path):
    """That of one process: the signal is that of the images of both, or of those that are held out."""
    of_r1 = schedule[0].startswith("gan/r1_schedule")
    rate, key = ("r1", "gan.r1_schedule") if of_r1 else ("augmentation", "schedule")
    given = ["arm=append_gaussian", UNTESTED, *schedule, f"{key}.images=400", f"gan.r1_gamma={int(of_r1)}"]
    for name in ("one", "two"):
        stock(tmp_path / name)
    train(tmp_path / "two", *given)
    alone = Run(options(tmp_path / "one", *given, "variant=ddp"))
    alone.run()
    curves = [(one / "history.jsonl").read_text().splitlines() for one in (run_of(tmp_path / "two"), alone.folder.path)]
    mine, whole = ([json.loads(line)["rates"][rate] for line in curve] for curve in curves)
    assert mine == pytest.approx(whole, abs=1e-9)
    assert 0 < whole[-1] <= 1


def run_of(outputs):
    return outputs / "runs" / "adhoc" / "ddp" / "seed=0"


def begun_by_one_process(outputs, alone, monkeypatch):
    """The folder of a run whose first epoch one process has trained, in ``alone``, for two to go on with."""
    half = Run(options(alone, *LONGER, "variant=ddp"))
    healthy = GANModule.mean_losses
    with monkeypatch.context() as patch:
        patch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            half.run()
    given = [*tiny(*LONGER, *TWO), "autoencoder.steps=auto", "evaluation.classifier_steps=300"]
    taken_over = RunFolder(options(outputs, *given))  # what is not typed has its default
    taken_over.open()
    taken_over.close()
    taken_over.checkpoint.parent.mkdir()
    shutil.copy(half.folder.checkpoint, taken_over.checkpoint)
    return taken_over


def test_when_one_process_is_killed_so_is_the_other_and_the_run_can_be_gone_on_with(stock, tmp_path, monkeypatch):
    """In the end, the weights are those of one process that trained all of it. Other ways to fail are in
    tests/long/test_ddp.py."""
    for name in ("half", "whole", "two"):
        stock(tmp_path / name)
    folder = begun_by_one_process(tmp_path / "two", tmp_path / "half", monkeypatch)
    pair = Pair(tmp_path / "two")
    assert pair.run == folder.path

    # In the third epoch: process 0 waits in a collective.
    status, said, errors, state, log = pair.start("hold", rank=1).kill(1, signal.SIGKILL).end()
    assert (status, state) == (1, "failed")
    assert errors == ["error: process 1 of 2 was killed by signal 9: the same command goes on"]
    assert errors[0].removeprefix("error: ") in log
    assert "Traceback" not in said

    status, said, errors, state, log = pair.start("nothing", rank=0).end(seconds=240)
    assert (status, errors, state) == (0, [], "done")
    history = [json.loads(line) for line in (pair.run / "history.jsonl").read_text().splitlines()]
    assert [entry["images"] for entry in history] == [200, 400, 600, 800]
    whole = Run(options(tmp_path / "whole", *LONGER, "variant=ddp"))
    whole.run()
    mine, expected = (torch.load(one.checkpoint, weights_only=True) for one in (folder, whole.folder))
    assert mine["progress"] == expected["progress"]
    for key, weights in expected["state_dict"].items():
        torch.testing.assert_close(mine["state_dict"][key], weights, rtol=1e-2, atol=1e-4)
