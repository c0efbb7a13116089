"""The options of ``scripts/sample.py``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from aeaug.export.place import require_free
from aeaug.export.png import LARGEST_GRID
from aeaug.options import Integer, Options, PathName, Seed, validated
from aeaug.run.again.run_folder import require_run

__all__ = ["SamplingOptions", "parse_sampling"]


class SamplingOptions(Options):
    """``conf/command/sample.yaml``; see there what each says."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    run: PathName | None
    out: PathName | None
    n: Integer = Field(ge=1, le=1_000_000)
    seed: Seed | None
    reading: Literal["end", "best"]
    threads: Integer | None = Field(ge=1, le=1024)
    progress: bool

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if self.run is None:
            raise ValueError("nothing to sample from: say run=<folder of a finished run>")
        if self.out is None:
            raise ValueError("nowhere to write to: say out=<folder>, out=<file>.npy or out=<picture>.png")
        suffix = Path(self.out).suffix
        if suffix not in ("", ".npy", ".png"):
            raise ValueError(f"out={self.out}: a name without a suffix is a folder, and files end in .npy or .png")
        if suffix == ".png" and self.n > LARGEST_GRID:
            raise ValueError(f"n={self.n}: a picture has room for {LARGEST_GRID} images; out=<folder> or <file>.npy")
        return self


def parse_sampling(values: Mapping[str, Any]) -> SamplingOptions:
    """Check ``values`` and return them typed. Raises ``ValueError``, a line for each thing that is wrong, also where
    ``run`` is none, or ``out`` is there already or cannot be written."""
    options = validated(SamplingOptions, values)
    require_free(Path(str(options.out)))
    require_run(Path(str(options.run)))
    return options
