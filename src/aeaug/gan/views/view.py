"""What every view is.

A view is differentiable, so that the generator learns through it. As both kinds go through it alike, the generator's
images are compared with real ones as they are seen; where what is seen determines the distribution of what there is,
the game still has its optimum at the real one (Bora et al. 2018; Karras et al. 2020, arXiv:2006.06676, section 2.1).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["View", "seen_through"]


class View(Protocol):
    """One transform of images, drawn anew for each."""

    def __call__(self, images: Tensor, generator: torch.Generator, shown: int) -> Tensor:
        """Return ``(B, C, H, W)`` for ``images: (B, C, H, W)`` in [-1, 1], on whose device ``generator`` is, after
        so many images were ``shown`` to the discriminator."""
        ...


def seen_through(
    views: Sequence[View], images: Tensor, draw: Callable[[str], torch.Generator], purpose: str, shown: int
) -> Tensor:
    """``images`` through one view after another, each with a generator of its own, ``draw(purpose, view)``, also where
    two are of one class."""
    names = Counter[str]()
    for view in views:
        names[name := type(view).__name__] += 1
        again = f", {names[name]}" * (names[name] > 1)
        images = view(images, draw(f"{purpose}, {name}{again}"), shown)
    return images
