"""Where synthetic images come from, one source a file: ``decoded``, from the autoencoder, and its controls, which go
through the same injection.

``duplicates`` show more of the same; ``noise``, ``blur`` and ``shift`` change images in pixel space by as much as
decoding does; ``rounded`` takes from decoded images what no digit has; ``fresh`` real images are the upper bound.

To add one: write its file here, add its options to :data:`SourceChoice` below, and give it a
``conf/source/<name>.yaml``, an arm ``conf/arm/append_<name>.yaml`` and a ``tests/augmentation/sources/test_<name>.py``.
Its options say whether it ``decodes``, ``transforms`` any image and shows images ``beyond`` the subset; one that takes
what is decoded has its ``snapshot``, too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, get_args

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

__all__ = ["BEYOND_SUBSET", "WITHOUT_AUTOENCODER", "Decoded", "Source", "SourceChoice"]


class Decoded(SourceOptions):
    """``source=decoded``."""

    transforms: ClassVar[bool] = True

    name: Literal["decoded"]

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return decoded


SourceChoice = Annotated[Decoded | Duplicates | Noise | Blur | Shift | Rounded | Fresh, Field(discriminator="name")]

_SOURCES: tuple[type[SourceOptions], ...] = get_args(get_args(SourceChoice)[0])


def _named(of: Callable[[type[SourceOptions]], bool]) -> frozenset[str]:
    return frozenset(get_args(one.model_fields["name"].annotation)[0] for one in _SOURCES if of(one))


WITHOUT_AUTOENCODER = _named(lambda one: not one.decodes)
"""The names of those whose images have nothing to do with the autoencoder."""
BEYOND_SUBSET = _named(lambda one: one.beyond)
"""The names of those that show real images beyond the training subset."""
