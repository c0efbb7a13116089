"""What is typed, before Hydra reads it.

A run's folder is called ``none,data.n_train=100/seed=0``, and a path may have blanks: Hydra's grammar takes neither
without quotes. So values of the keys that name things on disk are quoted here. What has no key, or one that does not
exist, is said in one line, with what there is.
"""

from collections.abc import Sequence

from aeaug.data.splits import SOURCES
from aeaug.run.again.options import ReevaluationOptions

__all__ = ["for_hydra"]

PATHS = ("run", "images", "outputs", "data.root")
OF_A_RUN = ("data", "data.name", "data.n_train", "data.subset_seed", "range", "n_images", "seed", "threads")


def for_hydra(arguments: Sequence[str]) -> list[str]:
    """Return the command line's ``arguments`` in Hydra's grammar.

    Raises ``ValueError`` for an argument without key or with an unknown one, for an unknown data source, and for one
    that would say of a run what its config says.
    """
    prepared = []
    given: dict[str, str] = {}
    for argument in arguments:
        if argument in ("-m", "--multirun"):
            raise ValueError(f"{argument}: one thing is measured at a time")
        if argument.startswith("-"):
            prepared.append(argument)
            continue
        key, equals, value = argument.partition("=")
        if not equals:
            raise ValueError(f"{argument}: say run={argument} or images={argument}")
        _check(argument, key, value)
        given[key] = argument
        prepared.append(f"{key}={_quoted(value)}" if key in PATHS else argument)
    own = [given[key] for key in OF_A_RUN if key in given]
    if "run" in given and own:
        raise ValueError(f"{own[0]}: it goes with images=…; {given['run']} has its own")
    return prepared


def _check(argument: str, key: str, value: str) -> None:
    known = ReevaluationOptions.model_fields
    if key.split(".")[0] not in (*known, "hydra"):
        raise ValueError(f"{argument}: no such option; there are {', '.join(known)}")
    if key == "data" and value not in SOURCES:
        raise ValueError(f"{argument}: must be one of {', '.join(SOURCES)}")


def _quoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value
    return "'" + value.replace("'", r"\'") + "'"
