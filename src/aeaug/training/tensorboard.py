"""A run in TensorBoard: its folder, its line in a sweep, pictures and codes.

What its numbers are called and which charts show them together is said by who logs them (:mod:`aeaug.run.monitor`).
"""

import math
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import IO, Annotated, Any, Union, get_args, get_origin

import torch
from lightning.pytorch.loggers import TensorBoardLogger
from pydantic import BaseModel
from tensorboard.backend.event_processing.event_file_loader import (  # type: ignore[import-untyped]
    RawEventFileLoader,
)
from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn.functional import avg_pool2d
from torch.utils.tensorboard import SummaryWriter

from aeaug.training.flags import PASSED, SHORTENING
from aeaug.writing import write_atomically

__all__ = [
    "Layout",
    "forget_hparams",
    "log_classes",
    "log_codes",
    "log_hparams",
    "numbers",
    "run_logger",
    "writing_quietly",
]

Layout = Mapping[str, Mapping[str, list[Any]]]
"""Charts by section and title, each the kind and the tags that it shows."""

# The HPARAMS tab shows the first five of each without being asked.
FIRST = ("augmentation.name", "data.n_train", "perturbation.name", "seed", "variant")
SAME_EVERYWHERE = {"claims", "dry_run", "exploratory", "fail_fast", "outputs", "progress", "question", "resume", "root"}
SAME_EVERYWHERE |= {"cache", "debug", "logger", "stale", "sweep", "threads", *PASSED, *SHORTENING}
TYPES = {bool: "DATA_TYPE_BOOL", int: "DATA_TYPE_FLOAT64", float: "DATA_TYPE_FLOAT64"}


class _RunLogger(TensorBoardLogger):
    """Writes into the run's own folder, which gives it its name in TensorBoard, and no file but the events."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, name="", version="", default_hp_metric=False, **options)

    @property
    def log_dir(self) -> str:
        return str(self.save_dir)

    def save(self) -> None:
        """Options stand in config.yaml."""
        self.experiment.flush()


def run_logger(folder: Path, resume_at: int | None, layout: Layout | None = None) -> TensorBoardLogger:
    """A logger into a run's ``folder``. Steps are images shown; a run resumed at ``resume_at`` images replaces what was
    logged beyond. ``layout``: the tab of custom scalars."""
    # TensorBoard takes the first mark of a start for the beginning, whatever it says: a run that had none there would
    # have both branches after its first resumption.
    logger = _RunLogger(folder, purge_step=0 if resume_at is None else resume_at + 1)
    if layout:
        logger.experiment.add_custom_scalars(layout)
    return logger


@contextmanager
def writing_quietly(note: Callable[[str], object]) -> Iterator[None]:
    """TensorBoard writes in a thread of its own, and what the disk says there is raised again at the next write. Here,
    such a thread's traceback goes to ``note`` and not to the terminal."""
    before = threading.excepthook

    def kept(raised: threading.ExceptHookArgs) -> None:
        if isinstance(raised.exc_value, OSError):
            note("".join(traceback.format_exception(raised.exc_value)))
        else:
            before(raised)

    threading.excepthook = kept
    try:
        yield
    finally:
        threading.excepthook = before


def numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among ``metrics``, but for the count of images."""
    return {key: float(value) for key, value in metrics.items() if isinstance(value, int | float) and key != "n"}


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
    names: Sequence[str],
    step: int,
) -> None:
    """Write codes for the projector, to be coloured by class or by kind of image: in four digits of the largest, with
    pictures of half the images' width, for hundreds of runs keep them.

    The keys are the kinds. ``codes``: ``(N, D)``; ``classes``: ``(N,)``; ``images``: ``(N, C, H, W)`` in [-1, 1];
    an N for each kind; ``names``: of classes 0, 1, …; others
    are unknown. Raises ``ValueError`` where kinds or counts differ.
    """
    for name, others in (("classes", classes), ("images", images)):
        mine, theirs = ({kind: len(one) for kind, one in sets.items()} for sets in (codes, others))
        if mine != theirs:
            raise ValueError(f"codes: {mine}, but {name}: {theirs}")
    rows = [[names[c] if 0 <= c < len(names) else "unknown", kind] for kind in codes for c in classes[kind].tolist()]
    shown = torch.cat([1 - (images[kind].cpu() + 1) / 2 for kind in codes])  # dark on light, as the page is
    together = torch.cat([codes[kind].cpu() for kind in codes]).double()
    if largest := float(together.abs().max()):
        together = together.round(decimals=3 - math.floor(math.log10(largest)))  # the file is text
    writer.add_embedding(together, rows, avg_pool2d(shown, 2), step, tag="codes", metadata_header=["class", "kind"])


def log_hparams(
    logger: TensorBoardLogger,
    options: BaseModel,
    metrics: Mapping[str, Any],
    names: Mapping[str, str],
    step: int = 0,
    unused: Collection[str] = (),
) -> None:
    """Write a run's options and the ``metrics`` of its test, measured after ``step`` images, for the HPARAMS tab; once
    a run. Without metrics it is a run that failed.

    TensorBoard takes the tab's columns from whichever run it reads first, so every run names the same ones: those that
    the type of ``options`` can have, and all metrics. ``names``: what metrics are called, the first five being shown
    without being asked; ``unused``: sections of the options that this run does without, whose cells stay empty.
    """
    tested = {f"test/{key}": value for key, value in numbers(metrics).items()}
    logger.log_metrics(tested, step)
    start = plugin_data_pb2.SessionStartInfo()
    for key, value in _values(options.model_dump(exclude=set(unused))).items():
        field = {bool: "bool_value", int: "number_value", float: "number_value"}.get(type(value), "string_value")
        setattr(start.hparams[key], field, value if field != "string_value" else str(value))
    # The order is by this flag, meant for what differs between runs, and by name.
    columns = [
        api_pb2.HParamInfo(name=key, type=api_pb2.DataType.Value(kind), differs=key in FIRST)
        for key, kind in _columns(type(options)).items()
    ]
    shown = [
        api_pb2.MetricInfo(name=api_pb2.MetricName(tag=f"test/{key}"), display_name=name) for key, name in names.items()
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


def forget_hparams(folder: Path) -> None:
    """Take a run's line out of the HPARAMS tab: TensorBoard believes the first that it reads, and one that goes on to a
    larger budget writes another."""
    for file in folder.glob("events.*"):
        events = list(RawEventFileLoader(str(file)).Load())
        kept = [event for event in events if not _is_of_hparams(event)]
        if len(kept) < len(events):
            write_atomically(file, partial(_write_events, kept))


def _is_of_hparams(event: bytes) -> bool:
    return any(value.tag.startswith("_hparams_/") for value in Event.FromString(event).summary.value)


def _write_events(events: Sequence[bytes], file: IO[bytes]) -> None:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event)


def _values(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """What a run's options are, by column; None is an empty cell."""
    values: dict[str, Any] = {}
    for key, value in options.items():
        if key in SAME_EVERYWHERE or value is None:
            continue
        if isinstance(value, Mapping):
            values |= _values(value, f"{prefix}{key}.")
        else:
            values[f"{prefix}{key}"] = value
    return values


def _columns(options: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """TensorBoard's type of every option that a run can have, by column: an alternative's (append, replace, …) too."""
    columns: dict[str, str] = {}
    for key, field in options.model_fields.items():
        if key in SAME_EVERYWHERE:
            continue
        for kind in _alternatives(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                columns |= _columns(kind, f"{prefix}{key}.")
            else:
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
