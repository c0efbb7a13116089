"""Measuring what is there already as a run is measured at its end: a finished run, or images from another program.

The room of ``scripts/evaluate.py``; like the report it stands above all stages.
"""

from pathlib import Path

from aeaug.run.again.evaluation import Evaluation
from aeaug.run.again.finished_run import FinishedRun
from aeaug.run.again.image_set import ImageSet
from aeaug.run.again.options import ReevaluationOptions, parse_reevaluation
from aeaug.run.again.table import table
from aeaug.run.folder import require_writable

__all__ = ["Evaluation", "FinishedRun", "ImageSet", "ReevaluationOptions", "parse_reevaluation", "prepare", "table"]


def prepare(options: ReevaluationOptions) -> FinishedRun | ImageSet:
    """Check all that can be wrong with what ``options`` names; the result's ``measure()`` does the work.

    Raises ``ValueError``, in one line.
    """
    require_writable(Path(options.outputs) / "evaluations", options.outputs)
    if options.run is not None:
        return FinishedRun(Path(options.run), Path(options.outputs), options.data.root, options.trainer.progress)
    return ImageSet(options)
