"""apa_r_v: what :mod:`aeaug.gan.pseudo.apa` does, with a p that follows r_v (:mod:`aeaug.gan.controllers.r_v`).

A ``hold_out`` of the training subset says how far the discriminator overfits, and nothing is trained on that. (Jiang et
al. 2021, arXiv:2111.06849, go by signs of logits.)
"""

from collections.abc import Callable

from aeaug.gan.controllers.r_v import FollowingHeldOut
from aeaug.gan.pseudo.apa import AdaptivePseudo

__all__ = ["APAHeldOut"]


class APAHeldOut(FollowingHeldOut):
    """``gan/pseudo=apa_r_v``."""

    def at(self, rate: Callable[[int], float]) -> AdaptivePseudo:
        """What replaces at this ``rate``, a function of the images shown."""
        return AdaptivePseudo(rate)
