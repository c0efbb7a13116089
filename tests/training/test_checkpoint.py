import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from aeaug.training.checkpoint import AtomicCheckpointIO
from aeaug.writing import write_atomically


def test_round_trip(tmp_path):
    path, io = tmp_path / "deep" / "last.ckpt", AtomicCheckpointIO()
    io.save_checkpoint({"weights": torch.arange(3.0), "epoch": 4, "name": "x"}, path)
    loaded = io.load_checkpoint(path)
    assert loaded["weights"].equal(torch.arange(3.0))
    assert (loaded["epoch"], loaded["name"]) == (4, "x")
    io.remove_checkpoint(path)
    assert not path.exists()


def test_a_full_disk_leaves_the_previous_file(tmp_path):
    path = tmp_path / "last.ckpt"
    write_atomically(path, lambda file: file.write(b"previous"))

    def runs_out_of_space(file):
        file.write(b"half of the n")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, runs_out_of_space)
    assert path.read_bytes() == b"previous"
    assert [entry.name for entry in tmp_path.iterdir()] == ["last.ckpt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_real_enospc_reaches_the_caller(tmp_path):
    """/dev/full refuses every flush: the error must not be swallowed on the way."""
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"previous")

    def onto_full_device(file):
        with Path("/dev/full").open("wb") as full:
            full.write(b"x")
            full.flush()

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, onto_full_device)
    assert path.read_bytes() == b"previous"


KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from aeaug.writing import write_atomically
def killed(file):
    file.write(b"half"); file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), killed)
"""


def test_a_kill_while_writing_leaves_the_previous_file(tmp_path):
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"previous")
    process = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"previous"


class _RunsCode:
    def __reduce__(self):
        return (os.mkdir, ("executed",))


def test_a_checkpoint_can_run_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weights": torch.zeros(1), "payload": _RunsCode()}, tmp_path / "evil.ckpt")
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        AtomicCheckpointIO().load_checkpoint(tmp_path / "evil.ckpt", weights_only=False)
    assert not (tmp_path / "executed").exists()
