"""The options of a run: their types and ranges (``run``), what they ask of each other (``consistency``), what a run has
no use for (``unused``), and how all of it is made of composed values (``parsing``)."""

from aeaug.run.options.parsing import parse_options
from aeaug.run.options.run import EvaluationOptions, RunOptions
from aeaug.run.options.unused import STAGES, idle_stages, is_unused, is_upper_bound, unused

__all__ = [
    "STAGES",
    "EvaluationOptions",
    "RunOptions",
    "idle_stages",
    "is_unused",
    "is_upper_bound",
    "parse_options",
    "unused",
]
