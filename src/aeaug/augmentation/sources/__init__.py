"""Where synthetic images come from, one source a file: ``decoded``, from the autoencoder, and its controls, which go
through the same injection.

``duplicates`` show more of the same; ``noise``, ``blur`` and ``shift`` change images in pixel space by as much as
decoding does; ``rounded`` takes from decoded images what no digit has; ``fresh`` real images are the upper bound.

To add one: write its file here, add its options to :data:`SourceChoice` below, and give it a
``conf/source/<name>.yaml``, an arm ``conf/arm/append_<name>.yaml`` and a ``tests/augmentation/sources/test_<name>.py``.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.blur import Blur
from aeaug.augmentation.sources.duplicates import Duplicates
from aeaug.augmentation.sources.fresh import Fresh
from aeaug.augmentation.sources.noise import Noise
from aeaug.augmentation.sources.options import SourceOptions
from aeaug.augmentation.sources.rounded import Rounded
from aeaug.augmentation.sources.shift import Shift
from aeaug.augmentation.sources.source import Source

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["Decoded", "Source", "SourceChoice"]


class Decoded(SourceOptions):
    """``source=decoded``."""

    name: Literal["decoded"]

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return decoded


SourceChoice = Annotated[Decoded | Duplicates | Noise | Blur | Shift | Rounded | Fresh, Field(discriminator="name")]
