"""Two processes that train one run: the ways in which one of them fails, beside a kill in the midst of it, and the
signal of images that are held out; the rest is in tests/run/test_ddp.py."""

import json
import re
import signal

import pytest

from tests.run.pairs import Pair
from tests.run.test_ddp import follow_one_rate


@pytest.mark.usefixtures("stocked")
def test_when_one_process_ends_so_does_the_other_and_the_same_command_goes_on(tmp_path):
    """One after another: each start goes on with what the last one left."""
    pair = Pair(tmp_path)

    # As it starts: process 0 waits for a connection that will never be.
    status, said, errors, state, log = pair.start("die", rank=1).end(seconds=240)
    assert (status, state) == (1, "failed")
    assert errors == ["error: process 1 of 2 failed with status 3, for what it says above: the same command goes on"]
    assert errors[0].removeprefix("error: ") in log
    assert "Traceback" not in said

    # In the third epoch process 1 waits in a collective, and nobody is left who could write the status.
    status, said, errors, state, log = pair.start("hold", rank=0).kill(0, signal.SIGKILL).end()
    assert (status, state) == (-signal.SIGKILL, "running")
    assert errors == ["error: process 1 of 2: process 0 is gone: the same command goes on"]
    assert errors[0] in log
    assert "Traceback" not in said

    status, said, errors, state, log = pair.start("hold", rank=0).kill(0, signal.SIGTERM).end()
    assert (status, state) == (128 + signal.SIGTERM, "interrupted")
    assert errors == []
    assert "Traceback" not in said

    status, said, errors, state, log = pair.start("raise", rank=1).end(seconds=240)
    assert (status, state) == (1, "failed")
    assert "ZeroDivisionError" in said
    assert "process 1 of 2 failed\nTraceback" in log
    assert errors[-1] == "error: process 1 of 2 failed with status 1, for what it says above: the same command goes on"

    status, said, errors, state, log = pair.start("nothing", rank=0).end(seconds=240)
    assert (status, errors, state) == (0, [], "done")
    history = [json.loads(line) for line in (pair.run / "history.jsonl").read_text().splitlines()]
    assert [entry["images"] for entry in history] == [200, 400, 600, 800]


@pytest.mark.usefixtures("stocked")
def test_divergence_is_said_once_and_by_process_0(tmp_path):
    """All find it at once; that the other one leaves before the first has written is no fault."""
    pair = Pair(tmp_path)
    status, said, errors, state, log = pair.start("grow", rank=0).end(seconds=240)
    assert (status, errors, state) == (0, [], "diverged")
    assert "Traceback" not in said + log
    found = json.loads((pair.run / "status.json").read_text())["traceback"]
    assert re.match(r"the discriminator's weights have grown to \S+ times .* after 600 images", found)
    assert len((pair.run / "history.jsonl").read_text().splitlines()) == 2


def test_both_processes_follow_the_rate_of_what_is_held_out(stock, tmp_path):
    follow_one_rate(["schedule=r_v", "schedule.target=0.0001"], stock, tmp_path)


def test_both_processes_have_one_weight_of_r1(stock, tmp_path):
    follow_one_rate(["gan/r1_schedule=r_t", "gan.r1_schedule.target=0.1"], stock, tmp_path)
