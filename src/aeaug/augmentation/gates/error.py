r"""error: the autoencoder's error on images of the subset that it was not trained on.

The mean squared error a pixel, :math:`E \|\hat{y} - y\|^2 / p`, of p intensities in [0, 1]. There are such images where
training was stopped by them, ``autoencoder.stopping=hold_out``: they chose the weights that are kept, so that the error
on others is a little larger.
"""

from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from aeaug.augmentation.gates.gate import Gate, Judged
from aeaug.data.images import to_float
from aeaug.options import Number

__all__ = ["ErrorGate"]


class ErrorGate(Gate):
    """``gate=error``."""

    what: ClassVar[str] = "the autoencoder's error on held-out images"
    lower: ClassVar[bool] = True
    remedy: ClassVar[str] = "take another autoencoder"

    name: Literal["error"]
    bar: Number = Field(ge=0, le=1)

    @override
    def measured(self, judged: Judged) -> dict[str, float]:
        assert judged.held_out is not None  # asked of the options
        autoencoder = judged.decoded.autoencoder
        return {"value": autoencoder.squared_error_on(to_float(judged.held_out).to(autoencoder.device))}
