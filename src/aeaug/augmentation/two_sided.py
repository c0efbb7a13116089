"""two_sided: the discriminator sees T(x) for x with probability p, of real and of generated images alike.

DiffAugment's form (Zhao et al. 2020, arXiv:2006.10738) with T, encode, perturb and decode, in place of shifts and
cutouts: gradients reach the generator through the frozen autoencoder. Both kinds are compared after (1 − p) I + p T,
which has an inverse where p is below 1/2 (Karras et al. 2020, arXiv:2006.06676, section 2.2): a generator that looks
alike through it is alike, so that nothing of the autoencoder's smoothing has to leak into it. T comes before other
views (gan/view): after instance_noise it would take the noise away again.
"""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.augmentation import Augmentation, Transform
from aeaug.augmentation.schedules import Share
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["TwoSided", "TwoSidedView", "Viewing"]


class TwoSidedView:
    """A view (:mod:`aeaug.gan.views`): each image with this ``probability``, or a ``share`` of it, through
    ``transform``, which is asked for those alone."""

    def __init__(self, transform: Transform, probability: float, share: Share | None = None) -> None:
        self.transform, self.probability, self.share = transform, probability, share

    def __call__(self, images: Tensor, generator: torch.Generator, shown: int = 0) -> Tensor:
        """Return ``(B, C, H, W)`` for ``images: (B, C, H, W)``."""
        probability = self.probability * (1 if self.share is None else self.share(shown))
        drawn = torch.rand(len(images), generator=generator, device=images.device) < probability
        where = drawn.nonzero().squeeze(1)
        if not len(where):
            return images
        return images.index_copy(0, where, self.transform(images[where], generator).to(images.dtype))


class Viewing(Augmentation):
    """With this ``probability`` of T."""

    transforms: ClassVar[bool] = True

    probability: Number = Field(gt=0, lt=0.5)

    @override
    def enter(self, module: "GANModule", transform: Transform, share: Share | None = None) -> None:
        module.look_through(TwoSidedView(transform, self.probability, share), *module.views)


class TwoSided(Viewing):
    """``augmentation=two_sided``."""

    name: Literal["two_sided"]
