import errno
import fcntl
import os
import subprocess
import sys

import pytest
import torch
from filelock import Timeout

from aeaug.training.checkpoint import AtomicCheckpointIO
from aeaug.writing import lock_file, locked, naming, remove_strays, write_atomically


def test_an_error_without_a_file_names_the_target(tmp_path):
    with pytest.raises(OSError, match="No space") as caught, naming(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "a")
    with pytest.raises(OSError, match="No space") as caught, naming(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device", "another")
    assert caught.value.filename == "another"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "a", lambda file: (tmp_path / "gone").read_bytes())
    assert caught.value.filename == str(tmp_path / "gone")


def test_a_full_disk_is_named_and_leaves_the_earlier_file(mounted):
    path = mounted / "deep" / "last.ckpt"
    write_atomically(path, lambda file: file.write(b"before"))
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, lambda file: file.write(b"x" * 2**21), path.with_name("previous.ckpt"))
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    with pytest.raises(OSError, match="No space left") as caught:
        AtomicCheckpointIO().save_checkpoint({"weights": torch.zeros(2**19)}, path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_bytes() == b"before"
    assert [file.name for file in path.parent.iterdir()] == ["last.ckpt"]


def test_what_was_there_is_kept_under_another_name(tmp_path):
    last, previous = tmp_path / "last", tmp_path / "previous"
    for content in (b"1", b"2", b"3"):
        write_atomically(last, lambda file, content=content: file.write(content), previous)
    assert (last.read_bytes(), previous.read_bytes()) == (b"3", b"2")
    assert len(list(tmp_path.iterdir())) == 2


def test_strays_are_removed_and_nothing_else(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in (".last.ckpt.1.tmp", ".lock", "a.tmp", "last.ckpt"):
        (folder / name).write_text("")
    (folder / ".new.1.tmp").mkdir()
    (folder / ".new.1.tmp" / "half").write_text("")
    (folder / ".link.tmp").symlink_to(outside)
    remove_strays(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "a.tmp", "last.ckpt"]
    assert (outside / "kept").exists()


IN_TURN = """
import sys
from pathlib import Path
from aeaug.writing import locked
lock, inside = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(150):
    with locked(lock, "another"):
        inside.mkdir()  # fails where somebody is inside
        inside.rmdir()
"""


def test_a_lock_file_that_is_removed_keeps_processes_apart(tmp_path):
    command = [sys.executable, "-c", IN_TURN, str(tmp_path / ".lock"), str(tmp_path / "inside")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) for _ in range(4)]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / ".lock", "another"):
        assert (tmp_path / ".lock").exists()


def test_a_lock_whose_file_another_machine_removes_is_tried_again(tmp_path, monkeypatch):
    """As NFS has it: who has opened the file, and locks it when its name is gone, is told that it is stale."""
    flock, fails = fcntl.flock, iter([errno.ESTALE, errno.ESTALE])

    def stale(*arguments):
        if number := next(fails, None):
            raise OSError(number, os.strerror(number))
        return flock(*arguments)

    monkeypatch.setattr(fcntl, "flock", stale)
    with locked(tmp_path / "lock", "nobody"):
        assert (tmp_path / "lock").exists()
    assert next(fails, None) is None


def test_a_lock_on_a_file_that_has_lost_its_name_is_none(tmp_path, monkeypatch):
    """As NFS has it: a file that is removed while somebody has it open is renamed."""
    flock, path = fcntl.flock, tmp_path / "lock"
    renames = iter([path])

    def renamed(*arguments):
        if renamed_now := next(renames, None):
            renamed_now.rename(tmp_path / ".nfs0001")
        return flock(*arguments)

    monkeypatch.setattr(fcntl, "flock", renamed)
    with locked(path, "nobody"):
        assert path.exists()
        with pytest.raises(Timeout):
            lock_file(path).acquire(timeout=0)
