"""Claims: what an experiment says before it runs, so that its report can say afterwards whether it was so.

A claim is a block in an experiment file:

    claims:
      - statement: Perturbing codes lowers FD against appending plain reconstructions.
        metric: frechet_distance
        reading: end
        space: classifier
        sizes: [100, 500]
        direction: lower
        treatment: append_gaussian
        control: append_reconstruct
        differs: [perturbation]
        smallest_effect: 0.05
        seeds: 10

It is written into every run's `config.yaml` before that run starts. `treatment` and `control` are arms, whatever the
size of their training set: a claim has one verdict, over all its sizes.

One exact test of n pairs has no p below 2^(1-n): an experiment of m claims needs 1 + ceil(log2(m / 0.05)) pairs, or
nothing in it can be decided, whatever the data (:func:`pairs_needed`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, model_serializer, model_validator

from aeaug.data.options import FEWEST
from aeaug.evaluation.metric import Metric
from aeaug.evaluation.spaces import fault_of_name, in_words
from aeaug.options import Integer, Number, Options, Text, shown
from aeaug.run.metrics import METRICS
from aeaug.run.variant import arm_name

__all__ = [
    "EQUAL_SECONDS",
    "FEWEST_AT_EQUAL_SECONDS",
    "FEWEST_READINGS",
    "LEVEL",
    "READINGS",
    "TUNING",
    "Claim",
    "Tried",
    "is_named",
    "pairs_needed",
    "read_claims",
]

LEVEL = 0.05
"""Of the errors of all primary tests of a report together."""

FEWEST_READINGS = 20
"""Of which the best is the reading "best" that may be claimed about; of fewer, whatever is read off says so."""

FEWEST_AT_EQUAL_SECONDS = 10
"""Readings of a run in a claim at equal seconds: of so many, evenly spaced, an arm that takes up to ten times as long
still has one when the other ends."""

Reading = Literal["end", "best", "equal_seconds"]
Section = Literal[
    "augmentation",
    "source",
    "filter",
    "schedule",
    "gate",
    "perturbation",
    "autoencoder",
    "gan",
    "budget",
    "data",
    "trainer",
    "evaluation",
]
Size = Annotated[Integer, Field(ge=FEWEST, le=10_000_000)] | None

READINGS = {"end": "end of the budget", "best": "best validation FD (oracle stopping)"}
"""Those at which a run's images are measured on the test split. (What is read at equal seconds is read of a pair.)"""

TUNING = range(9_000, 10_000)
"""Seeds, and subsets, that are kept for tuning: no claim is about them."""

EQUAL_SECONDS: Reading = "equal_seconds"
"""Validation FD where the two runs of a pair have spent equally many processor seconds:
report/statistics/equal_seconds.py."""


class Tried(Options):
    """An `arm` that stood for choice as a claim's treatment: `change` is the mean difference of its log validation FD
    to the control's, on seeds that are kept for tuning; None where a run of either diverged."""

    arm: Text
    change: Number | None = Field(ge=-1e3, le=1e3)


