r"""instance_noise: x + σ(t) ε with ε ~ N(0, I), that fades as training goes on.

Sønderby et al. 2017 (arXiv:1610.04490) and Arjovsky & Bottou 2017 (arXiv:1701.04862): blurred alike, the
two distributions overlap, and the discriminator's task has a solution. σ falls along a line,

.. math:: \sigma(t) = \sigma_0 \max(0, 1 - t / T),

t images shown, T ``until``: an absolute number, so that a longer budget does not change what a shorter one would show.
Its default suits ``budget=default``; over 256,000 images it takes away two fifths of the noise, ``until=128_000`` all.
With ``until=null`` it stays, or goes with ``gan/view_schedule``.
"""

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.data.loader import Share
from aeaug.gan.rated import Rated
from aeaug.options import Integer, Number

__all__ = ["FadingNoise", "InstanceNoise"]


class FadingNoise(Rated):
    """``gan/view=instance_noise``. ``sigma``: σ₀, of intensities in [-1, 1]; ``until``: T, in images shown; None: the
    noise does not fade by itself."""

    sigma: Number = Field(gt=0, le=10)
    until: Integer | None = Field(ge=1, le=10**12)

    def sigma_at(self, shown: int) -> float:
        """σ(t) ≥ 0."""
        fading = self.fading()
        return self.sigma if fading is None else self.sigma * fading(shown)

    @override
    def fading(self) -> Share | None:
        if (until := self.until) is None:
            return None
        return lambda shown: max(0.0, 1 - shown / until)

    @override
    def at(self, share: Share) -> "InstanceNoise":
        return InstanceNoise(lambda shown: self.sigma_at(shown) * share(shown))


class InstanceNoise:
    """A view (:class:`aeaug.gan.views.view.View`) with this ``sigma``, σ after so many images shown."""

    def __init__(self, sigma: Share) -> None:
        self.sigma = sigma

    def __call__(self, images: Tensor, generator: torch.Generator, shown: int) -> Tensor:
        """Return ``(B, C, H, W)``, which leaves [-1, 1]."""
        if (sigma := self.sigma(shown)) == 0:
            return images
        noise = torch.randn(images.shape, generator=generator, device=images.device, dtype=images.dtype)
        return images + sigma * noise
