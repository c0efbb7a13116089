"""The table on the terminal, once or over and over."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aeaug.sweep.status.options import StatusOptions
from aeaug.sweep.status.states import experiments
from aeaug.sweep.status.table import status_table

__all__ = ["SECONDS_BETWEEN_LOOKS", "show"]

SECONDS_BETWEEN_LOOKS = 2.0

HOME, NEXT_LINE, TO_END = "\x1b[H", "\x1b[K\n", "\x1b[J"  # of a terminal: what was there goes, without flickering


def show(options: StatusOptions, left: Callable[[], bool] = lambda: False) -> None:
    """Print the table; to ``watch``, until Ctrl-C, or until whoever reads it has ``left``.

    Raises ``ValueError``, in one line, for an experiment that is not there, and where there is none.
    """
    try:
        _print(options)
        while options.watch and not left():
            time.sleep(SECONDS_BETWEEN_LOOKS)
            _print(options)
    except KeyboardInterrupt:
        if not options.watch:
            raise


def _print(options: StatusOptions) -> None:
    now = time.time()
    table = status_table(experiments(Path(options.outputs, "runs"), options.experiments(), now), now)
    if options.watch and sys.stdout.isatty():
        lines = [*table.splitlines(), time.strftime("%H:%M:%S, until Ctrl-C")]
        rows = shutil.get_terminal_size().lines - 1
        more = [f"… and {len(lines) - rows + 1} lines more, in a larger window"] * (len(lines) > rows)
        lines = [*lines[: rows - len(more)], *more]
        table = HOME + "".join(line + NEXT_LINE for line in lines) + TO_END
    elif options.watch:
        table += "\n"
    print(table, end="", flush=True)
