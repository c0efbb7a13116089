"""How what an autoencoder makes enters a GAN's training, one way a file, and the two forms in which it comes: images
made for those of the training subset (sources, decoded ones and their controls), and a transform of any images
(transform.py).

``none``, ``append`` and ``replace`` decide what the datamodule hands out, ``two_sided`` and ``consistency`` what the
discriminator does with it, ``append_consistency`` and ``replace_consistency`` both, and ``two_sided_consistency`` two
things with it. To add one: write its file here, add its class to :data:`AugmentationOptions` below, and give it a
``conf/augmentation/<name>.yaml``, arms ``conf/arm/<name>_<perturbation>.yaml`` and a
``tests/augmentation/test_<name>.py``.
"""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from aeaug.augmentation.append import Append
from aeaug.augmentation.append_consistency import AppendConsistency
from aeaug.augmentation.augmentation import Augmentation, Injection
from aeaug.augmentation.consistency import Consistency
from aeaug.augmentation.none import NoAugmentation
from aeaug.augmentation.replace import Replace
from aeaug.augmentation.replace_consistency import ReplaceConsistency
from aeaug.augmentation.two_sided import TwoSided
from aeaug.augmentation.two_sided_consistency import TwoSidedConsistency

__all__ = [
    "Augmentation",
    "AugmentationOptions",
    "AutoencoderTransform",
    "DecodedSource",
    "Injection",
    "NoAugmentation",
]

AugmentationOptions = Annotated[
    NoAugmentation
    | Append
    | Replace
    | TwoSided
    | Consistency
    | AppendConsistency
    | ReplaceConsistency
    | TwoSidedConsistency,
    Field(discriminator="name"),
]

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.augmentation.transform import AutoencoderTransform
else:

    def __getattr__(name: str) -> object:
        """Options are checked without Lightning, which takes seconds to import."""
        if name == "DecodedSource":
            from aeaug.augmentation.sources.decoded import DecodedSource

            return DecodedSource
        if name == "AutoencoderTransform":
            from aeaug.augmentation.transform import AutoencoderTransform

            return AutoencoderTransform
        raise AttributeError(name)
