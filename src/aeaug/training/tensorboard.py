"""A run in TensorBoard: what its numbers are called, which charts show them together, and its line in a sweep.

Curves, over images shown to the discriminator: ``distance/``, ``diversity/`` and ``fidelity/`` are of the averaged
generator, against the validation slice; ``overfitting/`` is what the discriminator says of fixed sets of images
(:mod:`aeaug.evaluation.overfitting`); ``training/`` is of the last steps. ``samples/`` are pictures. ``test/`` is
measured once, at the end, against the test split: the columns of the HPARAMS tab.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import torch
from lightning.pytorch.loggers import TensorBoardLogger
from pydantic import BaseModel
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2  # type: ignore[import-untyped]
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

__all__ = ["LAYOUT", "image_rows", "log_classes", "log_codes", "log_hparams", "run_logger", "scalars"]

# TensorBoard sorts groups by name and unfolds the first two: distance and diversity.
TAGS = {
    "frechet_distance": "distance/frechet_distance",
    "recall": "diversity/recall",
    "coverage": "diversity/coverage",
    "class_kl": "diversity/class_kl",
    "modes": "diversity/modes",
    "precision": "fidelity/precision",
    "density": "fidelity/density",
    "logit_train": "overfitting/logit_train",
    "logit_validation": "overfitting/logit_validation",
    "logit_generated": "overfitting/logit_generated",
    "logit_decoded": "overfitting/logit_decoded",
    "real_train": "overfitting/called_real_train",
    "real_validation": "overfitting/called_real_validation",
    "real_generated": "overfitting/called_real_generated",
    "real_decoded": "overfitting/called_real_decoded",
    "r_t": "overfitting/r_t",
    "r_v": "overfitting/r_v",
}
"""Metrics of the curves; one that is not here is shown under ``other/``."""

LAYOUT = {
    "Generated images, against the validation slice": {
        "Fréchet distance": ["Multiline", ["distance/frechet_distance"]],
        "precision and recall": ["Multiline", ["fidelity/precision", "diversity/recall"]],
        "density and coverage": ["Multiline", ["fidelity/density", "diversity/coverage"]],
        "class histogram's KL to uniform": ["Multiline", ["diversity/class_kl"]],
    },
    "Overfitting of the discriminator": {
        "mean logit of training, validation, generated, decoded images": ["Multiline", ["overfitting/logit_.*"]],
        "share called real": ["Multiline", ["overfitting/called_real_.*"]],
        "r_t = E sign D(train) and r_v (0: validation looks like training images, 1: generated)": [
            "Multiline",
            ["overfitting/r_t", "overfitting/r_v"],
        ],
    },
    "Training": {
        "losses": ["Multiline", ["training/loss_.*"]],
        "mean logit of real, decoded, generated images in the last batch": ["Multiline", ["training/logit_.*"]],
    },
}

# The HPARAMS tab shows the first five of each without being asked.
TESTED = {
    "frechet_distance": "FD",
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "class_kl": "class KL",
    "density": "density",
    "modes": "modes",
    "frechet_distance_infinity": "FD, infinitely many samples",
    "kernel_distance": "KID",
    "classifier_score": "classifier score",
    "accuracy_score": "accuracy score",
    "confident_share": "confident share",
    "frechet_gap": "FD gap, train - test",
    "authenticity": "authenticity",
    "data_copying": "data copying C_T",
}
FIRST = ("augmentation.name", "data.n_train", "gan.name", "seed", "variant")
SAME_EVERYWHERE = ("claims", "outputs", "progress", "question", "resume", "root", "threads")
TYPES = {bool: "DATA_TYPE_BOOL", int: "DATA_TYPE_FLOAT64", float: "DATA_TYPE_FLOAT64"}


def run_logger(folder: Path, resume_at: int | None) -> TensorBoardLogger:
    """A logger into ``<folder>/tensorboard``. Steps are images shown; a run resumed at ``resume_at`` images replaces
    what was logged beyond."""
    purge: dict[str, Any] = {} if resume_at is None else {"purge_step": resume_at + 1}
    logger = TensorBoardLogger(folder, name="", version="tensorboard", default_hp_metric=False, **purge)
    logger.experiment.add_custom_scalars(LAYOUT)
    return logger


def scalars(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among ``metrics`` of an evaluation on the validation slice, by their tags."""
    return {TAGS.get(key, f"other/{key}"): value for key, value in _numbers(metrics).items()}


def image_rows(rows: Sequence[Tensor]) -> Tensor:
    """Arrange equally long rows of images ``(N, 1, 28, 28)`` in [-1, 1] under each other: ``(3, H, W)`` in [0, 1]."""
    images = [(row.cpu() + 1) / 2 for row in rows]
    lines = [make_grid(image, nrow=len(image), padding=1, pad_value=0.5) for image in images]
    return torch.cat(lines, dim=1)


