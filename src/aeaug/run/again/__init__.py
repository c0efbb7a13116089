"""Measuring what is there already as a run is measured at its end: a finished run, or images from another program."""

from pathlib import Path
from typing import TYPE_CHECKING

from aeaug.run.again.options import ReevaluationOptions
from aeaug.run.folder import require_writable

if TYPE_CHECKING:
    from aeaug.run.again.finished_run import FinishedRun
    from aeaug.run.again.image_set import ImageSet

__all__ = ["prepare"]


def prepare(options: ReevaluationOptions) -> "FinishedRun | ImageSet":
    """Check all that can be wrong with what ``options`` names; the result's ``measure()`` does the work.

    Raises ``ValueError``, in one line.
    """
    require_writable(Path(options.outputs) / "evaluations", options.outputs)
    if options.run is not None:
        from aeaug.run.again.finished_run import FinishedRun

        return FinishedRun(Path(options.run), Path(options.outputs), options.data.root, options.trainer.progress)
    from aeaug.run.again.image_set import ImageSet

    return ImageSet(options)
