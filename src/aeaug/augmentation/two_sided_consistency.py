"""two_sided_consistency: two_sided, and consistency beside it.

The discriminator sees T(x) for x with probability p, of real and of generated images alike, as in
:mod:`aeaug.augmentation.two_sided`; and every image is to have the logit of what T makes of it, the term of
:mod:`aeaug.augmentation.consistency`, both seen through the same draws: where x is seen as T(x), T(x) is seen through T
once more. A schedule is of both, probability and weight.
"""

from typing import TYPE_CHECKING, Literal

from typing_extensions import override

from aeaug.augmentation.augmentation import Transform
from aeaug.augmentation.consistency import Consistent
from aeaug.augmentation.schedules import Share
from aeaug.augmentation.two_sided import Viewing

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["TwoSidedConsistency"]


class TwoSidedConsistency(Viewing, Consistent):
    """``augmentation=two_sided_consistency``."""

    name: Literal["two_sided_consistency"]

    @override
    def enter(self, module: "GANModule", transform: Transform, share: Share | None = None) -> None:
        Viewing.enter(self, module, transform, share)
        Consistent.enter(self, module, transform, share)
