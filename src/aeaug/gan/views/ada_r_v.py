"""ada_r_v: the view of :mod:`aeaug.gan.views.geometric`, whose p follows r_v (:mod:`aeaug.gan.controllers.r_v`).

The other of the authors' two signals (Karras et al. 2020, arXiv:2006.06676, section 3.1), which theirs take from a
validation set. Here a ``hold_out`` of the training subset is in its place, and nothing is trained on that.
"""

from typing import ClassVar

from aeaug.data.loader import Share
from aeaug.gan.controllers.r_v import FollowingHeldOut
from aeaug.gan.views.geometric import UNDETERMINED, AdaptiveView

__all__ = ["ADAHeldOut"]


class ADAHeldOut(FollowingHeldOut):
    """``gan/view=ada_r_v``."""

    undetermined: ClassVar[str] = UNDETERMINED

    def at(self, rate: Share) -> AdaptiveView:
        """The view whose p is ``rate``, as a function of the images shown."""
        return AdaptiveView(rate)
