"""What each file of a run holds, as far as programs compute with it: types, ranges, what may be missing.

Keys that are not known are left as they are, for they may be of another version.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, NonNegativeInt, PositiveInt

from aeaug.artifacts import KEY

__all__ = ["Config", "Measured", "Metrics", "Shape", "Status"]

Key = Annotated[str, Field(pattern=f"^{KEY}$")]  # it becomes a path
Numbers = dict[str, float | None]


class Shape(BaseModel):
    """A record, or a part of one."""

    model_config = ConfigDict(extra="allow", strict=True)


class Code(Shape):
    commit: str | None = None
    dirty: bool | None = None


class Sources(Shape):
    files: str
    meaning: str
    python: str


class Extension(Shape):
    """``images``: of the budget at whose end the run was measured before it went on; ``at``: when it did (ISO 8601,
    UTC; None: not known)."""

    images: PositiveInt
    at: str | None = None


class Gate(Shape):
    kind: str
    value: FiniteFloat
    bar: FiniteFloat
    passed: bool


class Circumstances(Shape):
    processor: str
    threads: PositiveInt
    versions: dict[str, str]


class Status(Shape):
    """``status.json``, with every entry that today's runs have."""

    state: Literal["running", "done", "diverged", "failed", "interrupted", "pruned"]
    images: NonNegativeInt = 0
    budget: PositiveInt | None = None
    asked: list[PositiveInt] = []
    extended: list[Extension] = []
    started: str | None = None
    finished: str | None = None
    seconds: dict[str, FiniteFloat] = {}
    processor_seconds: dict[str, FiniteFloat] = {}
    pace: list[Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]] = []
    peak_memory: Numbers = {}
    device: str | None = None
    circumstances: list[Circumstances] = []
    host: str | None = None
    pid: PositiveInt | None = None
    updated: str | None = None
    autoencoder: Key | None = None
    gate: Gate | None = None
    versions: dict[str, str] = {}
    code: list[Code] = []
    sources: list[Sources] = []
    traceback: str | None = None


class Measured(Shape):
    """A set of images, at a moment of the training or at its end."""

    images: NonNegativeInt | None = None
    class_histogram: list[float | None] | None = None
    frechet_distance_few_without: list[float | None] | None = None
    discriminator: Numbers | None = None
    penalties: Numbers | None = None
    rates: Numbers | None = None
    signals: Numbers | None = None


class Data(Shape):
    name: str | None = None
    sha256: str | None = None
    subset_sha256: str | None = None
    n_train: NonNegativeInt | None = None
    n_test: NonNegativeInt | None = None
    net_seen: NonNegativeInt | None = None
    subset_seed: NonNegativeInt | None = None


class Budget(Shape):
    images: PositiveInt
    images_per_epoch: PositiveInt
    batch_size: PositiveInt | None = None


class Modes(Shape):
    """Of stacked images."""

    covered: NonNegativeInt
    kl: FiniteFloat
    samples: PositiveInt


class Spaces(Shape):
    """A set of images, measured in feature spaces; of a floor, the mean of ``draws`` and their deviations ``sd``."""

    images: NonNegativeInt | None = None
    of: PositiveInt | None = None
    draws: PositiveInt | None = None
    spaces: dict[str, Measured]
    modes: Modes | None = None
    sd: dict[str, dict[str, float | list[float | None] | None]] | None = None


class Work(Shape):
    shown: NonNegativeInt
    real: NonNegativeInt
    synthetic: NonNegativeInt
    discriminator: NonNegativeInt
    drawn: NonNegativeInt | None = None
    accepted: NonNegativeInt | None = None


class Autoencoder(Shape):
    key: Key | None = None
    stopping: str | None = None
    kept: float | None = None
    quality: dict[str, float | list[float | None] | None] | None = None


class Metrics(Shape):
    """``metrics.json``."""

    data: Data | None = None
    feature_nets: dict[str, str] | None = None
    num_features: dict[str, PositiveInt] | None = None
    budget: Budget | None = None
    validation: Measured | None = None
    autoencoder: Autoencoder | None = None
    gate: Gate | None = None
    parameters: Numbers | None = None
    readings: dict[Literal["end", "best"], Spaces] | None = None
    floors: dict[str, Spaces | None] | None = None
    validation_floor: Spaces | None = None
    work: Work | None = None
    leak: Numbers | None = None


class Sized(Shape):
    n_train: NonNegativeInt | None = None


class Config(Shape):
    """``config.yaml``: the sections that are read one by one; a program that needs them all checks them all."""

    variant: str | None = None
    question: str | None = None
    data: Sized | None = None
    budget: dict[str, Any] | None = None
    gan: dict[str, Any] | None = None
    augmentation: dict[str, Any] | None = None
    autoencoder: dict[str, Any] | None = None
    perturbation: dict[str, Any] | None = None
    trainer: dict[str, Any] | None = None
    evaluation: dict[str, Any] | None = None