class Claim(Options):
    """`statement` in words, and in terms: `metric` of `treatment` is `direction` than that of `control`.

    `reading`: at the end of the budget, at the best validation FD, or, of validation FD alone, at equal processor
    seconds. `of`: the metric's centre; or its spread over subsets (report/statistics/spread.py): "lower" is then
    steadier; or the trend of its effect, per tenfold training images (report/statistics/trend.py): "higher" is then
    that the treatment does less to a distance, or more harm, the more images there are. `space`: the features the
    metric works on. `sizes`: of the training set, pooled into one test (an entry None: all images there are; None:
    those that there will be, of runs that were exploratory or are older). `differs`: the sections of the config in
    which treatment and control differ, and no other may (None: not said). `smallest_effect` is the smallest that
    matters: on a log metric a relative change (0.05 is 5%) below 1, on a natural one a difference in its own units; of
    a spread always a difference of mean absolute deviations, of a log metric those of its logarithm. `seeds` is the
    planned number of pairs. `chosen_among`: the arms of which the treatment was the best on tuning seeds, before a run
    that the claim is about; its report then answers which to use (report/verdict/answer.py).
    """

    statement: Text
    metric: Text
    reading: Reading = "end"
    of: Literal["centre", "spread", "trend"] = "centre"
    space: Text = "classifier"
    sizes: tuple[Size, ...] | None = None
    direction: Literal["lower", "higher"]
    treatment: Text
    control: Text
    differs: tuple[Section, ...] | None = None
    smallest_effect: Number = Field(gt=0, le=1e9)
    seeds: Integer = Field(ge=1, le=10_000)
    chosen_among: tuple[Tried, ...] = ()

    @model_serializer(mode="wrap")
    def _as_before(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A claim of nothing chosen is written as it was before there were others."""
        found: dict[str, Any] = serialized(self)
        return {key: value for key, value in found.items() if key != "chosen_among" or value}

    @model_validator(mode="after")
    def _consistent(self) -> "Claim":
        if self.metric not in METRICS:
            raise ValueError(f"claims.metric={self.metric!r:.80}: no metric of the report; known: {', '.join(METRICS)}")
        for key, arm in (("treatment", self.treatment), ("control", self.control)):
            if arm_name(arm) != arm:
                raise ValueError(
                    f"claims.{key}={arm!r:.80}: name the arm without data.n_train; claims.sizes says which sizes"
                )
        if self.treatment == self.control:
            raise ValueError(f"claims.control={self.control!r:.80}: must differ from claims.treatment")
        if self.quantity.scale == "log" and self.smallest_effect >= 1:
            raise ValueError(
                f"claims.smallest_effect={self.smallest_effect:g}: on {self.metric} it is a relative change, "
                "0.05 for 5%, and must be below 1"
            )
        if self.measure.binary and self.of == "centre" and self.smallest_effect >= 1:
            raise ValueError(
                f"claims.smallest_effect={self.smallest_effect:g}: {self.metric} is 0 or 1, of which no difference is "
                "larger than 1, and it must be below that"
            )
        if fault := fault_of_name(self.space):
            raise ValueError(f"claims.space={self.space!r:.80}: {fault}")
        if self.reading == EQUAL_SECONDS and self.metric != "frechet_distance":
            raise ValueError(
                f"claims.reading={EQUAL_SECONDS}: {self.metric} in {in_words(self.space)} has no curve over training, "
                "only frechet_distance has"
            )
        if self.of == "spread" and self.measure.binary:
            raise ValueError(f"claims.of=spread: {self.metric} is 0 or 1, and its mean says how it spreads")
        if self.of == "spread" and self.reading == EQUAL_SECONDS:
            raise ValueError(
                f"claims.of=spread: with claims.reading={EQUAL_SECONDS} every pair is read at seconds of its own, "
                f"read it at {' or '.join(READINGS)}"
            )
        if self.of == "trend" and self.measure.binary:
            raise ValueError(f"claims.of=trend: {self.metric} is 0 or 1, and most pairs have no difference at any size")
        if self.of == "trend" and (self.sizes is None or None in self.sizes or len(self.sizes) < 2):
            raise ValueError(
                f"claims.of=trend: a line over claims.sizes={shown(self.sizes)} needs at least two numbers"
            )
        if self.reading != "end" and (self.measure.place == "run" or self.measure.group == "leak"):
            raise ValueError(f"claims.reading={self.reading}: {self.metric} is read at the end alone")
        for name, entries in (("sizes", self.sizes), ("differs", self.differs)):
            if entries is not None and len(set(entries)) < len(entries):
                raise ValueError(f"claims.{name}={list(entries)!r:.80}: each once")
        if self.sizes == ():
            raise ValueError("claims.sizes=[]: at least one")
        return self

    @property
    def measure(self) -> Metric:
        """The metric that `metric` names."""
        return METRICS[self.metric]

    @property
    def quantity(self) -> Metric:
        """What its estimate is of, as it is named and read: what differs at one size, or the trend of that."""
        if self.of == "trend":
            return replace(self.at_size, label=f"{self.at_size.label} per tenfold images")
        return self.at_size

    @property
    def at_size(self) -> Metric:
        """What its differences at one size are of: `measure`, or a spread of it, which has a natural scale, or its
        validation curve at equal processor seconds."""
        if self.of == "spread":
            return replace(self.measure, label=f"spread of {self.measure.label}", better="lower", scale="natural")
        if self.reading == EQUAL_SECONDS:
            return replace(self.measure, label=f"validation {self.measure.label} at equal processor seconds")
        return self.measure

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest effect that matters, downwards and upwards, on the scale of its differences."""
        return self.quantity.bounds(self.smallest_effect)

    @property
    def sign(self) -> int:
        """-1 or +1: the sign of a difference, treatment minus control, on the claimed side."""
        return -1 if self.direction == "lower" else 1


def pairs_needed(tests: int) -> int:
    """The fewest pairs with which a report of so many primary tests can decide one of them: 6 for one, 12 for 102."""
    return 1 + math.ceil(math.log2(max(tests, 1) / LEVEL))


def is_named(variant: str, arm: str) -> bool:
    """Whether ``arm``, as a claim names it, may be this variant: all its parts are among the variant's, which has more
    where a size, or what the arms have in common, is in its name."""
    return set(arm.split(",")) <= set(variant.split(","))


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
