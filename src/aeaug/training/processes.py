"""Processes that train together end together: when one dies, whatever killed it, the others are gone within seconds.

Lightning starts processes 1, 2, … as children of process 0, and what they do together waits for all of them. Its own
watch looks every five seconds, at the children alone, and kills process 0, which then records nothing; a child whose
process 0 is gone waits for minutes; and SIGTERM is answered, within the signal's handler, by a broadcast that the
others do not join. Here process 0 watches its children and its children watch it, five times a second, and SIGTERM does
what it does to any process.

Where something else starts the processes (torchrun, Slurm), it is also what watches them, and all is left to it.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any, NoReturn

import lightning as L
from lightning.pytorch.strategies.launchers import subprocess_script

from aeaug.faults import Fault
from aeaug.training.divergence import Diverged
from aeaug.training.parent import LEAVE, LOOK, watch_parent

__all__ = ["together"]

LEADER = "AEAUG_LEADER"  # in a child's environment: the id of process 0
ECHO = 2.0  # that a process waits with its own failure, in case it is another's end that it sees


@contextmanager
def together(trainer: L.Trainer, log: Path, on_death: Callable[[str], None]) -> Iterator[None]:
    """Around ``trainer.fit``: see that no process outlives another that was killed or failed.

    Process 0 raises :class:`aeaug.faults.Fault`, in a line, when another one is gone. Where it does not come out of
    what it waits for, ``on_death`` is given the line to record, from another thread, and it ends with status 1.

    The others add to ``log`` what they fail of, end with status 1 when process 0 is gone, and leave it to process 0 to
    say that training has :class:`Diverged`, which all find at once.
    """
    leader = int(os.environ.get(LEADER, os.getpid()))
    if leader != os.getpid():
        with _following(trainer, leader, log):
            yield
    elif _starts_others(trainer):
        with _leading(trainer, on_death):
            yield
    else:
        yield


def _starts_others(trainer: L.Trainer) -> bool:
    launcher = trainer.strategy.launcher
    if not isinstance(launcher, subprocess_script._SubprocessScriptLauncher):
        return False
    return not launcher.cluster_environment.creates_processes_externally


class _Children(threading.Thread):
    """Process 0's watch over the others."""

    def __init__(self, on_death: Callable[[str], None]) -> None:
        super().__init__(daemon=True, name="watch over processes")
        self._processes: list[Popen[Any]] = []
        self._on_death, self._left = on_death, threading.Event()

    def begin(self, processes: list[Popen[Any]]) -> None:
        """Watch ``processes``, of ranks 1, 2, …, from now on."""
        self._processes = processes
        self.start()

    def run(self) -> None:
        while not self._left.wait(LOOK):
            line = self.death()
            if line is None:
                continue
            self.end()
            if not self._left.wait(LEAVE):
                print(f"error: {line}", file=sys.stderr, flush=True)
                try:
                    self._on_death(line)
                finally:
                    os._exit(1)

    def leave(self) -> None:
        """Process 0 waits for the others no more."""
        self._left.set()

    def death(self, any_end: bool = False) -> str | None:
        """A line on the process that died, None while none has; ``any_end``: without an error, too."""
        codes = {rank: process.poll() for rank, process in enumerate(self._processes, 1)}
        ended = {rank: code for rank, code in codes.items() if code or (any_end and code == 0)}
        if not ended:
            return None
        rank = min(ended, key=lambda rank: ended[rank])  # below 0: killed, which is why others fail
        return f"process {rank} of {len(codes) + 1} {_said(ended[rank])}: the same command goes on"

    def cause(self, error: Exception) -> str | None:
        """A line on the process whose end is why process 0 fails with ``error``; None where it is not another's end."""
        if isinstance(error, Diverged) or not isinstance(error, RuntimeError):  # which broken connections are
            return None
        give_up = time.monotonic() + LEAVE
        while (line := self.death(any_end=True)) is None and time.monotonic() < give_up:
            self._left.wait(LOOK / 4)
        return line

    def end(self) -> None:
        """Kill what is left of them: they may be waiting in a call that no milder signal ends."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            with suppress(TimeoutExpired):
                process.wait(LEAVE)


@contextmanager
def _leading(trainer: L.Trainer, on_death: Callable[[str], None]) -> Iterator[None]:
    children = _Children(on_death)
    with _own_watch(children.begin):
        os.environ[LEADER] = str(os.getpid())
        try:
            yield
        except Exception as error:
            line = children.cause(error)
            children.end()
            if line is None:
                raise
            raise Fault(line) from error
        except BaseException:
            children.end()
            raise
        finally:
            children.leave()
            del os.environ[LEADER]


@contextmanager
def _own_watch(watch: Callable[[list[Popen[Any]]], None]) -> Iterator[None]:
    """Have ``watch`` instead of Lightning's."""
    name = "_launch_process_observer"
    before = getattr(subprocess_script, name)
    setattr(subprocess_script, name, watch)
    try:
        yield
    finally:
        setattr(subprocess_script, name, before)


@contextmanager
def _following(trainer: L.Trainer, leader: int, log: Path) -> Iterator[None]:
    name = f"process {trainer.global_rank} of {trainer.world_size}"

    def leave() -> NoReturn:
        _say(log, f"error: {name}: process 0 is gone: the same command goes on")
        os._exit(1)

    watch_parent(leader, leave)
    try:
        yield
    except Diverged:
        return
    except Exception:
        # If another's end is why, process 0 kills this one, or is gone itself, before it has said anything.
        time.sleep(ECHO)
        _say(log, f"{name} failed\n{traceback.format_exc()}", shown=False)
        raise


def _said(code: int) -> str:
    if code < 0:
        return f"was killed by signal {-code}"
    return f"ended with status {code}" if code == 0 else f"failed with status {code}, for what it says above"


def _say(log: Path, text: str, shown: bool = True) -> None:
    if shown:
        print(text, file=sys.stderr, flush=True)
    with suppress(OSError), log.open("a") as file:
        file.write(f"{text}\n")
