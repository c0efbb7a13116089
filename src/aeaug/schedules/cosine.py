r"""cosine: the share goes along half a wave, slowly at both ends,

.. math:: m(t) = m_0 + (m_1 - m_0) (1 - \cos \pi s) / 2, \quad s = \min(1, \max(0, (t - t_0) / (t_1 - t_0))),

t images shown (the form of Loshchilov & Hutter 2017, arXiv:1608.03983).
"""

import math
from typing import Literal

from typing_extensions import override

from aeaug.schedules.linear import Ramp, progress

__all__ = ["Cosine"]


class Cosine(Ramp):
    """``schedule=cosine``, and so of the GAN's: ``gan/r1_schedule=cosine`` and the like."""

    name: Literal["cosine"]

    @override
    def share(self, shown: int) -> float:
        gone = (1 - math.cos(math.pi * progress(shown, self.begin, self.until))) / 2
        return self.start + (self.end - self.start) * gone
