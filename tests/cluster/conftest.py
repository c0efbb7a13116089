"""Sweeps on real clusters of this machine alone: ``make test-cluster``, or ``pytest tests/cluster``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.conftest import REPOSITORY, tiny

FOLDER = Path(__file__).parent
SEEDS = (0, 1)


def pytest_ignore_collect(config):
    """They take minutes, daemons and root: only where their folder, or one of its files, is named."""
    named = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(FOLDER) for path in named) else True


def sweep(outputs, *more):
    """What is typed to train.py: two runs that take a while, so that something can happen to them."""
    given = tiny(
        "budget.images=72000", "evaluation.every=90", "arm=append_gaussian", "variant=it", "name=pair", "seed=0,1"
    )
    return ["scripts/train.py", "-m", *given, f"outputs={outputs}", *more]


def run_folder(outputs, seed):
    return outputs / "runs" / "pair" / "it" / f"seed={seed}"


def status(outputs, seed):
    """Of a run, empty before it has one."""
    try:
        return json.loads((run_folder(outputs, seed) / "status.json").read_text())
    except FileNotFoundError:
        return {}


def training(outputs, seeds=SEEDS):
    """Whether the runs of these ``seeds`` are in the midst of it, with a checkpoint to go on from."""
    return all(
        status(outputs, seed).get("state") == "running"
        and (run_folder(outputs, seed) / "checkpoints" / "last.ckpt").exists()
        for seed in seeds
    )


def starts(outputs, seed):
    """How many processes have trained in the run: TensorBoard's files are named after them."""
    return len({file.name.split(".")[-2] for file in run_folder(outputs, seed).glob("events.*")})


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The outputs of the same sweep on this machine, one run after the other."""
    outputs = tmp_path_factory.mktemp("undisturbed")
    done = subprocess.run([sys.executable, *sweep(outputs)], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return outputs


def assert_same_bits(outputs, undisturbed):
    for seed in SEEDS:
        mine, whole = run_folder(outputs, seed), run_folder(undisturbed, seed)
        assert status(outputs, seed)["state"] == "done"
        for name in ("metrics.json", "history.jsonl", "checkpoints/best.ckpt"):
            assert (mine / name).read_bytes() == (whole / name).read_bytes(), name
        weights = [
            torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
            for folder in (mine, whole)
        ]
        assert weights[0].keys() == weights[1].keys()
        assert all(weights[0][key].equal(weights[1][key]) for key in weights[1])
