"""Processes of one machine that train at once take its GPUs evenly. The GPUs are pretended, the processes are not."""

import os
from collections import Counter

import pytest

from aeaug.training import gpus
from tests.processes import Process

PROGRAM = """
import os, sys, time
from pathlib import Path
from aeaug.training import gpus
gpus.torch.cuda.device_count = lambda: int(sys.argv[2])
gpus.own_gpu(Path(sys.argv[1]))
gpus.own_gpu(Path(sys.argv[1]))
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
time.sleep(600)
"""


@pytest.fixture
def take(tmp_path):
    """Take a GPU of these as another process does; close what is returned to end that process."""
    held = []

    def taken(visible):
        gpu, lock = gpus._taken(tmp_path / "gpus", visible)
        held.append(lock)
        return gpu, lock

    yield taken
    for lock in held:
        lock.release(force=True)


@pytest.mark.parametrize("number", [2, 3, 8])
@pytest.mark.parametrize("processes", [1, 2, 7, 16])
def test_no_gpu_has_two_more_than_another(number, processes, take):
    visible = [str(place) for place in range(number)]
    counted = Counter(take(visible)[0] for _ in range(processes))
    shares = [counted[gpu] for gpu in visible]
    assert max(shares) - min(shares) <= 1
    assert sum(shares) == processes


def test_what_a_process_had_is_the_next_ones(take):
    visible = ["0", "1"]
    those = [take(visible) for _ in range(6)]
    ended = [lock for gpu, lock in those if gpu == "1"]
    for lock in ended:
        lock.release()
    assert [take(visible)[0] for _ in ended] == ["1"] * 3
    assert {take(visible)[0], take(visible)[0]} == {"0", "1"}


def test_a_name_of_a_gpu_is_no_path(take):
    assert take(["MIG-GPU-1/2/3", "MIG-GPU-1/2/4"])[0] == "MIG-GPU-1/2/3"
    assert take(["MIG-GPU-1/2/3", "MIG-GPU-1/2/4"])[0] == "MIG-GPU-1/2/4"


@pytest.mark.parametrize(
    ("named", "number", "visible"),
    [(None, 3, ["0", "1", "2"]), (None, 0, []), ("2,5", 2, ["2", "5"]), ("", 0, []), ("2,-1,5", 1, ["2"])],
)
def test_the_gpus_that_a_user_left_visible_are_shared_out(named, number, visible, monkeypatch):
    monkeypatch.setattr(gpus.torch.cuda, "device_count", lambda: number)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert gpus._visible() == visible


def test_processes_see_one_gpu_each_and_keep_it(tmp_path):
    said = []
    for _ in range(4):
        reader, writer = os.pipe()
        said.append((Process("-c", PROGRAM, str(tmp_path), "2", stdout=writer), reader))
        os.close(writer)
    try:
        taken = [os.read(reader, 10).decode().strip() for _, reader in said]
    finally:
        for process, reader in said:
            process.kill()
            os.close(reader)
    assert sorted(taken) == ["0", "0", "1", "1"]


@pytest.mark.parametrize("number", [0, 1])
def test_where_there_is_nothing_to_choose_nothing_is_done(number, tmp_path, monkeypatch):
    monkeypatch.setattr(gpus.torch.cuda, "device_count", lambda: number)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpus.own_gpu(tmp_path / "gpus")
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert not (tmp_path / "gpus").exists()
