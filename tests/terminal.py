"""A command in this process, as the terminal would show it: exit status, and what stands on each stream.

Hydra composes twice for each: to read ``hydra.mode``, then to run. Here it is asked for the mode once for the same
choices of option files and options of Hydra's own; values of other options decide nothing about it.
"""

import contextlib
import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hydra._internal.hydra import Hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from aeaug import cli
from tests.conftest import is_value

COMMANDS: dict[str, Callable[[], None]] = {
    "train": cli.train,
    "report": cli.report,
    "evaluate": cli.evaluate,
    "status": cli.status,
    "tune": cli.tune,
    "sample": cli.sample,
    "augment": cli.augment,
}


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
    """Run ``scripts/<script>.py`` with ``arguments``, as they are typed; a sweep that names no launcher and no number
    of jobs in this process, job after job: a worker would take seconds to start."""
    if "-m" in arguments and not any(one.startswith(("hydra/launcher", "hydra.launcher")) for one in arguments):
        arguments = (*arguments, "hydra.launcher.n_jobs=1")
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", [f"scripts/{script}.py", *arguments]),
        mock.patch.object(Hydra, "get_mode", _mode),
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


_get_mode, _modes = Hydra.get_mode, dict[tuple[str, ...], RunMode | None]()


def _mode(hydra: Hydra, config_name: str, overrides: list[str]) -> RunMode | None:
    deciding = [one for one in overrides if one.startswith("hydra") or not is_value(one)]
    search_path = str(hydra.config_loader.get_search_path())
    key = (config_name, search_path, *deciding)
    if key not in _modes:
        _modes[key] = _get_mode(hydra, config_name, deciding)
    return _modes[key]


@contextlib.contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Hydra configures the root logger for each command."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
