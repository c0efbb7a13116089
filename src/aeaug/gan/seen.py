"""One step of the discriminator, as penalties and controllers see it."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Discriminator", "Judged", "Seen"]

Discriminator = Callable[[Tensor], Tensor]
"""``(B, C, H, W) -> logits (B,)``, each logit a function of its own image."""


class Judged(NamedTuple):
    """What the discriminator says of images as they are, through no view, when it is asked: logits ``(N,)`` of images
    that it is trained on, ``(M,)`` of some that are ``held_out`` and ``(K,)`` of generated ones."""

    train: Tensor
    held_out: Tensor
    generated: Tensor


class Seen(NamedTuple):
    """Images as the discriminator saw them, after every view, and what it said of them.

    ``real``, ``fake``: ``(B, C, H, W)``, without a gradient to where they came from; ``synthetic: (B,)`` bool, which
    of ``real`` are injected; ``real_logits``, ``fake_logits``: ``(B,)``; ``draw(purpose)``: a generator of this step,
    on the images' device; ``mean``: of a tensor over all processes; ``shown``: images before this step; ``judged()``:
    what is said after this step, where images are held out.
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
    judged: Callable[[], Judged] | None = None
