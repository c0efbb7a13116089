"""Controllers, one a file: what the discriminator says decides a rate, of a schedule, a view or pseudo images.

To add one: write its file here, a function with its formula and a :class:`Controller` of its options, and use it where
a rate is wanted, for instance in a schedule (:mod:`aeaug.gan.schedules`).
"""

from aeaug.gan.controllers.controller import Controller
from aeaug.gan.controllers.r_t import RealSign
from aeaug.gan.controllers.r_v import HeldOut
from aeaug.gan.controllers.watch import Watch

__all__ = ["Controller", "HeldOut", "RealSign", "Watch"]
