"""The options of ``scripts/evaluate.py`` and what goes together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, model_validator

from aeaug.data.options import DataChoice
from aeaug.data.pixel_range import PixelRange
from aeaug.evaluation.spaces import SpaceNames, fault_of_classes
from aeaug.options import FolderName, Integer, Options, PathName, Seed, validated
from aeaug.run.again.run_folder import require_run
from aeaug.run.folder.writable import require_writable
from aeaug.training.options import TrainerOptions

__all__ = ["ReevaluationOptions", "parse_reevaluation"]

# Of the trainer; and what a run has of its own, but for two keys.
ONLY = {"accelerator": ("auto", "cpu"), "devices": (1,), "strategy": ("auto",), "precision": ("32-true",)}
OF_IMAGES, OF_BOTH = ("data", "range", "n_images", "seed", "spaces", "trainer"), ("data.root=", "trainer.progress=")


class ReevaluationOptions(Options):
    """``conf/command/evaluate.yaml``: either ``run`` or ``images``; see there what the others say. ``root``: the
    ``data.root`` that was typed, None where none was."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    run: PathName | None
    images: PathName | None
    range: PixelRange | None
    n_images: Integer | None = Field(gt=0, le=1_000_000)
    seed: Seed
    spaces: SpaceNames | None = None
    name: FolderName | None
    outputs: PathName
    data: DataChoice
    trainer: TrainerOptions
    _root: str | None = PrivateAttr(None)

    @property
    def root(self) -> str | None:  # noqa: D102 - the class says what it is
        return self._root

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.run is None and self.images is None:
            raise ValueError(
                "nothing to measure: say run=<folder of a finished run> or images=<folder, .npy or .npz file of images>"
            )
        if self.run is not None and self.images is not None:
            raise ValueError(f"run={self.run}, images={self.images}: one of them at a time")
        if fault := fault_of_classes(self.spaces or (), self.data.of):
            raise ValueError(f"spaces: {fault}")
        for key, only in ONLY.items():
            if (value := getattr(self.trainer, key)) not in only:
                raise ValueError(f"trainer.{key}={value}: images are measured on the CPU, a run as it was at its end")
        return self


def parse_reevaluation(values: dict[str, Any], given: Sequence[str] = ()) -> ReevaluationOptions:
    """Check ``values`` and return them typed; ``given``: those among them that were asked for, as ``key=value``.

    Raises ``ValueError``, a line for each thing that is wrong: also for what is asked for of a run that has its own,
    for a run or images that are not there, and where nothing can be written.
    """
    options = validated(ReevaluationOptions, values)
    require_writable(Path(options.outputs) / "evaluations", options.outputs)
    own = [text for text in given if text.split("=")[0].split(".")[0] in OF_IMAGES and not text.startswith(OF_BOTH)]
    if options.run is not None and own:
        raise ValueError(f"{own[0]}: it goes with images=…; run={options.run} has its own")
    if options.run is not None:
        require_run(Path(options.run))
    elif not Path(str(options.images)).exists():
        raise ValueError(f"images={options.images}: no such file or folder")
    if any(text.startswith("data.root=") for text in given):
        options._root = options.data.place
    return options
