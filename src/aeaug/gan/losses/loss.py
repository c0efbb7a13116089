"""What every adversarial loss is."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

__all__ = ["Loss"]


class Loss(NamedTuple):
    """``discriminator_loss(real_logits, fake_logits)`` and ``generator_loss(fake_logits, real_logits)``, each a scalar.

    ``pairs``: the generator's loss compares every fake with a real image, ``real_logits: (B,)`` beside
    ``fake_logits: (B,)``; of any other ``real_logits`` is None.
    ``zero_decides``: what is real has a logit above 0, what is not one below; of a loss without it an offset of all
    logits changes nothing, and their signs say nothing.
    """

    discriminator_loss: Callable[[Tensor, Tensor], Tensor]
    generator_loss: Callable[[Tensor, Tensor | None], Tensor]
    pairs: bool = False
    zero_decides: bool = True
