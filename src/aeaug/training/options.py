"""Options of the machine, and of where numbers are shown while a run is at work. Neither makes another run."""

import importlib.util
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import PydanticCustomError

from aeaug.installed import with_extra
from aeaug.options import FolderName, Integer, Options, Text
from aeaug.training.flags import PASSED, SHORTENING

__all__ = ["CSV", "LoggerChoice", "MLflow", "TensorBoard", "TrainerOptions", "WandB", "require_logger"]

MOST = 1_000_000_000

Batches = Annotated[Integer, Field(ge=1, le=MOST)]


def _batches(value: Any) -> Any:
    """Lightning takes whole numbers of batches, and shares of an epoch, 1.0 being all of it."""
    share = isinstance(value, float) and 0 < value <= 1
    many = isinstance(value, int) and 1 <= value <= MOST and not isinstance(value, bool)
    if value is not None and not share and not many:
        raise PydanticCustomError("batches", "input should be a number of batches, or a share of an epoch up to 1.0")
    return value


def _fast(value: Any) -> Any:
    if (
        value is not None
        and not isinstance(value, bool)
        and not (isinstance(value, int) and 1 <= value <= 1_000_000_000)
    ):
        raise PydanticCustomError("fast_dev_run", "input should be true or false, or a number of batches")
    return value


def _spell(value: str) -> str:
    if not re.fullmatch(r"\d{2}:\d{2}:\d{2}:\d{2}", value):
        raise PydanticCustomError("max_time", "input should be days, hours, minutes and seconds as 00:00:05:00")
    return value


class TrainerOptions(Options):
    """``conf/trainer``: the machine. ``threads`` of the CPU (None: PyTorch's default, or what a sweep settles).
    ``strategy``: of Lightning's, those with which two optimizers can be stepped by hand. All after ``progress`` are
    Lightning's own flags, left to Lightning where they are None."""

    name: FolderName
    accelerator: Literal["auto", "cpu", "gpu"]
    devices: Integer = Field(ge=1, le=64)
    strategy: Literal["auto", "ddp_find_unused_parameters_true"]
    precision: Literal["32-true", "bf16-mixed"]
    threads: Integer | None = Field(ge=1, le=256)
    progress: bool
    profiler: Literal["simple", "advanced", "pytorch"] | None = None
    detect_anomaly: bool | None = None
    deterministic: Literal[True, False, "warn"] | None = None
    benchmark: bool | None = None
    inference_mode: bool | None = None
    sync_batchnorm: bool | None = None
    enable_model_summary: bool | None = None
    fast_dev_run: Annotated[Any, AfterValidator(_fast)] = None
    limit_train_batches: Annotated[Any, AfterValidator(_batches)] = None
    max_steps: Batches | None = None
    max_time: Annotated[str, AfterValidator(_spell)] | None = None

    @model_serializer(mode="wrap")
    def _as_given(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A flag that is left to Lightning is not in a run's config."""
        flags = (*PASSED, *SHORTENING)
        return {key: value for key, value in serialized(self).items() if value is not None or key not in flags}

    def flags(self) -> dict[str, Any]:
        """Lightning's flags that were given."""
        given = self.model_dump()
        return {key: given[key] for key in (*PASSED, *SHORTENING) if key in given}


class TensorBoard(Options):
    """``logger=tensorboard``: numbers, pictures and codes, in the run's folder."""

    name: Literal["tensorboard"]


class CSV(Options):
    """``logger=csv``: numbers, in ``csv/version_<k>`` of the run's folder, a folder for each start of it."""

    name: Literal["csv"]


class WandB(Options):
    """``logger=wandb``: numbers, at Weights & Biases, or with ``offline`` in the run's folder. ``entity``: whose
    ``project`` it is (None: the one who is logged in)."""

    name: Literal["wandb"]
    project: FolderName
    entity: Text | None
    offline: bool


class MLflow(Options):
    """``logger=mlflow``: numbers. ``tracking_uri``: of a server, or ``sqlite:///…`` (None: ``<outputs>/mlflow.db``)."""

    name: Literal["mlflow"]
    tracking_uri: Text | None


LoggerChoice = Annotated[TensorBoard | CSV | WandB | MLflow, Field(discriminator="name")]


def require_logger(options: LoggerChoice) -> None:
    """Raise ``ValueError`` in one line for a logger whose package is not installed."""
    package = options.name if isinstance(options, WandB | MLflow) else None
    if package is not None and importlib.util.find_spec(package) is None:
        raise ValueError(f"logger={package}: {package} is not installed: {with_extra(package)}")
