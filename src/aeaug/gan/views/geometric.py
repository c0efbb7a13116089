r"""geometric: transforms of real and generated images alike, each with a probability.

Pixel blitting and general geometric transforms of Karras et al. 2020 (arXiv:2006.06676, appendix B). In this order,
each with probability p and a draw of its own for every image, s the image's side:

=================== ==================================================================================================
x-flip              mirrored with probability 1/2
rotation by 90°     0, 1, 2 or 3 quarter turns
integer translation by whole pixels, each way uniform in ±0.125 s
isotropic scaling   by 2^N(0, 0.2²)
rotation            by U(−π, π), with probability 1 − √(1 − p), before and after the next
anisotropic scaling by 2^N(0, 0.2²) along x, by its inverse along y
translation         each way N(0, (0.125 s)²)
=================== ==================================================================================================

The product of an image's transforms is one 2 x 3 matrix, applied once, between pixels bilinearly; what comes in from
beyond the border is background. (The authors mirror at the border and filter against aliasing: at few pixels on a blank
background neither was built here.) Digits are not the same mirrored or turned, but as real and generated images go
through it alike with p below 1, a generator need not turn them (their section 2.2; they found no leak up to 0.8).

p is the same all the time, or goes with ``gan/view_schedule``; :mod:`aeaug.gan.views.ada` is this view with a
controller and a clamp of its own.
"""

import math
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample
from typing_extensions import override

from aeaug.data.loader import Share
from aeaug.gan.rated import Rated
from aeaug.options import Number

__all__ = ["UNDETERMINED", "AdaptiveView", "Geometric", "geometric", "transforms"]

BACKGROUND = -1.0
UNDETERMINED = "grid_sample"
"""What PyTorch, by the documentation of ``torch.use_deterministic_algorithms``, has no deterministic gradient of on
CUDA."""
TRANSLATION, SCALE = 0.125, 0.2


def transforms(count: int, side: int, probability: float, generator: torch.Generator, device: torch.device) -> Tensor:
    """Return one matrix for each of ``count`` images of ``side`` pixels, ``(count, 3, 3)``: from where in it a point of
    the picture is taken, in units in which the image reaches from -1 to 1."""

    def chance(p: float) -> Tensor:
        return torch.rand(count, generator=generator, device=device) < p

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator, device=device)

    def normal(sd: float) -> Tensor:
        return sd * torch.randn(count, generator=generator, device=device)

    one = torch.ones(count, device=device)
    zero = torch.zeros(count, device=device)

    def matrix(a: Tensor, b: Tensor, x: Tensor, c: Tensor, d: Tensor, y: Tensor) -> Tensor:
        rows = torch.stack([a, b, x, c, d, y, zero, zero, one], dim=1)
        return rows.view(count, 3, 3)

    def scaled(x: Tensor, y: Tensor) -> Tensor:
        return matrix(x, zero, zero, zero, y, zero)

    def turned(angle: Tensor) -> Tensor:
        return matrix(angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero)

    def moved(x: Tensor, y: Tensor) -> Tensor:
        return matrix(one, zero, x, zero, one, y)

    def kept(drawn: Tensor, value: Tensor, otherwise: Tensor) -> Tensor:
        return torch.where(drawn, value, otherwise)

    def whole_pixels(share: Tensor) -> Tensor:
        return (share * TRANSLATION * side).round() * (2 / side)

    p, once = probability, 1 - math.sqrt(1 - probability)
    flipped, quarter = chance(p) & chance(0.5), uniform(0, 4).floor() * (math.pi / 2)
    # From the first transform to the last: a point of the picture goes through them backwards.
    found = scaled(kept(flipped, -one, one), one) @ turned(kept(chance(p), quarter, zero))
    drawn = chance(p)
    found = found @ moved(*(kept(drawn, whole_pixels(uniform(-1, 1)), zero) for _ in "xy"))
    size = kept(chance(p), 2 ** normal(SCALE), one)
    found = found @ scaled(size, size) @ turned(kept(chance(once), uniform(-math.pi, math.pi), zero))
    stretch = kept(chance(p), 2 ** normal(SCALE), one)
    found = found @ scaled(stretch, 1 / stretch) @ turned(kept(chance(once), uniform(-math.pi, math.pi), zero))
    drawn = chance(p)
    return found @ moved(*(kept(drawn, 2 * normal(TRANSLATION), zero) for _ in "xy"))


def geometric(images: Tensor, matrices: Tensor) -> Tensor:
    """Return ``images: (B, C, H, W)`` in [-1, 1], each through its own of ``matrices: (B, 3, 3)``, in float32."""
    grid = affine_grid(matrices[:, :2], list(images.shape), align_corners=False)
    return grid_sample(images - BACKGROUND, grid, align_corners=False) + BACKGROUND


class Geometric(Rated):
    """``gan/view=geometric``. ``probability``: p."""

    undetermined: ClassVar[str] = UNDETERMINED

    probability: Number = Field(gt=0, lt=1)

    @override
    def at(self, share: Share) -> "AdaptiveView":
        return AdaptiveView(lambda shown: self.probability * share(shown))


class AdaptiveView:
    """A view (:class:`aeaug.gan.views.view.View`) with this ``rate``, p after so many images shown."""

    def __init__(self, rate: Share) -> None:
        self.rate = rate

    def __call__(self, images: Tensor, generator: torch.Generator, shown: int) -> Tensor:
        """Return ``(B, C, H, W)`` in [-1, 1]."""
        probability = self.rate(shown)
        if probability == 0 or not len(images):
            return images
        with torch.autocast(images.device.type, enabled=False):  # half precision would place pixels wrongly
            matrices = transforms(len(images), images.shape[-1], probability, generator, images.device)
            return geometric(images.float(), matrices).to(images.dtype)