def log_classes(writer: SummaryWriter, shares: Sequence[float], n: int, step: int) -> None:
    """Write the classes of ``n`` images as a histogram, a bar each, from the classes' ``shares``."""
    counts = (torch.tensor(shares) * n).round().long()
    classes = torch.arange(len(counts)).repeat_interleave(counts)
    edges = torch.arange(len(counts) + 1) - 0.5
    writer.add_histogram("samples/class histogram", classes, step, bins=edges.tolist())


def log_codes(
    writer: SummaryWriter,
    codes: Mapping[str, Tensor],
    classes: Mapping[str, Tensor],
    images: Mapping[str, Tensor],
    step: int,
) -> None:
    """Write codes for the projector, to be coloured by class or by kind of image.

    The keys are the kinds. ``codes``: ``(N, D)``; ``classes``: ``(N,)``; ``images``: ``(N, 1, 28, 28)`` in [-1, 1];
    an N for each kind. Raises ``ValueError`` where kinds or counts differ.
    """
    for name, others in (("classes", classes), ("images", images)):
        mine, theirs = ({kind: len(one) for kind, one in sets.items()} for sets in (codes, others))
        if mine != theirs:
            raise ValueError(f"codes: {mine}, but {name}: {theirs}")
    rows = [[str(c), kind] for kind in codes for c in classes[kind].tolist()]
    thumbnails = torch.cat([1 - (images[kind].cpu() + 1) / 2 for kind in codes])  # dark on light, as the page is
    together = torch.cat([codes[kind].cpu() for kind in codes])
    writer.add_embedding(together, rows, thumbnails, step, tag="codes", metadata_header=["class", "kind"])


def log_hparams(logger: TensorBoardLogger, options: BaseModel, metrics: Mapping[str, Any], step: int = 0) -> None:
    """Write a run's options and the ``metrics`` of its test, measured after ``step`` images, for the HPARAMS tab; once
    a run. Without metrics it is a run that failed.

    TensorBoard takes the tab's columns from whichever run it reads first, so every run names the same ones: those that
    the type of ``options`` can have, and all metrics.
    """
    tested = {f"test/{key}": value for key, value in _numbers(metrics).items()}
    logger.log_metrics(tested, step)
    start = plugin_data_pb2.SessionStartInfo()
    for key, value in _values(options.model_dump()).items():
        field = {bool: "bool_value", int: "number_value", float: "number_value"}.get(type(value), "string_value")
        setattr(start.hparams[key], field, value if field != "string_value" else str(value))
    # The order is by this flag, meant for what differs between runs, and by name.
    columns = [
        api_pb2.HParamInfo(name=key, type=api_pb2.DataType.Value(kind), differs=key in FIRST)
        for key, kind in _columns(type(options)).items()
    ]
    shown = [
        api_pb2.MetricInfo(name=api_pb2.MetricName(tag=f"test/{key}"), display_name=name)
        for key, name in TESTED.items()
    ]
    writer = logger.experiment._get_file_writer()  # opens it again, which the end of a training has closed
    status = api_pb2.Status.Value("STATUS_SUCCESS" if tested else "STATUS_FAILURE")
    experiment = api_pb2.Experiment(hparam_infos=columns, metric_infos=shown)
    for tag, content in (
        (metadata.EXPERIMENT_TAG, {"experiment": experiment}),
        (metadata.SESSION_START_INFO_TAG, {"session_start_info": start}),
        (metadata.SESSION_END_INFO_TAG, {"session_end_info": plugin_data_pb2.SessionEndInfo(status=status)}),
    ):
        described = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(**content))
        value = Summary.Value(tag=tag, metadata=described, tensor=metadata.NULL_TENSOR)
        writer.add_summary(Summary(value=[value]))
    logger.save()


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in metrics.items() if isinstance(value, int | float) and key != "n"}


def _values(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """What a run's options are, by column; None is an empty cell."""
    values: dict[str, Any] = {}
    for key, value in options.items():
        if isinstance(value, Mapping):
            values |= _values(value, f"{prefix}{key}.")
        elif key not in SAME_EVERYWHERE and value is not None:
            values[f"{prefix}{key}"] = value
    return values


def _columns(options: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """TensorBoard's type of every option that a run can have, by column: an alternative's (append, replace, …) too."""
    columns: dict[str, str] = {}
    for key, field in options.model_fields.items():
        for kind in _alternatives(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                columns |= _columns(kind, f"{prefix}{key}.")
            elif key not in SAME_EVERYWHERE:
                columns.setdefault(f"{prefix}{key}", TYPES.get(kind, "DATA_TYPE_STRING"))
    return columns


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types that a value of this annotation can have, None apart."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for one in get_args(annotation):
            yield from _alternatives(one)
    elif annotation is not NoneType:
        yield annotation
