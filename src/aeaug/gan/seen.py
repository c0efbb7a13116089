"""One step of the discriminator, as penalties and controllers see it."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Discriminator", "Seen"]

Discriminator = Callable[[Tensor], Tensor]
"""``(B, 1, 28, 28) -> logits (B,)``, each logit a function of its own image."""


class Seen(NamedTuple):
    """Images as the discriminator saw them, after every view, and what it said of them.

    ``real``, ``fake``: ``(B, 1, 28, 28)``, without a gradient to where they came from; ``synthetic: (B,)`` bool, which
    of ``real`` are injected; ``real_logits``, ``fake_logits``: ``(B,)``; ``draw(purpose)``: a generator of this step,
    on the images' device; ``mean``: of a tensor over all processes; ``shown``: images before this step.
    """

    discriminator: Discriminator
    real: Tensor
    fake: Tensor
    synthetic: Tensor
    real_logits: Tensor
    fake_logits: Tensor
    draw: Callable[[str], torch.Generator]
    mean: Callable[[Tensor], Tensor]
    shown: int = 0
