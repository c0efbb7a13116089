"""Sweeps on two workers: one that is killed, all of it, at five random moments, and started again with the same
command; one that is terminated. And a run that is killed after each file that it writes."""

import json
import os
import random
import shutil
import signal
import time

import pytest
import torch

from aeaug.autoencoder.artifact import KIND
from aeaug.run.pipeline import Run
from tests.conftest import options, tiny
from tests.processes import Process
from tests.test_faults import ARM, assert_killed_at_every_write, assert_nothing_is_left_at_work

ARMS, SEEDS, KILLS, IMAGES = ("none", "append_gaussian", "append_reconstruct"), range(4), 5, 2_400
DEADLINE = 600
PACE = 1.0  # seconds, more than pass between two times that runs say how far they are


def command(outputs):
    given = [
        one for one in tiny("arm=append_gaussian", "evaluation.test=false") if not one.startswith(("arm=", "seed="))
    ]
    swept = [f"arm={','.join(ARMS)}", f"seed={','.join(map(str, SEEDS))}", "name=mine"]
    swept += [f"budget.images={IMAGES}", "autoencoder.steps=40", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    return ["scripts/train.py", "-m", *given, *swept, f"outputs={outputs}"]


def folders(outputs):
    return [outputs / "runs" / "mine" / arm / f"seed={seed}" for arm in ARMS for seed in SEEDS]


def shown(folder):
    """Images that the run has shown, by what it says."""
    try:
        return json.loads((folder / "status.json").read_text())["images"]
    except (OSError, ValueError):
        return 0


def kept(folder):
    """Images that its last checkpoint has seen; 0 without one."""
    for name in ("last.ckpt", "previous.ckpt"):  # a kill may fall between two renames
        if (file := folder / "checkpoints" / name).exists():
            return torch.load(file, weights_only=True)["progress"]["images_seen"]
    return 0


def autoencoders(outputs):
    """Of each autoencoder that is whole, by its key, the file system's number of what was trained."""
    found = (outputs / "artifacts" / KIND).glob("*/manifest.json")
    return {file.parent.name: file.stat().st_ino for file in found if "." not in file.parent.name}


def finish(outputs):
    process = Process(*command(outputs), session=True)
    said = process.communicate(timeout=DEADLINE)[1]
    assert process.returncode == 0, said
    assert "12 done of 12" in said


def killed_at(outputs, total, after, before):
    """Start the command, and kill every process of it ``after`` so many seconds once all runs together have shown
    ``total`` images; no run is seen with fewer than it had in a checkpoint ``before``."""
    process = Process(*command(outputs), session=True)
    end = time.monotonic() + DEADLINE
    while sum(map(shown, folders(outputs))) < total:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it did not come so far"
        for folder, images in before.items():
            assert shown(folder) >= images, f"{folder} began anew"
    with pytest.raises(TimeoutError):
        process.wait(after)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_what_comes_of_it_is_what_comes_of_a_sweep_that_nobody_disturbed(measured_before, tmp_path):
    whole, outputs = tmp_path / "whole", tmp_path / "killed"
    for place in (whole, outputs):
        shutil.copytree(measured_before, place / "artifacts")
    finish(whole)
    # Others at every call, which it shows where it fails: what is found in one is to be found again.
    draw = random.Random(seed := random.SystemRandom().getrandbits(32))
    moments = [
        (total, draw.uniform(0, PACE)) for total in sorted(draw.sample(range(400, 12 * IMAGES - 4_800, 200), KILLS))
    ]
    print(f"killed at {moments}, of seed {seed}")
    before, trained = {}, {}
    for total, after in moments:
        killed_at(outputs, total, after, before)
        for folder in folders(outputs):
            assert kept(folder) >= before.get(folder, 0)
            before[folder] = kept(folder)
        there = autoencoders(outputs)
        assert trained.items() <= there.items(), "an autoencoder was trained twice"
        trained = there
    finish(outputs)
    there = autoencoders(outputs)
    assert trained.items() <= there.items()
    assert len(there) == len(SEEDS)
    assert there.keys() == autoencoders(whole).keys()
    for mine, theirs in zip(folders(outputs), folders(whole), strict=True):
        assert kept(mine) == IMAGES
        for name in ("metrics.json", "history.jsonl", "checkpoints/best.ckpt"):
            assert (mine / name).read_bytes() == (theirs / name).read_bytes(), f"{mine / name}"
        one, other = (torch.load(place / "checkpoints" / "last.ckpt", weights_only=True) for place in (mine, theirs))
        assert one["state_dict"].keys() == other["state_dict"].keys()
        assert all(one["state_dict"][key].equal(other["state_dict"][key]) for key in one["state_dict"])
    assert not list((outputs / "runs").rglob("*.stale-*"))


@pytest.mark.usefixtures("stocked")
def test_a_sweep_that_is_terminated_leaves_nothing_at_work(tmp_path):
    """As one that Ctrl-C stops, in tests/test_faults.py."""
    assert_nothing_is_left_at_work(signal.SIGTERM, tmp_path)


def test_a_run_that_is_killed_after_every_file_that_it_wrote_resumes_each_time(stock, tmp_path):
    """As before each has its name, in tests/test_faults.py."""
    undisturbed = tmp_path / "undisturbed"
    stock(undisturbed)
    Run(options(undisturbed, *ARM)).run()
    assert_killed_at_every_write("renamed", undisturbed, tmp_path / "killed")
