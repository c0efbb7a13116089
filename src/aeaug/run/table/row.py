"""One row of a run's table, without the columns that all of its rows share."""

from aeaug.data.options import OWN
from aeaug.evaluation.features import SPACES
from aeaug.evaluation.spaces import UNTRAINED
from aeaug.options import choice_of
from aeaug.run.files import Files

__all__ = ["ROW", "Row", "spaces_of"]

ROW = ("split", "set", "metric", "reading", "space", "images", "value", "note")
Row = tuple[str, str, str, str, str, int | None, float, str]


def spaces_of(files: Files) -> tuple[str, ...]:
    """The spaces that the run is measured in, the leading one first: those that it asked for, or without a word what
    :func:`aeaug.evaluation.spaces.spaces_of` says of its images."""
    if asked := (files.config.get("evaluation") or {}).get("spaces"):
        return tuple(asked)
    return UNTRAINED if choice_of(files.config.get("data") or {}) in OWN else SPACES
