"""apa_r_v: what :mod:`aeaug.gan.pseudo.generated` does, with a p that follows r_v (:mod:`aeaug.gan.controllers.r_v`).

A ``hold_out`` of the training subset says how far the discriminator overfits, and nothing is trained on that. (Jiang et
al. 2021, arXiv:2111.06849, go by signs of logits.)
"""

from aeaug.data.loader import Share
from aeaug.gan.controllers.r_v import FollowingHeldOut
from aeaug.gan.pseudo.generated import AdaptivePseudo

__all__ = ["APAHeldOut"]


class APAHeldOut(FollowingHeldOut):
    """``gan/pseudo=apa_r_v``."""

    def at(self, rate: Share) -> AdaptivePseudo:
        """What replaces at this ``rate``, a function of the images shown."""
        return AdaptivePseudo(rate)
