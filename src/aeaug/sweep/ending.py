"""How a command ends that cannot go on: in one line and exit status 1 for what is no bug, with a traceback for one."""

import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aeaug.faults import explanation, one_line
from aeaug.sweep.composition.hydra_errors import HYDRAS, in_one_line

__all__ = ["SWEEP", "ending_sweeps", "left_to_do", "refusing"]

SWEEP = (
    "AEAUG_SWEEP"  # in the environment of a sweep's workers, who end with it: the id of the process that launched it
)

left_to_do: list[Callable[[], None]] = []
"""What a sweep that has begun leaves to be done where it ends before its end; Hydra calls nothing then."""


@contextmanager
def ending_sweeps() -> Iterator[None]:
    """Do what is :data:`left_to_do` after whatever ended the command was said. (Not at the exit of the process: until
    then a bar would go on, and signals be the sweep's, in a process that has other things to do.)"""
    try:
        yield
    except SystemExit as end:
        if not left_to_do or not isinstance(end.code, str):
            raise
        print(end.code, file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        try:
            while left_to_do:
                left_to_do.pop()()
        except KeyboardInterrupt:  # a second one, which is not waited for
            print("interrupted", file=sys.stderr)
            raise SystemExit(130) from None


@contextmanager
def refusing(
    *wrong: type[Exception], log: Path | None = None, typed: Sequence[str] = (), config: str = "train"
) -> Iterator[None]:
    """End the process in one line for what is no bug.

    Args:
        wrong: types that stand for a wrong input here, a line each in what they say; what :mod:`aeaug.faults` explains
            and what Hydra finds is no bug anywhere.
        log: of the run; after a bug's traceback it is said where it is.
        typed: the overrides of ``config``, for Hydra's errors about them.
    """
    try:
        yield
    except HYDRAS as error:
        sys.exit(f"error: {in_one_line(error, typed, config)}")
    except Exception as error:
        lines: list[str | None] = [*str(error).splitlines()] if isinstance(error, wrong) else [explanation(error)]
        if typed and isinstance(error, UnicodeDecodeError):  # while Hydra reads files
            files = ", ".join(override for override in typed if re.fullmatch(r"[\w/]+=[\w,-]+", override))
            lines = [f"{files or 'an option file'}: the file is no text ({one_line(error)})"]
        if lines == [None]:
            traceback.print_exc()
            lines = [f"{type(error).__name__} is a bug of aeaug's{f'; the log of the run is {log}' if log else ''}"]
        sys.exit("\n".join(f"error: {line}" for line in lines))
