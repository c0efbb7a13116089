"""Views, one a file: through what a discriminator sees every image, real or generated, in its own step and in the
generator's.

To add one: write its file here, a function with its formula and a class of its options, add it to :class:`ViewOptions`
below, and give it a ``conf/gan/view/<name>.yaml``. Several are chosen by a list,
``gan/view=[diffaugment,instance_noise]``, and are passed in the order in which they stand below. Options with a rate of
their own (:class:`aeaug.gan.rated.Rated`) make the view at a share of it, which ``gan/view_schedule`` may change; those
whose rate follows a controller say which, ``controller``, and make the view, ``at(rate)``; others are the view
themselves. What there is none of with some images says so in ``faults_of(shape)``, a line each; what uses an operation
without a deterministic gradient on CUDA names that, ``undetermined``.

Draws are of a generator of the step, so that arms and resumed runs agree; kornia's transforms draw from the global
stream, and cost more (README, Speed).
"""

from typing import Self

from pydantic import model_validator

from aeaug.gan.views.ada import ADA
from aeaug.gan.views.ada_r_v import ADAHeldOut
from aeaug.gan.views.diffaugment import DiffAugment
from aeaug.gan.views.geometric import Geometric
from aeaug.gan.views.instance_noise import FadingNoise
from aeaug.gan.views.view import View, seen_through
from aeaug.options import Several

__all__ = ["View", "ViewOptions", "seen_through"]


class ViewOptions(Several):
    """``conf/gan/view``: each view that is chosen, by its name."""

    diffaugment: DiffAugment | None = None
    geometric: Geometric | None = None
    ada: ADA | None = None
    ada_r_v: ADAHeldOut | None = None
    instance_noise: FadingNoise | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        why = "they are one view, whose probability goes by something else in each"
        self.require_one_of(("geometric", "ada", "ada_r_v"), "gan/view", why)
        return self
