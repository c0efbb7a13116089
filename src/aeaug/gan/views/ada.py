"""ada: the view of :mod:`aeaug.gan.views.geometric`, whose p follows r_t.

Adaptive discriminator augmentation (Karras et al. 2020, arXiv:2006.06676). p is the rate of
:class:`aeaug.gan.controllers.r_t.RealSign`, from 0, at most ``most``.
"""

from typing import ClassVar

from aeaug.data.loader import Share
from aeaug.gan.controllers.r_t import FollowingRealSign
from aeaug.gan.views.geometric import UNDETERMINED, AdaptiveView

__all__ = ["ADA"]


class ADA(FollowingRealSign):
    """``gan/view=ada``."""

    undetermined: ClassVar[str] = UNDETERMINED

    def at(self, rate: Share) -> AdaptiveView:
        """The view whose p is ``rate``, as a function of the images shown."""
        return AdaptiveView(rate)
