"""One job of a sweep: what ends it ends no other, unless ``fail_fast`` says so."""

import logging
import math
import os
from collections.abc import Iterable

from aeaug.faults import Fault, explanation
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.lock import Busy, Unlocked
from aeaug.run.identity.identity import Stale
from aeaug.run.options import RunOptions
from aeaug.run.pipeline import Run

__all__ = ["anew", "prepared", "unstopped"]

log = logging.getLogger(__name__)


def anew(jobs: Iterable[RunOptions]) -> None:
    """Delete what those of ``jobs`` left that are made anew every time; not in a process that another one started for
    its training. Raises :class:`Busy`."""
    for options in jobs:
        if options.debug and os.environ.get("LOCAL_RANK", "0") == "0":
            RunFolder(options).discard()


def prepared(options: RunOptions) -> Run | float:
    """The run, or where there is nothing to run, what the job returns: the last validation FD that is there, or inf.

    A finished run is left alone, and nothing is read for it; a stale one is kept, one at which another process is at
    work is left to it. One that cannot begin has failed, which its folder says; with ``fail_fast`` what is wrong is
    raised.
    """
    folder = RunFolder(options)
    try:
        if folder.check() is None and folder.finished():
            return _left(folder)
        return Run(options)
    except (Busy, Stale) as left:
        log.info("left as it is: %s", left)
        return _left(folder)
    except Exception as error:
        if options.fail_fast:
            raise
        try:
            folder.fail(error)
        except (OSError, ValueError) as silent:  # Faults are ValueErrors
            log.warning("%s failed (%s), and could not say so (%s)", folder.path, error, silent)
        return math.inf


def unstopped(run: Run) -> float:
    """Run it, and return the last validation FD, or inf where it failed; why is in its folder. Another job, which
    differs in what the run has no use for, may have begun it meanwhile: it is left to that."""
    try:
        return run.run()
    except Busy as left:
        level = logging.WARNING if isinstance(left, Unlocked) else logging.INFO  # of such a disk somebody has to know
        log.log(level, "left as it is: %s", left)
        return _left(run.folder)
    except Exception as error:
        if run.options.fail_fast:
            raise
        # Of one that could not be opened, on a full disk, nothing in its folder says why.
        level = logging.INFO if run.folder.status.ours else logging.WARNING
        log.log(level, "%s failed: %s", run.folder.path, explanation(error) or f"{type(error).__name__}: {error}")
        return math.inf


def _left(folder: RunFolder) -> float:
    """What a run that is left alone returns, whatever is there."""
    try:
        return folder.validation_fd()
    except Fault:
        return math.inf
