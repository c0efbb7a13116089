"""Penalties on the discriminator, one a file: terms of its loss that see it, its images and its logits.

To add one: write its file here, a function with its formula and a :class:`Penalty` of its options, add it to
:class:`PenaltyOptions` below, and give it a ``conf/gan/penalty/<name>.yaml``. Several are chosen by a list,
``gan/penalty=[r2,lecam]``. R1 is ``gan.r1_gamma``.
"""

from aeaug.gan.penalties.bcr import BCR
from aeaug.gan.penalties.gradient import GradientPenalty
from aeaug.gan.penalties.lecam import LeCam
from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.penalties.r1 import R1
from aeaug.gan.penalties.r2 import R2
from aeaug.options import Several

__all__ = ["R1", "Penalty", "PenaltyOptions", "State"]


class PenaltyOptions(Several):
    """``conf/gan/penalty``: each penalty that is chosen, by its name."""

    r2: R2 | None = None
    gradient: GradientPenalty | None = None
    lecam: LeCam | None = None
    bcr: BCR | None = None
