"""What a step's views cost beside the rest of it, and what the nearest transforms of kornia would.

A step sees three batches: the discriminator's real and generated ones, and the generator's, through which a gradient
goes.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from itertools import repeat
from typing import Any

import torch
from torch import Tensor

from aeaug.benchmark.table import Row, compared
from aeaug.benchmark.turns import Side, interleave
from aeaug.gan.views.diffaugment import DiffAugment
from aeaug.gan.views.geometric import geometric, transforms

__all__ = ["OURS", "kornias", "view_rows"]

Transform = Callable[[Tensor, torch.Generator], Tensor]
RATE = 0.5  # of ADA's transforms


def _geometric(images: Tensor, generator: torch.Generator) -> Tensor:
    return geometric(images, transforms(len(images), images.shape[-1], RATE, generator, images.device))


OURS: dict[str, Transform] = {"diffaugment": DiffAugment(translation=0.125, cutout=0.5), "ada": _geometric}
"""At the rates of their option files."""


def kornias() -> dict[str, Transform]:
    """The same with kornia's transforms, as far as it has them. They draw from the global stream."""
    import kornia.augmentation as K

    # Its borders are 0: the background is put there, and taken away.
    shifts = [K.RandomAffine(0.0, translate=(0.125, 0.125), p=1.0), K.RandomErasing((0.25, 0.25), (1.0, 1.0), p=1.0)]
    turns: list[Any] = [K.RandomHorizontalFlip(p=RATE / 2)]
    turns += [K.RandomAffine(180.0, translate=(0.125, 0.125), scale=(0.75, 1.3), p=RATE)]

    def through(stages: list[Any]) -> Transform:
        return lambda images, _: torch.nn.Sequential(*stages)(images + 1) - 1

    return {"diffaugment": through(shifts), "ada": through(turns)}


def view_rows(none: Side, images: Tensor, steps: int, pairs: int) -> Iterator[Row]:
    """A row for each view, and for what kornia has in its place: its passes in ``pairs`` of blocks of so many ``steps``
    over the steps of ``none``, with batches ``images: (B, C, H, W)``."""
    sides = {f"gan/view={name}": one for name, one in OURS.items()}
    if there := find_spec("kornia") is not None:
        sides |= {f"{name} by kornia {version('kornia')}": one for name, one in kornias().items()}
    taken = interleave([none, *(_passes(one, images, steps) for one in sides.values())], pairs) * 1000 / steps
    for place, name in enumerate(sides, 1):
        wall, cpu = taken[:, [place, 0]]
        yield compared(f"three passes of {name}, batch {len(images)}, over a step without", "ms", wall, cpu)
    if not there:
        yield "three passes of kornia's transforms", "skipped: pip install kornia", "", "", "", ""


def _passes(transform: Transform, images: Tensor, steps: int) -> Side:
    draws = torch.Generator(images.device).manual_seed(0)
    for _ in repeat(None):
        for _ in range(steps):
            with torch.no_grad():
                transform(images, draws)
                transform(images, draws)
            generated = images.clone().requires_grad_()
            transform(generated, draws).sum().backward()
        yield
