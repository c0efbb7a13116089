r"""Images that stand in two splits: the same pixels in another file, or nearly the same, saved or scaled once more.

An image of the test set that has a copy among the training images is no test. Of every image outside the pool the
nearest one in the splits before its own (pool, validation slice, test set, images for nets) is found by means over
8 × 8 cells of each channel, in [0, 1]. With d the root mean square of their difference and s the standard deviation of
the first image's own, they are

.. math:: \text{exact: all pixels equal}, \qquad \text{near: } d \le 0.1 \, s.

Crops, mirror images and other light are not found, and images of next to nothing may be taken for near copies.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from aeaug.data.by_content.shares import PARTS, Part

__all__ = ["NEAR", "Copy", "copies"]

CELLS = 8
NEAR = 0.1
CHUNK = 1_000  # images compared at once


class Copy(NamedTuple):
    """The image at position ``of`` has, in an earlier split, a ``kind`` of copy at position ``earlier``."""

    of: int
    earlier: int
    kind: Literal["exact", "near"]


def copies(images: Tensor, parts: list[Part]) -> list[Copy]:
    """What of ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8, each in one of ``parts``, has a copy in an earlier one:
    of each image the nearest."""
    places = torch.tensor([PARTS.index(part) for part in parts])
    cells = torch.cat([_cells(chunk) for chunk in images.split(CHUNK)])
    contrast = cells.std(1, correction=0)
    found = []
    for place in range(1, len(PARTS)):
        own, earlier = (places == place).nonzero().squeeze(1), (places < place).nonzero().squeeze(1)
        if not len(earlier):
            continue
        for chunk in own.split(CHUNK):
            nearest = earlier[torch.cdist(cells[chunk], cells[earlier]).argmin(1)]
            for one, other in zip(chunk.tolist(), nearest.tolist(), strict=True):
                distance = (cells[one] - cells[other]).square().mean().sqrt()
                if images[one].equal(images[other]):
                    found.append(Copy(one, other, "exact"))
                elif distance <= NEAR * contrast[one]:
                    found.append(Copy(one, other, "near"))
    return found


def _cells(images: Tensor) -> Tensor:
    """``(N, 64 C)`` in [0, 1]."""
    colour = images if images.ndim == 4 else images.unsqueeze(1)
    return adaptive_avg_pool2d(colour.float().div(255), CELLS).flatten(1)
