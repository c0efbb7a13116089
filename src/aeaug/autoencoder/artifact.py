"""A trained autoencoder as it lies in the store: what :mod:`aeaug.autoencoder.training` writes, read back.

Nothing here decides an autoencoder's weights, so that a change here trains none anew.
"""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat

from aeaug.autoencoder.module import AutoencoderModule
from aeaug.autoencoder.options import Stopping
from aeaug.faults import Fault, one_line, reading
from aeaug.training.checkpoint import read_archive

__all__ = ["CHECKPOINT", "KIND", "REPORT", "AutoencoderArtifact", "load_autoencoder"]

KIND = "autoencoder"  # of artifact
CHECKPOINT, REPORT = "autoencoder.ckpt", "report.json"
TIMES = ("seconds", "processor_seconds")


class _Report(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, FiniteFloat]

    seconds: FiniteFloat
    processor_seconds: FiniteFloat | None = None  # of an earlier version's
    stopping: Stopping | None = None  # of an earlier version's


class AutoencoderArtifact:
    """A trained autoencoder, frozen, the ``seconds`` that its training took on the clock, and the
    ``processor_seconds``, the fingerprint of the subset that it saw, and a ``report``: ``stopping``, what decided when
    training ended; ``steps``, and after how many of them the weights were ``kept``; ``train_loss``, of training images;
    ``val_loss`` and ``val_mse`` (intensities in [0, 1]), of the validation slice, which decided something where
    ``stopping`` says so and nowhere else.

    Raises :class:`Fault` where a file is damaged, or today's networks are not those that its weights belong to.
    """

    def __init__(self, folder: Path) -> None:
        self.key = folder.name
        remedy = f"delete the folder {folder}, and it is trained anew"
        with reading(folder / "manifest.json", remedy):
            self.subset_sha256 = str(json.loads((folder / "manifest.json").read_text())["recipe"]["subset"])
        with reading(folder / REPORT, remedy):
            report = json.loads((folder / REPORT).read_text())
            checked = _Report.model_validate(report)
            self.seconds = checked.seconds
            # One thread that nothing disturbs takes as many.
            self.processor_seconds = self.seconds if checked.processor_seconds is None else checked.processor_seconds
            self.report: dict[str, float | str] = {key: value for key, value in report.items() if key not in TIMES}
        content = read_archive(folder / CHECKPOINT, remedy)
        try:
            self.module = AutoencoderModule(**content["hyper_parameters"])
            self.module.load_state_dict(content["state_dict"])
        except (RuntimeError, TypeError, KeyError, ValueError) as error:
            other = f"artifact {folder} does not fit this version of the code ({one_line(error)})"
            raise Fault(f"{other}: use the version that made it, or {remedy}") from error
        self.module.eval().requires_grad_(False)

    @property
    def summary(self) -> dict[str, str | float]:
        """What a run's metrics say of it: its key and what its training reported."""
        return {"key": self.key, **self.report}


def load_autoencoder(folder: Path) -> AutoencoderArtifact:
    """Return the autoencoder in an artifact's ``folder``, whatever code trained it. Raises :class:`Fault`."""
    return AutoencoderArtifact(folder)
