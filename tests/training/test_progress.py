"""Bars on a terminal, lines elsewhere."""

import io
import json
from weakref import WeakSet

import lightning as L
import pytest
import torch
from tqdm import tqdm

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.sweep.bar import SweepBar
from aeaug.training import progress
from aeaug.training.progress import progress_bar
from aeaug.training.trainer import build_trainer


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    return clock


def test_a_file_gets_a_line_a_minute_and_the_last_state(clock):
    file = io.StringIO()
    for step in progress_bar(range(1_001), "counting", file=file, mininterval=0, miniters=1):
        clock.now += 0.25  # 250 seconds in all
        assert len(file.getvalue().splitlines()) <= (step + 1) * 0.25 / 60
    text = file.getvalue()
    assert "\r" not in text
    assert text.endswith("\n")
    lines = text.splitlines()
    assert len(lines) == 4 + 1
    assert all(line.startswith("counting: ") for line in lines)
    assert "100%" in lines[-1]
    assert "1001/1001" in lines[-1]


def test_asking_for_a_redraw_makes_no_more_lines(clock):
    file = io.StringIO()
    bar = progress_bar(total=100, desc="asked", file=file)
    for step in range(100):
        bar.n = step + 1
        bar.set_postfix_str(f"step {step}")
        bar.refresh()
    assert file.getvalue() == ""
    clock.now += 60
    bar.refresh()
    assert file.getvalue().count("\n") == 1
    bar.close()
    bar.close()
    assert file.getvalue().count("\n") == 2
    assert "step 99" in file.getvalue()


def test_what_is_not_to_stay_says_nothing_in_a_file(clock):
    file = io.StringIO()
    list(progress_bar(range(10), "passing", file=file, leave=False, mininterval=0))
    list(progress_bar(range(10), "off", file=file, disable=True))
    assert file.getvalue() == ""


def test_a_terminal_has_a_bar_that_is_redrawn(monkeypatch):
    monkeypatch.setattr(tqdm, "_instances", WeakSet())  # bars of runs that other tests had fail stand above no longer
    terminal = Terminal()
    list(progress_bar(range(10), "drawn", file=terminal, mininterval=0))
    assert terminal.getvalue().count("\r") >= 10
    assert terminal.getvalue().count("\n") == 1


def test_the_bar_of_a_sweep(tmp_path, capsys, clock):
    folder = tmp_path / "none" / "seed=0"
    folder.mkdir(parents=True)
    status = {"state": "running", "images": 40, "budget": 400}
    (folder / "status.json").write_text(json.dumps(status))
    bar = SweepBar("sweep mine", [folder, tmp_path / "none" / "seed=1"])
    for _ in range(5):
        bar._bar._show()
    clock.now += 60
    bar._bar._show()
    (folder / "status.json").write_text(json.dumps(status | {"state": "done"}))
    bar.close()
    text = capsys.readouterr().err
    assert "\r" not in text
    first, last = text.splitlines()
    assert "0.1 of 2 runs" in first
    assert "none/seed=0" in first
    assert "1.0 of 2 runs" in last


@pytest.mark.parametrize(
    ("state", "images", "share", "said"),
    [
        ("running", 0, "0.0", "none/seed=0"),
        ("running", 200, "0.5", "none/seed=0"),
        ("running", 400, "0.9", "none/seed=0 (being measured)"),  # its training is over, and it is not
        ("interrupted", 200, "0.5", ""),
        ("failed", 200, "1.0", ""),  # the sweep has gone on
        ("diverged", 200, "1.0", ""),
        ("done", 400, "1.0", ""),
    ],
)
def test_a_run_counts_in_the_bar_by_what_it_has_behind_it(tmp_path, capsys, clock, state, images, share, said):
    folder = tmp_path / "none" / "seed=0"
    folder.mkdir(parents=True)
    (folder / "status.json").write_text(json.dumps({"state": state, "images": images, "budget": 400}))
    SweepBar("sweep", [folder, tmp_path / "none" / "seed=1"]).close()
    (line,) = capsys.readouterr().err.splitlines()
    assert f" {share} of 2 runs" in line
    assert line.endswith(f"], {said}" if said else "<?]")  # nothing was done since it began


def test_what_is_made_anew_or_failed_before_is_not_behind_a_sweep_that_begins(tmp_path, capsys, clock):
    """Else the share would fall when it starts, and the time that is left be below 0."""
    stale, failed = (tmp_path / "none" / f"seed={seed}" for seed in (0, 1))

    def says(folder, state, images, at):
        folder.mkdir(parents=True, exist_ok=True)
        status = {"state": state, "images": images, "budget": 400, "started": at, "updated": at}
        (folder / "status.json").write_text(json.dumps(status))

    says(stale, "done", 400, "2026-01-01T00:00:00+00:00")
    says(failed, "failed", 200, "2026-01-01T00:00:00+00:00")
    bar = SweepBar("sweep", [stale, failed], [stale, failed], redone=[stale])
    shares = []
    for state, images in (("running", 100), ("done", 400)):
        shares.append(bar._look()[0])
        says(stale, state, images, "2026-01-02T00:00:00+00:00")
    says(failed, "failed", 300, "2026-01-02T00:00:00+00:00")
    shares.append(bar._look()[0])
    assert shares == pytest.approx([0.475, 0.475 + 0.2375, 2.0])
    bar.close()
    assert bar.outcome().startswith("1 done, 1 failed of 2")
    capsys.readouterr()


def test_the_bar_of_a_training_shows_what_it_is_told(capsys):
    """Every epoch it is read anew."""
    shown = {}

    class Told(L.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            shown.update(loss_d=1.25, FD=4_721.7 / (trainer.current_epoch + 1))

    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
    trainer = build_trainer(
        "gan",
        progress=True,
        shown=shown,
        callbacks=[Told()],
        accelerator="cpu",
        max_epochs=2,
        logger=False,
        enable_checkpointing=False,
    )
    torch.manual_seed(0)
    trainer.fit(GANModule(generator_width=8, discriminator_width=8), data)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gan: 100%")
    assert "20/20" in line
    assert line.endswith("epoch=2, loss_d=1.25, FD=2,361]")


def test_every_run_that_failed_is_named_with_those_that_did_so_too(tmp_path):
    """However many they are; seeds of an arm stand together."""
    ends = {"none": "ffffdfd", "append_gaussian": "dfddddg"}
    lines = {"f": "ValueError: this " + "long " * 100, "g": "OSError: that"}
    folders = []
    for arm, found in ends.items():
        for seed, end in enumerate(found):
            folders.append(tmp_path / arm / f"seed={seed}")
            folders[-1].mkdir(parents=True)
            failed = {"state": "failed", "traceback": f"Traceback:\n{lines.get(end)}"}
            status = {"state": "done"} if end == "d" else failed
            (folders[-1] / "status.json").write_text(json.dumps(status | {"images": 40, "budget": 400}))
    folders.append(tmp_path / "none" / "seed=9")
    folders.append(tmp_path / "none" / "seed=0,data.subset_seed=1")
    bar = SweepBar("sweep", folders)
    bar.close()
    first, second, third = bar.unfinished()
    assert first.startswith("none/seed=0 to 3, 5 and append_gaussian/seed=1 failed: ValueError: this long")
    assert second == "append_gaussian/seed=6 failed: OSError: that"
    assert third == "none/seed=9 and none/seed=0,data.subset_seed=1 did not begin"
