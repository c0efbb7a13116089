"""apa: the generator's images among the real ones (:mod:`aeaug.gan.pseudo.generated`), so many as r_t says.

Adaptive pseudo augmentation (Jiang et al. 2021, arXiv:2111.06849): the discriminator is deceived the more, the more it
overfits. p is the rate of :class:`aeaug.gan.controllers.r_t.RealSign`, at most ``most``; it follows the signs of images
that are real (the authors' code counts the replaced ones too), every four batches, from 0.
"""

from aeaug.data.loader import Share
from aeaug.gan.controllers.r_t import FollowingRealSign
from aeaug.gan.pseudo.generated import AdaptivePseudo

__all__ = ["APA"]


class APA(FollowingRealSign):
    """``gan/pseudo=apa``."""

    def at(self, rate: Share) -> AdaptivePseudo:
        """What replaces at this ``rate``, a function of the images shown."""
        return AdaptivePseudo(rate)
