"""The options of ``scripts/augment.py`` and what goes together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ConfigDict, Field, model_validator

from aeaug.autoencoder.options import AutoencoderChoice
from aeaug.data.options import DataChoice
from aeaug.data.pixel_range import PixelRange
from aeaug.export.place import require_free
from aeaug.export.shards import shards_beside
from aeaug.library.options import MOST, require_usable
from aeaug.options import Integer, Options, PathName, Seed, Text, validated
from aeaug.perturbation import PerturbationOptions

__all__ = ["SUFFIXES", "DatasetOptions", "parse_dataset"]

SUFFIXES = ("", ".npz", ".tar")


class DatasetOptions(Options):
    """``conf/command/augment.yaml``; see there what each says."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    images: PathName | None
    range: PixelRange | None
    out: PathName | None
    n: Integer | None = Field(ge=1, le=MOST)
    real: bool
    shard: Integer = Field(ge=1, le=1_000_000)
    seed: Seed
    device: Text
    threads: Integer | None = Field(ge=1, le=1024)
    progress: bool
    data: DataChoice
    autoencoder: AutoencoderChoice
    perturbation: PerturbationOptions

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if self.out is None:
            raise ValueError("nowhere to write to: say out=<file>.npz, out=<folder> or out=<name>.tar")
        if Path(self.out).suffix not in SUFFIXES:
            raise ValueError(f"out={self.out}: a name without a suffix is a folder, and files end in .npz or .tar")
        require_usable(self.autoencoder, self.perturbation)
        return self


def parse_dataset(values: Mapping[str, Any], given: Sequence[str] = ()) -> DatasetOptions:
    """Check ``values`` and return them typed; ``given``: those among them that were asked for, as ``key=value``.

    Raises ``ValueError``, a line for each thing that is wrong: also for what is asked for and of no use, and where
    ``out`` is there already or cannot be written.
    """
    options = validated(DatasetOptions, values)
    path, idle = Path(str(options.out)), options.autoencoder.unused(None)
    for text in given:
        key = text.partition("=")[0].lstrip("+")
        if reason := idle.get(key.removeprefix("autoencoder.")) if key.startswith("autoencoder.") else None:
            raise ValueError(f"{text}: {reason}")
        if options.images is not None and key.split(".")[0] == "data":
            raise ValueError(f"{text}: images={options.images} are what is augmented")
        if key == "data.root" and not options.data.of.has_files:
            raise ValueError(f"{text}: data={options.data.choice} has no use for it, its images come with a package")
        if options.images is None and key == "range":
            raise ValueError(f"{text}: it is of images=…, data={options.data.choice} has its own")
        if path.suffix != ".tar" and key == "shard":
            raise ValueError(f"{text}: it goes with out=<name>.tar, and this is out={options.out}")
    require_free(path, shards_beside(path) if path.suffix == ".tar" else None)
    return options
