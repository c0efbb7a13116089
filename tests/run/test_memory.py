import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from aeaug.run import memory
from aeaug.run.memory import PeakMemory

MB = 1_000_000


def resettable():
    try:
        memory.CLEAR_REFS.write_text("5")
    except OSError:
        return False
    return True


HELD = f"""
import torch
from aeaug.run.memory import PeakMemory
peak = PeakMemory()
for held in (0, {200 * MB}, 0):  # three runs, of which the second holds so much
    peak.start()
    images = torch.ones(held, dtype=torch.uint8)
    during = peak.read()["host_bytes"]
    del images
    print(during, peak.read()["host_bytes"])
"""


@pytest.mark.skipif(not resettable(), reason="this system does not let a process set its peak back")
def test_what_a_run_held_is_its_own_peak_and_not_the_last_runs():
    """In a process of its own: another test's garbage would be collected in between."""
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    before, with_it, after = ([int(number) for number in line.split()] for line in done.stdout.splitlines())
    assert 190 * MB < with_it[0] - before[0] < 230 * MB
    assert abs(with_it[1] - with_it[0]) < 5 * MB, "a peak stays; the kernel counts pages roughly"
    assert abs(after[0] - before[0]) < 30 * MB, "the next run has not held it"


@pytest.mark.parametrize(("platform", "expected"), [("linux", 123 * 1024), ("darwin", 123)])
def test_elsewhere_it_is_the_peak_of_the_process(monkeypatch, tmp_path, platform, expected):
    usage = SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda who: SimpleNamespace(ru_maxrss=123))
    monkeypatch.setattr(memory, "resource", usage)
    monkeypatch.setattr(memory, "CLEAR_REFS", tmp_path / "not" / "here")
    monkeypatch.setattr(memory.sys, "platform", platform)
    peak = PeakMemory()
    peak.start()
    assert peak.read() == {"host_bytes": expected, "device_bytes": None}


def test_a_system_that_counts_nothing_gives_no_number(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "resource", None)
    monkeypatch.setattr(memory, "CLEAR_REFS", tmp_path / "not" / "here")
    peak = PeakMemory()
    peak.start("cpu")
    assert peak.read() == {"host_bytes": None, "device_bytes": None}


def test_only_a_cuda_device_is_asked_for_its_memory(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, "init", lambda: asked.append("begun"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: asked.append(("reset", device)))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: asked.append(("read", device)) or 7)
    peak = PeakMemory()
    peak.start(torch.device("cpu"))
    assert peak.read()["device_bytes"] is None
    assert asked == []
    device = torch.device("cuda", 1)
    peak.start(device)
    assert peak.read()["device_bytes"] == 7
    assert asked == ["begun", ("reset", device), ("read", device)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_real_device():
    """In a process of its own, where nothing has used the GPU before, as in a run."""
    code = (
        "import torch; from aeaug.run.memory import PeakMemory; peak = PeakMemory(); peak.start('cuda'); "
        f"torch.ones({200 * MB}, dtype=torch.uint8, device='cuda'); print(peak.read()['device_bytes'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 200 * MB <= int(done.stdout) < 210 * MB
