"""The options of ``scripts/evaluate.py`` and what goes together."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from aeaug.data.options import DataOptions
from aeaug.data.pixel_range import PixelRange
from aeaug.run.options import FolderName, validated

__all__ = ["ReevaluationOptions", "parse_reevaluation"]

NonEmpty = Annotated[str, Field(min_length=1)]  # as a path, nothing is the current folder


class ReevaluationOptions(BaseModel):
    """``conf/evaluate/evaluate.yaml``: either ``run`` or ``images``; see there what the others say."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    run: NonEmpty | None
    images: NonEmpty | None
    range: PixelRange | None
    n_images: PositiveInt | None
    seed: int = Field(ge=0)
    name: FolderName | None
    outputs: NonEmpty
    data: DataOptions
    threads: PositiveInt | None
    progress: bool

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.run is None and self.images is None:
            raise ValueError(
                "nothing to measure: say run=<folder of a finished run> or images=<folder or .npy file of images>"
            )
        if self.run is not None and self.images is not None:
            raise ValueError(f"run={self.run}, images={self.images}: one of them at a time")
        return self


def parse_reevaluation(values: dict[str, Any]) -> ReevaluationOptions:
    """Check ``values`` and return them typed. Raises ``ValueError``, a line for each thing that is wrong."""
    return validated(ReevaluationOptions, values)
