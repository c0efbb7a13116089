"""One job of a sweep: what ends it ends no other, unless ``fail_fast`` says so."""

import logging
import math
from pathlib import Path

from aeaug.faults import Fault
from aeaug.run.files import read_history
from aeaug.run.folder import Busy, RunFolder, Stale, run_path
from aeaug.run.options import RunOptions
from aeaug.run.pipeline import Run

__all__ = ["prepared", "unstopped"]

log = logging.getLogger(__name__)


def prepared(options: RunOptions) -> Run | float:
    """The run, or where there is nothing to run, what the job returns: the last validation FD that is there, or inf.

    A stale run is kept, one at which another process is at work is left to it. One that cannot begin has failed, which
    its folder says; with ``fail_fast`` what is wrong is raised.
    """
    try:
        return Run(options)
    except (Busy, Stale) as left:
        log.info("left as it is: %s", left)
        return _validation_fd(run_path(options))
    except Exception as error:
        if options.fail_fast:
            raise
        try:
            RunFolder(options).fail(error)
        except (OSError, ValueError) as silent:  # Faults are ValueErrors
            log.warning("%s failed (%s), and could not say so (%s)", run_path(options), error, silent)
        return math.inf


def unstopped(run: Run) -> float:
    """Run it, and return the last validation FD, or inf where it failed; why is in its folder."""
    try:
        return run.run()
    except Exception as error:
        if run.options.fail_fast:
            raise
        log.info("%s failed: %s", run.folder.path, error)
        return math.inf


def _validation_fd(folder: Path) -> float:
    try:
        history = read_history(folder)
    except Fault:
        return math.inf
    return float(history[-1]["frechet_distance"]) if history else math.inf
