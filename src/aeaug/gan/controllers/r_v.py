r"""r_v: how much less real than training images the discriminator finds images that it is not trained on,

.. math:: r_v = \frac{E[D(\text{train})] - E[D(\text{held out})]}{E[D(\text{train})] - E[D(\text{generated})]}

(Karras et al. 2020, arXiv:2006.06676, section 3.1): 0 where it does not overfit, 1 where what is held out looks
generated to it. The rate follows it as it follows r_t (:mod:`aeaug.gan.controllers.r_t`). The target of the authors'
code is 0.5, where that of r_t is 0.6.

The images that are held out are some of the training subset, of all classes as evenly as they come: nothing beyond the
subset is used, and neither the GAN nor the autoencoder is trained on them, so that the price of this signal is that
share of the images. An autoencoder's own ``stopping=hold_out`` takes other ones, from what is left: had these decided
when its training ends, they would be held out of it no more.

All three means are of images as they are, at one moment, by a discriminator that is only looked at (theirs are of
images through the augmentation, gathered over steps). Of training and of held-out images at most 256 are shown to it,
and of generated ones as many as of the more numerous. Logits may be shifted, and so it follows any loss.

Where training images are not found more real than generated ones, by two standard errors, there is no scale to read it
on (the authors' code divides by 1e-8 then): r_v is not defined, and the rate stays where it is.
"""

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.controllers.controller import Targeted
from aeaug.gan.seen import Seen
from aeaug.options import Integer, Number, Options

__all__ = ["MOST_JUDGED", "FollowingHeldOut", "HeldOut", "gaps"]

MOST_JUDGED = 256  # images of a kind
SAFE = 2  # standard errors that the denominator has to be above 0
ROUNDING = 1e-6  # and this share of the logits, in single precision


def gaps(train: Tensor, held_out: Tensor, generated: Tensor) -> Tensor:
    """Return ``(2,)``, numerator and denominator of r_v, for logits ``(N,)``, ``(M,)`` and ``(K,)`` in double
    precision; two zeros where it is not defined, or logits are not finite."""
    gap = train.mean() - generated.mean()
    error = sum((values.var(correction=0) / len(values) for values in (train, generated)), gap.new_zeros(())).sqrt()
    rounding = ROUNDING * torch.stack([train.abs().max(), generated.abs().max()]).max()
    return torch.where(
        gap > torch.maximum(SAFE * error, rounding), torch.stack([train.mean() - held_out.mean(), gap]), 0.0
    )


class HeldOut(Targeted):
    """``target``: of r_v."""

    judges: ClassVar[bool] = True

    @override
    def signal(self, seen: Seen) -> Tensor:
        assert seen.judged is not None
        return gaps(*(logits.double() for logits in seen.judged()))


class FollowingHeldOut(Options):
    """What has a probability p that follows r_v, from 0. ``target``: of r_v; ``images``: in which p would go from 0 to
    1; ``most``: the largest p; ``hold_out``: the share of the training subset that nothing is trained on."""

    target: Number = Field(gt=0, lt=1)
    images: Integer = Field(ge=1, le=10**12)
    most: Number = Field(gt=0, lt=1)
    hold_out: Number = Field(ge=0.01, le=0.5)

    @property
    def controller(self) -> HeldOut:
        """What p follows."""
        return HeldOut(target=self.target, images=self.images, most=self.most)
