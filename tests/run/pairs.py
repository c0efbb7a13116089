"""Two processes that train one run, of which one is held or fails: what tests/run/test_ddp.py and
tests/long/test_ddp.py start."""

import json
import os
import tempfile
import time
from pathlib import Path

from tests.conftest import tiny
from tests.processes import Process

UNTESTED = "evaluation.test=false"  # which takes a fraction of the time
TWO = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "variant=ddp"]
LONGER = ["arm=none", UNTESTED, "budget.images=800"]


class Pair:
    """Two processes that train into one folder, of which one is held or fails (see training_program.py)."""

    def __init__(self, folder):
        self.folder = folder
        self.run = folder / "runs" / "adhoc" / "ddp" / "seed=0"

    def start(self, what, rank):
        self.notes = Path(tempfile.mkdtemp(dir=self.folder))
        program = Path(__file__).with_name("training_program.py")
        given = os.environ | {"WHAT": what, "WHERE": str(rank), "NOTES": str(self.notes)}
        self.process = Process(str(program), *tiny(*TWO, *LONGER), f"outputs={self.folder}", env=given)
        return self

    def kill(self, rank, number):
        """Send a signal to one process once the other one, or this one, is held."""
        give_up = time.monotonic() + 240
        while not (self.notes / "held").exists() or not (self.notes / f"{rank}.pid").exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < give_up, "it did not come about"
            time.sleep(0.02)
        os.kill(int((self.notes / f"{rank}.pid").read_text()), number)
        return self

    def end(self, seconds=30):
        """Wait for both, who hold the pipe open, and return (exit status, what they said, state, log)."""
        _, said = self.process.communicate(timeout=seconds)
        assert (self.run / "status.json").exists(), said
        errors = [line for line in said.splitlines() if line.startswith("error: ")]
        status = json.loads((self.run / "status.json").read_text())
        return self.process.returncode, said, errors, status["state"], (self.run / "run.log").read_text()
