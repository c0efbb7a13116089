"""Adversarial losses on logits, one a file: what the discriminator minimises, and what the generator does.

To add one: write its file here, a :class:`Loss`, add it to :data:`LOSSES` below, and give it a
``conf/gan/loss/<name>.yaml``. The tests find it by its name and hold it to what all have in common.
"""

from typing import Literal

from aeaug.gan.losses.hinge import hinge
from aeaug.gan.losses.least_squares import least_squares
from aeaug.gan.losses.loss import Loss
from aeaug.gan.losses.minimax import minimax
from aeaug.gan.losses.non_saturating import non_saturating
from aeaug.gan.losses.relativistic import relativistic
from aeaug.gan.losses.wasserstein import wasserstein

__all__ = ["LOSSES", "Loss", "LossName"]

LossName = Literal["minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic"]

LOSSES: dict[str, Loss] = {
    "minimax": minimax,
    "non_saturating": non_saturating,
    "least_squares": least_squares,
    "hinge": hinge,
    "wasserstein": wasserstein,
    "relativistic": relativistic,
}
