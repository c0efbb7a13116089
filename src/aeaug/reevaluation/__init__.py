"""Measuring what is there already as a run is measured at its end: a finished run, or images from another program.

The room of ``scripts/evaluate.py``; like the report it stands above all stages.
"""

from pathlib import Path

from aeaug.reevaluation.evaluation import Evaluation
from aeaug.reevaluation.finished_run import FinishedRun
from aeaug.reevaluation.image_set import ImageSet
from aeaug.reevaluation.options import ReevaluationOptions, parse_reevaluation
from aeaug.reevaluation.table import table
from aeaug.run_directory import require_writable

__all__ = ["Evaluation", "FinishedRun", "ImageSet", "ReevaluationOptions", "parse_reevaluation", "prepare", "table"]


def prepare(options: ReevaluationOptions) -> FinishedRun | ImageSet:
    """Check all that can be wrong with what ``options`` names; the result's ``measure()`` does the work.

    Raises ``ValueError``, in one line.
    """
    require_writable(Path(options.outputs) / "evaluations", options.outputs)
    if options.run is not None:
        return FinishedRun(Path(options.run), Path(options.outputs), options.data.root, options.progress)
    return ImageSet(options)
