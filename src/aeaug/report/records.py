"""What one run leaves behind, as typed records.

A run directory holds `config.yaml` (what was asked for), `status.json` (how far it came), `metrics.json`
(what was measured on the test split, with the floors at the same sample size) and `history.jsonl` (validation
evaluations over images shown). These records read exactly that and nothing else; unknown keys are ignored, so
that a run written by a later version, with more metrics, is still readable.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = [
    "Autoencoder",
    "AutoencoderQuality",
    "Budget",
    "Data",
    "Discriminator",
    "Leak",
    "Metrics",
    "PeakMemory",
    "Point",
    "Results",
    "Run",
    "State",
    "Status",
    "read_run",
]

State = Literal["done", "running", "diverged", "failed", "missing"]
"""`missing` is the report's own word: a seed that only other arms have, or a folder without status."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


RecordT = TypeVar("RecordT", bound=_Record)


class Metrics(_Record):
    """One evaluation of `n` images against a reference split (design, section 4)."""

    n: int = Field(gt=0)
    frechet_distance: float
    precision: float
    recall: float
    density: float
    coverage: float
    class_histogram: tuple[float, ...]
    class_kl: float
    modes: int
    # Measured on the test split only, and not by every version.
    frechet_distance_infinity: float | None = None
    kernel_distance: float | None = None
    classifier_score: float | None = None
    accuracy_score: float | None = None
    confident_share: float | None = None
    frechet_gap: float | None = None
    authenticity: float | None = None
    data_copying: float | None = None
    data_copying_cells: int | None = None


class Discriminator(_Record):
    """What the discriminator says of images it trains on and of others: mean logits, shares called real, r_t, r_v."""

    logit_train: float
    logit_validation: float
    logit_generated: float
    logit_decoded: float | None = None
    real_train: float
    real_validation: float
    real_generated: float
    real_decoded: float | None = None
    r_t: float
    r_v: float | None = None


class Point(Metrics):
    """One line of `history.jsonl`: validation metrics after `images` images shown to the discriminator."""

    images: int
    epoch: int
    loss_d: float
    loss_g: float
    discriminator: Discriminator | None = None


class Leak(_Record):
    """How much the generator learnt the autoencoder's smoothing: shares of images taken for decoded ones, and FDs."""

    held_out_accuracy: float
    share_generated: float
    share_real: float
    share_reconstructed: float
    share_decoded: float | None = None
    frechet_to_reconstructed: float
    frechet_to_test: float
    frechet_difference: float


class AutoencoderQuality(_Record):
    """What the autoencoder is worth by itself, against the validation slice; lists hold an entry for each gamma."""

    held_out_error: float
    gammas: tuple[float, ...]
    perturbed_frechet: tuple[float, ...]
    labels_kept: tuple[float, ...]
    random_frechet: float
    real_frechet: float
    intrinsic_dimension: float | None
    latent_dim: int
    probe_accuracy: float
    pixel_probe_accuracy: float


class Autoencoder(_Record):
    """The autoencoder behind a run; runs with the same `key` share it."""

    key: str
    epochs: int | None = None
    quality: AutoencoderQuality | None = None


class PeakMemory(_Record):
    """Most memory a run held, in bytes: of its process, and of its GPU."""

    host_bytes: int | None = None
    device_bytes: int | None = None


class Data(_Record):
    """Where a run's images came from; the hashes are SHA-256 of the whole source and of the subset."""

    name: str
    sha256: str
    n_train: int
    subset_sha256: str
    n_test: int


class Budget(_Record):
    """Equal work: images shown to the discriminator in all, in an epoch and in a batch."""

    images: int
    images_per_epoch: int
    batch_size: int


class Status(_Record):
    """`status.json`; `seconds` are wall-clock seconds by stage."""

    state: Literal["running", "done", "diverged", "failed"]
    images: int
    budget: int
    started: datetime | None = None
    finished: datetime | None = None
    seconds: dict[str, float] = {}
    peak_memory: PeakMemory = PeakMemory()
    device: str = ""
    versions: dict[str, str] = {}
    traceback: str | None = None


class Results(_Record):
    """`metrics.json`; a diverged run has no `test`, an arm that decodes nothing no `floors["decoded"]`."""

    data: Data
    feature_net: str
    budget: Budget
    test: Metrics | None = None
    floors: dict[str, Metrics] = {}
    validation: Metrics | None = None
    validation_floor: Metrics | None = None
    leak: Leak | None = None
    autoencoder: Autoencoder | None = None
    parameters: dict[str, int | None] = {}


@dataclass(frozen=True)
class Run:
    """One run directory. `n_train` is None for all images; `config` is empty where there is none."""

    path: Path
    variant: str
    seed: int
    n_train: int | None
    state: State
    config: Mapping[str, Any] = field(default_factory=dict)
    status: Status | None = None
    results: Results | None = None
    history: tuple[Point, ...] = ()

    @property
    def label(self) -> str:
        """`variant/seed=s`: how errors and tables name the run."""
        return f"{self.variant}/seed={self.seed}"

    @property
    def test(self) -> Metrics | None:
        """The reported metrics: those of a run that came to the end of its budget, else None."""
        return self.results.test if self.state == "done" and self.results is not None else None

    def floor(self, name: str) -> Metrics | None:
        """The floor called `name` (`real`, `copy`, `decoded`, ...), measured beside `test`."""
        return self.results.floors.get(name) if self.test is not None and self.results is not None else None


def read_run(folder: Path, directory: Path) -> Run:
    """Read one run directory; the variant of a run without a config is its path below `directory`."""
    seed = int(folder.name.removeprefix("seed="))
    config = _yaml(folder / "config.yaml")
    status = _record(folder / "status.json", Status)
    return Run(
        path=folder,
        variant=str(config.get("variant", folder.parent.relative_to(directory).as_posix())),
        seed=seed,
        n_train=(config.get("data") or {}).get("n_train"),
        state=status.state if status else "missing",
        config=config,
        status=status,
        results=_record(folder / "metrics.json", Results),
        history=_history(folder / "history.jsonl"),
    )


def _yaml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds {type(content).__name__}, not a configuration")
    return content


def _record(path: Path, record: type[RecordT]) -> RecordT | None:
    return _parse(path.read_text(), record, path) if path.exists() else None


def _parse(text: str, record: type[RecordT], place: object) -> RecordT:
    try:
        return record.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"{place} is not readable as JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {key}: {first['msg']} (it holds {first['input']!r:.80})") from error


def _history(path: Path) -> tuple[Point, ...]:
    """The curve so far; a last line without its newline is still being written, and is left out."""
    if not path.exists():
        return ()
    *lines, _ = path.read_text().split("\n")
    return tuple(_parse(line, Point, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip())
