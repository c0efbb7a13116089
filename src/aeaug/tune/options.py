"""The options of a search, ``tune.…``, and what goes together."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from aeaug.options import FolderName, Integer, Options, PathName, Seed, validated
from aeaug.run.claims import TUNING

__all__ = ["TuneOptions", "parse_tune"]


def _listed(value: Any) -> Any:
    """``a,b`` and ``[a,b]`` are a list, as a sweep has them."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.strip("[] ").split(",") if part.strip()]


def _numbers(value: Any) -> Any:
    return [int(one) if isinstance(one, str) and one.isdecimal() else one for one in _listed(value)]


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("twice", "one of them stands there twice")
    return values


def _for_tuning(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if any(seed not in TUNING for seed in seeds):
        raise PydanticCustomError(
            "tuning", f"seeds {TUNING[0]} to {TUNING[-1]} are those kept for tuning, and no other is used for it"
        )
    return seeds


Arms = Annotated[
    tuple[FolderName, ...], BeforeValidator(_listed), AfterValidator(_each_once), Field(min_length=1, max_length=100)
]
Seeds = Annotated[
    tuple[Seed, ...],
    BeforeValidator(_numbers),
    AfterValidator(_each_once),
    AfterValidator(_for_tuning),
    Field(min_length=1, max_length=100),
]


class TuneOptions(Options):
    """``conf/command/tune.yaml``; see there what each says."""

    space: PathName
    arms: Arms | None
    trials: Integer = Field(ge=1, le=100_000)
    seeds: Seeds
    processes: Integer = Field(ge=1, le=256)
    sampler: Literal["tpe", "random"]
    sampler_seed: Seed
    random_trials: Integer = Field(ge=1, le=100_000)
    pruning: Literal["median", "none"]
    pruning_trials: Integer = Field(ge=1, le=100_000)
    pruning_readings: Integer = Field(ge=0, le=1_000_000)

    def identity(self) -> dict[str, Any]:
        """What makes a search the one that it is: all but how far it goes, and in how many processes; the space is
        compared by what stands in its file."""
        free = {"space", "arms", "trials", "processes"}
        return self.model_dump(mode="json", exclude=free)


class _Tune(Options):
    tune: TuneOptions


def parse_tune(values: Mapping[str, Any]) -> TuneOptions:
    """Check the ``values`` of ``tune`` and return them typed. Raises ``ValueError``, a line for each thing that is
    wrong."""
    if values.get("space") is None:
        raise ValueError("tune.space=null: say which options to search over, tune.space=<file> (README, Search)")
    return validated(_Tune, {"tune": values}).tune
