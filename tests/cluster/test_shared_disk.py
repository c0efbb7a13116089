"""Two machines on one disk: each a mount namespace of its own, with its own name and its own FUSE mount of the disk.

``bindfs`` forwards locks to the disk, as a server does that has them, or leaves them to each mount, as NFS with
``nolock`` does: what one machine has locked is then free on the other.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.cluster.conftest import assert_same_bits, starts, status, sweep, training
from tests.conftest import REPOSITORY

DEADLINE = 300  # seconds
PROGRAMS = ("bindfs", "unshare", "mountpoint")
FORWARDED = "--enable-lock-forwarding --multithreaded"

MACHINE = """
hostname "$1" || exit 99
bindfs -f $2 "$3" "$4" & server=$!
until mountpoint -q "$4"; do kill -0 $server || exit 99; sleep 0.1; done
place=$4
shift 4
"$@"
status=$?
umount -l "$place"
exit $status
"""

absent = [name for name in PROGRAMS if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(absent), reason=f"{', '.join(absent)} not found: apt-get install bindfs fuse3"),
    pytest.mark.skipif(os.geteuid() != 0, reason="disks are mounted by root"),
]


@contextmanager
def machine(name, options, folder, *more):
    """The sweep, at work on the machine ``name``; what it says goes to the file of that name in ``folder``."""
    places = [folder / "disk", folder / "shared"]
    for place in places:
        place.mkdir(exist_ok=True)
    command = ["unshare", "--mount", "--uts", "sh", "-c", MACHINE, "sh", name, options, *places]
    command += [sys.executable, *sweep(folder / "shared", *more)]
    with (folder / name).open("w") as said:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=said, stderr=said, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_trained(folder, process):
    """Until the first run is in training; return the id of its process."""
    end = time.monotonic() + DEADLINE
    while not training(folder / "disk", (0,)):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return status(folder / "disk", 0)["pid"]


def test_where_locks_hold_two_machines_share_the_runs_of_a_sweep(undisturbed, tmp_path):
    with machine("one", FORWARDED, tmp_path) as one:
        trains = wait_until_trained(tmp_path, one)
        os.kill(trains, signal.SIGSTOP)  # so that it is still at work then
        with machine("two", FORWARDED, tmp_path) as two:
            assert two.wait(DEADLINE) == 0, (tmp_path / "two").read_text()
        os.kill(trains, signal.SIGCONT)
        assert one.wait(DEADLINE) == 0, (tmp_path / "one").read_text()
    assert [status(tmp_path / "disk", seed)["host"] for seed in (0, 1)] == ["one", "two"]
    assert [starts(tmp_path / "disk", seed) for seed in (0, 1)] == [1, 1]
    assert_same_bits(tmp_path / "disk", undisturbed)


def test_where_locks_hold_another_machine_goes_on_with_what_a_killed_one_left(undisturbed, tmp_path):
    with machine("one", FORWARDED, tmp_path) as one:
        wait_until_trained(tmp_path, one)
    with machine("two", FORWARDED, tmp_path) as two:
        assert two.wait(DEADLINE) == 0, (tmp_path / "two").read_text()
    assert [starts(tmp_path / "disk", seed) for seed in (0, 1)] == [2, 1]
    assert_same_bits(tmp_path / "disk", undisturbed)


def test_where_locks_hold_on_one_machine_alone_the_other_says_so_and_leaves_the_run(tmp_path):
    endless = ["budget.images=400000000", "seed=0"]
    with machine("one", "", tmp_path, *endless) as one:
        trains = wait_until_trained(tmp_path, one)
        with machine("two", "", tmp_path, *endless) as two:
            assert two.wait(DEADLINE) == 1, (tmp_path / "two").read_text()
        assert status(tmp_path / "disk", 0) | {"pid": trains, "host": "one"} == status(tmp_path / "disk", 0)
        assert starts(tmp_path / "disk", 0) == 1
    said = (tmp_path / "two").read_text()
    (line,) = [line for line in said.splitlines() if "left as it is: " in line]
    assert str(tmp_path / "shared") in line
    assert "on one, and its lock is free" in line
    assert "it/seed=0 left running: " in said
    assert "Traceback" not in said
