"""All options of a run, with their types and ranges: what ``conf/train.yaml`` composes is checked against this.

Every stage's options stand in that stage's package; here they meet, with the few that belong to no stage.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from aeaug.augmentation import AugmentationOptions
from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.data.options import BudgetOptions, DataOptions
from aeaug.gan.options import GANOptions
from aeaug.perturbation import PerturbationOptions
from aeaug.run.claims import Claim

__all__ = [
    "EvaluationOptions",
    "FolderName",
    "RunOptions",
    "TrainerOptions",
    "flat",
    "parse_options",
    "require_folder_name",
    "validated",
]

Options = TypeVar("Options", bound=BaseModel)

# A run or experiment name becomes a folder.
NAME = r"^\w[\w.,=+-]*$"
FolderName = Annotated[str, Field(pattern=NAME, max_length=200)]


class TrainerOptions(BaseModel):
    """``conf/trainer``: the machine. ``threads`` of the CPU (None: PyTorch's default)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    accelerator: Literal["auto", "cpu", "gpu"]
    devices: PositiveInt
    strategy: str
    precision: Literal["32-true", "bf16-mixed"]
    threads: PositiveInt | None
    progress: bool


class EvaluationOptions(BaseModel):
    """``conf/evaluation``. ``every``: epochs between evaluations on the validation slice; ``autoencoder``: train the
    autoencoder in an arm that injects nothing too, to measure the same leak there (others measure it in any case);
    ``classifier_steps``: of training the small classifiers behind the accuracy score and the leak."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: PositiveInt
    autoencoder: bool
    classifier_steps: PositiveInt


class RunOptions(BaseModel):
    """One run, in ``<outputs>/runs/<name>/<variant>/seed=<seed>``; ``question``: what its experiment asks;
    ``claims``: what it claims, stated before the run."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    name: FolderName
    question: str | None
    claims: tuple[Claim, ...]
    variant: FolderName
    seed: int = Field(ge=0)
    resume: bool
    outputs: str
    data: DataOptions
    budget: BudgetOptions
    autoencoder: AutoencoderOptions
    perturbation: PerturbationOptions
    augmentation: AugmentationOptions
    gan: GANOptions
    trainer: TrainerOptions
    evaluation: EvaluationOptions

    @model_validator(mode="after")
    def _consistent(self) -> "RunOptions":
        n_train, neighbours = self.data.n_train, getattr(self.perturbation, "neighbours", 0)
        if n_train is not None and neighbours >= n_train:
            raise ValueError(f"perturbation.neighbours={neighbours}: must be below data.n_train={n_train}")
        return self


def parse_options(values: dict[str, Any]) -> RunOptions:
    """Check ``values`` and return them typed.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value.
    """
    return validated(RunOptions, values)


def validated(model: type[Options], values: dict[str, Any]) -> Options:
    """The same for any ``model``."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValueError("\n".join(_line(detail) for detail in error.errors())) from None


def require_folder_name(key: str, name: str) -> None:
    """Raise ``ValueError``, naming ``key``, for a ``name`` that would lead out of its folder, or is none."""
    if not re.fullmatch(NAME, name):
        raise ValueError(f"{key}={name}: a name has letters, digits and any of _ . , = + -, and begins with no sign")


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of nested options under dotted keys, as they are typed: ``{"a": {"b": 1}}`` gives ``{"a.b": 1}``."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        leaves |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return leaves


def _line(detail: Any) -> str:
    # pydantic puts the option's name (append, gaussian, …) into the path of a discriminated union: not a key.
    path = [str(part) for part in detail["loc"]]
    if path and path[0] in ("augmentation", "perturbation") and len(path) > 2:
        del path[1]
    message: str = detail["msg"].removeprefix("Value error, ")
    if path and path[0] == "claims" and detail["type"] == "value_error":
        return message.replace("claims.", f"{'.'.join(path[:2])}.")  # which of them
    if not path or detail["type"] == "value_error":
        return message
    if detail["type"] == "missing":
        return f"{'.'.join(path)}: it is missing"
    return f"{'.'.join(path)}={detail['input']}: {message[0].lower()}{message[1:]}"
