"""Feature spaces by their names: which there are, and what each needs; the nets behind them are in ``nets``.

================================ =====================================================================================
``classifier``                   the package's net for the data set, which was taught its classes
``self_supervised``              the package's net for it that was told images apart without labels
``random``                       of fixed random weights, for any shape (:mod:`aeaug.evaluation.spaces.untrained`)
``label_free``                   trained as ``self_supervised`` was, on images that no subset has
``labels``                       trained as ``classifier`` was, on these (:mod:`aeaug.evaluation.spaces.trained`)
``torch_fidelity:<extractor>``   one of torch-fidelity's, trained elsewhere (:mod:`aeaug.evaluation.spaces.fidelity`)
================================ =====================================================================================

Of those that a run asks for the first leads: curves, the best reading and all metrics are in its features, in those of
the others FD and the kernel distance alone. Without a word a data set has the package's two nets, a folder of images
the untrained one.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from aeaug.data.description import DataSet
from aeaug.evaluation.features import SPACES, Space

__all__ = [
    "NAMES",
    "PREFIX",
    "TRAINED",
    "WITH_CLASSES",
    "SpaceNames",
    "fault_of_classes",
    "fault_of_name",
    "in_words",
    "saw_training_images",
    "spaces_of",
]

PREFIX = "torch_fidelity:"
TRAINED: tuple[Space, ...] = ("label_free", "labels")
"""Those whose nets are trained on images of the data set that are measured by."""

UNTRAINED: tuple[Space, ...] = ("random",)
"""Those of images for which the package has no nets, unless others are asked for."""

NAMES: tuple[Space, ...] = (*SPACES, *UNTRAINED, *TRAINED)
"""All but those of torch-fidelity."""

WITH_CLASSES: tuple[Space, ...] = ("classifier", "labels")
"""Those whose nets tell classes."""

MOST = 8  # spaces of a run
_WORDS = {
    "classifier": "the classifier's features",
    "self_supervised": "label-free features",
    "random": "features of a random net",
    "label_free": "label-free features learnt of images kept for it",
    "labels": "features of a classifier of images kept for it",
}


def in_words(space: Space) -> str:
    """What a space is called in a sentence."""
    return _WORDS.get(space) or f"{space.removeprefix(PREFIX)}'s features"


def fault_of_name(space: str) -> str | None:
    """Why there is no such space; None where there may be one. Which extractors there are torch-fidelity knows."""
    if space in NAMES or (space.startswith(PREFIX) and len(space) > len(PREFIX) and space.isprintable()):
        return None
    return f"no feature space {space!r:.60}; there are {', '.join(NAMES)} and {PREFIX}<extractor>"


def fault_of_classes(spaces: Sequence[Space], data: DataSet) -> str | None:
    """Why one of ``spaces`` is none for ``data``, whose images have no classes, or for which the package has no net;
    None where all are."""
    unlabelled = [space for space in spaces if space in WITH_CLASSES and not data.classes]
    if unlabelled:
        return f"{unlabelled[0]} needs classes, and data.name={data.name} has none"
    pinned = [space for space in spaces if space in SPACES and not data.feature_nets]
    return f"{pinned[0]} is a net of the package, which has none for data.name={data.name}" if pinned else None


def spaces_of(asked: Sequence[Space] | None, data: DataSet) -> tuple[Space, ...]:
    """The spaces that ``data`` is measured in: those that are ``asked`` for, or without a word the package's, and where
    it has none for such images that of an untrained net."""
    if asked is not None:
        return tuple(asked)
    return SPACES if data.feature_nets else UNTRAINED


def saw_training_images(spaces: Sequence[Space]) -> bool:
    """Whether a net behind one of ``spaces`` was trained on images of the data set: of its pool beyond what no net has
    seen."""
    return any(space in SPACES or space in TRAINED for space in spaces)


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple) and not all(isinstance(one, str) for one in value):
        raise PydanticCustomError("name", "input should be a list of names")  # one line, whatever is in it
    return (value,) if isinstance(value, str) else value


def _names(spaces: tuple[str, ...]) -> tuple[str, ...]:
    faults = [fault for space in spaces if (fault := fault_of_name(space))]
    twice = [space for place, space in enumerate(spaces) if space in spaces[:place]]
    faults += [f"{space} is there twice" for space in twice]
    if not 1 <= len(spaces) <= MOST:
        faults.append(f"1 to {MOST} of them")
    if faults:
        raise PydanticCustomError("name", "{fault}", {"fault": faults[0]})
    return spaces


SpaceNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    AfterValidator(_names),
]
"""Names of feature spaces, each once, the leading one first; a single one need be no list."""
