"""A command in this process, as the terminal would show it: exit status, and what stands on each stream."""

import contextlib
import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hydra.core.global_hydra import GlobalHydra

from aeaug import cli

COMMANDS: dict[str, Callable[[], None]] = {"train": cli.train, "report": cli.report, "evaluate": cli.evaluate}


@dataclass(frozen=True)
class Ended:
    """``status`` of the process; ``said`` on stderr; ``printed`` on stdout."""

    status: int
    said: str
    printed: str

    @property
    def lines(self) -> list[str]:
        return self.said.splitlines()


def typed(script: str, *arguments: str) -> Ended:
    """Run ``scripts/<script>.py`` with ``arguments``, as they are typed."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", [f"scripts/{script}.py", *arguments]),
        _logging_as_it_was(),
    ):
        try:
            COMMANDS[script]()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:  # what Python would do
            traceback.print_exc()
            status = 1
        finally:
            GlobalHydra.instance().clear()
    return Ended(status, err.getvalue(), out.getvalue())


def content(folder: Path) -> dict[str, bytes | None]:
    """All there is below ``folder``: a file's bytes, None for a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


@contextlib.contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Hydra configures the root logger for each command."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
