"""The options of an advice, and what is asked of them."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator

from aeaug.options import Integer, Number, Options, Seed, Text, shown, validated
from aeaug.run.claims import TUNING

__all__ = ["READINGS", "AdviseOptions", "parse_advise"]

READINGS = 20
"""Of the validation slice, in a run."""


class AdviseOptions(Options):
    """``advise`` in ``conf/experiment/advise.yaml``. ``minutes`` for all of it; ``arms``: those that may be chosen,
    each with the settings that it needs besides, and ``weights`` of R1 for none; ``tuning_seeds``: on which they are
    tried; ``images``: budgets of a run, ascending, of which one is taken; ``smallest_effect``: relative change of FD
    that is worth an option."""

    minutes: Number = Field(gt=0, le=1_000_000)
    arms: tuple[Text, ...]
    weights: tuple[Number, ...]
    tuning_seeds: tuple[Seed, ...] = Field(max_length=100)
    images: tuple[Integer, ...] = Field(max_length=100)
    smallest_effect: Number = Field(gt=0, lt=1)

    @field_validator("weights")
    @classmethod
    def _weights(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if any(weight < 0 for weight in weights):
            raise ValueError(f"weights={shown(list(weights))}: a weight of R1 is at least 0")
        return weights

    @field_validator("tuning_seeds")
    @classmethod
    def _kept(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if any(seed not in TUNING for seed in seeds):
            raise ValueError(
                f"tuning_seeds={shown(list(seeds))}: {TUNING[0]} to {TUNING[-1]} are kept for tuning, and no others"
            )
        return seeds

    @field_validator("images")
    @classmethod
    def _budgets(cls, images: tuple[int, ...]) -> tuple[int, ...]:
        if any(one < READINGS or one % READINGS for one in images):
            raise ValueError(
                f"images={shown(list(images))}: a run has {READINGS} readings, so each is a multiple of {READINGS}"
            )
        if list(images) != sorted(images):
            raise ValueError(f"images={shown(list(images))}: the smallest first")
        return images

    @field_validator("arms", "weights", "tuning_seeds", "images")
    @classmethod
    def _once(cls, values: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        if not values and info.field_name in ("tuning_seeds", "images"):
            raise ValueError(f"{info.field_name}=[]: at least one")
        if len(set(values)) < len(values):
            raise ValueError(f"{info.field_name}={shown(list(values))}: each once")
        return values

    def without(self, weight: float) -> Self:
        """The same where none has this ``weight`` of R1."""
        return self.model_copy(update={"weights": tuple(one for one in self.weights if one != weight)})


def parse_advise(values: Any) -> AdviseOptions:
    """Check ``values`` and return them typed. Raises ``ValueError``, a line for each thing that is wrong."""
    if not isinstance(values, Mapping):
        raise ValueError(f"advise={shown(values)}: a group of options, those of conf/experiment/advise.yaml")
    try:
        return validated(AdviseOptions, values)
    except ValueError as error:
        raise ValueError("\n".join(f"advise.{line}" for line in str(error).splitlines())) from None
