"""Claims: what an experiment says before it runs, so that its report can say afterwards whether it was so.

A claim is a block in an experiment file:

    claims:
      - statement: Perturbing codes lowers FD against appending plain reconstructions.
        metric: frechet_distance
        direction: lower
        treatment: append_gaussian
        control: append_reconstruct
        smallest_effect: 0.05
        seeds: 10

It is written into every run's `config.yaml` before that run starts. `treatment` and `control` are arms, whatever the
size of their training set: one claim has one verdict for each size.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from aeaug.evaluation.metric import Metric
from aeaug.options import Integer, Number, Options, Text
from aeaug.run.metrics import METRICS

__all__ = ["Claim", "arm_name", "read_claims"]


class Claim(Options):
    """`statement` in words, and in terms: `metric` of `treatment` is `direction` than that of `control`.

    `smallest_effect` is the smallest that matters: on a log metric a relative change (0.05 is 5%) below 1, on a
    natural one a difference in its own units. `seeds` is the planned number of pairs.
    """

    statement: Text
    metric: Text
    direction: Literal["lower", "higher"]
    treatment: Text
    control: Text
    smallest_effect: Number = Field(gt=0, le=1e9)
    seeds: Integer = Field(ge=1, le=10_000)

    @model_validator(mode="after")
    def _consistent(self) -> "Claim":
        if self.metric not in METRICS:
            raise ValueError(f"claims.metric={self.metric!r:.80}: no metric of the report; known: {', '.join(METRICS)}")
        for key, arm in (("treatment", self.treatment), ("control", self.control)):
            if arm_name(arm) != arm:
                raise ValueError(
                    f"claims.{key}={arm!r:.80}: name the arm without data.n_train, for every size has a verdict"
                )
        if self.treatment == self.control:
            raise ValueError(f"claims.control={self.control!r:.80}: must differ from claims.treatment")
        if self.measure.scale == "log" and self.smallest_effect >= 1:
            raise ValueError(
                f"claims.smallest_effect={self.smallest_effect:g}: on {self.metric} it is a relative change, "
                "0.05 for 5%, and must be below 1"
            )
        return self

    @property
    def measure(self) -> Metric:
        """The metric that `metric` names."""
        return METRICS[self.metric]

    @property
    def sign(self) -> int:
        """-1 or +1: the sign of a difference, treatment minus control, on the claimed side."""
        return -1 if self.direction == "lower" else 1


def arm_name(variant: str) -> str:
    """The arm a variant is, whatever its training-set size: `a,data.n_train=100` is `a`; nothing else is `default`."""
    parts = [part for part in variant.split(",") if not part.startswith("data.n_train=")]
    return ",".join(parts) or "default"


def read_claims(config: Mapping[str, Any], place: str) -> tuple[Claim, ...]:
    """The claims a run's config states; none where it has no such key.

    Raises `ValueError`, in one line naming `place`, key and value, for a list that is none or a claim that is wrong.
    """
    stated = config.get("claims") or ()
    if not isinstance(stated, Sequence) or isinstance(stated, str):
        raise ValueError(f"{place}: claims={stated!r:.80}: not a list of claims")
    return tuple(_claim(claim, f"{place}: claims.{position}") for position, claim in enumerate(stated))


def _claim(stated: Any, place: str) -> Claim:
    try:
        return Claim.model_validate(stated)
    except ValidationError as error:
        first = error.errors()[0]
        key = "".join(f".{part}" for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "value_error":
            raise ValueError(f"{place}: {message}") from None
        raise ValueError(f"{place}{key}={first['input']!r:.80}: {message[0].lower()}{message[1:]}") from None
