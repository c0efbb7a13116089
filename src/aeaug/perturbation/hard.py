r"""hard: z′ lies where the discriminator finds the image least real, down its slope in units of σ.

With s(z) = D(Dec(z)), D the discriminator as it was when the epoch began (:mod:`aeaug.gan.snapshot`), k times

.. math:: z \leftarrow z - \frac{\gamma}{k} \sqrt{d}\, \sigma \odot \frac{g}{\|g\|},
    \qquad g = \sigma \odot \nabla_z s(z),

g the gradient in coordinates z / σ, σ_d the standard deviation of dimension d over the codes of the training subset,
and √d the root of the number of dimensions that vary. With one step a code moves as far as gaussian's with the same γ,
in root mean square; with several no farther. Nothing is drawn. Where s is flat a code stays, and in the first epoch the
direction is that of an untrained discriminator. Of codes that depend on others, as T's do, z′ − z counts as a constant.

Examples that are hard for the discriminator, made in latent space: the idea is that of MODALS (Cheung & Yeung, ICLR
2021), which moves codes towards hard ones of their class; the step down a network's slope, normalised, is that of
virtual adversarial training (Miyato et al. 2018, arXiv:1704.03976), there of images and of a classifier.
"""

from typing import Any, ClassVar, Literal

import torch
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from torch import Tensor
from typing_extensions import override

from aeaug.options import Integer, Number
from aeaug.perturbation.codes import Encoded, LatentCodes, Score
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Hard", "hard"]

CHUNK = 1024  # codes whose images are held at once, with what their gradients need


def hard(z: Tensor, sigma: Tensor, score: Score, gamma: float, steps: int) -> Tensor:
    """Return ``z: (M, D)`` after ``steps`` of length γ √d / ``steps`` down the slope of ``score``, ``(M, D) -> (M,)``,
    each code by its own, in units of ``sigma: (D,)``; without a gradient."""
    length = gamma * (sigma > 0).sum().to(z.dtype).sqrt() / steps
    moved = z.detach()
    for _ in range(steps):
        slope = sigma * _gradient(moved, score)
        size = slope.norm(dim=1, keepdim=True)
        there = (size > 0) & size.isfinite()  # of a discriminator that has diverged its own check says so
        moved = moved - length * sigma * torch.where(there, slope / size, 0.0)
    return moved


def _gradient(z: Tensor, score: Score) -> Tensor:
    with torch.enable_grad():
        at = z.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(score(at).sum(), at)
    return gradient


class Hard(Perturbation):
    """``perturbation=hard``. ``name="hard"``; ``gamma``: length of the whole way in units of √d σ, in [0.001, 10]; 0 is
    ``perturbation=reconstruct``; ``steps``: in which it is gone, 1 to 100."""

    asks: ClassVar[bool] = True

    name: Literal["hard"]
    gamma: Number = Field(ge=0.001, le=10)
    steps: Integer = Field(ge=1, le=100)

    @field_validator("gamma", mode="before")
    @classmethod
    def _moves(cls, value: Any) -> Any:
        if value == 0:
            raise PydanticCustomError("no_step", "an arm is what it says, and without a step this is reconstruct")
        return value

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        if codes.score is None:
            raise ValueError("perturbation=hard: it asks a discriminator, and the codes have no score")
        parts = [hard(part, codes.sigma, codes.score, self.gamma, self.steps) for part in of.z.split(CHUNK)]
        return of.z + (torch.cat(parts) - of.z.detach())
