r"""diffaugment: every image is shifted, and a square is cut out of it.

Zhao et al. 2020 (arXiv:2006.10738), policy ``translation,cutout``, with the shares of their code: shifts of up to an
eighth of the side in either direction, a square of half the side whose centre lies anywhere, so that opposite sides are
cut out equally often. What a shift leaves open, and the square, become background, -1, as the surroundings of digits
and of clothes are; their code has 0 there, which in their images is no less a colour than any other, and in these is
grey.
"""

from collections.abc import Iterator

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import pad

from aeaug.data.images import Shape
from aeaug.options import Number, Options

__all__ = ["DiffAugment", "cut_out", "translate"]

BACKGROUND = -1.0


def translate(images: Tensor, shift: Tensor, most: int) -> Tensor:
    """Return ``images: (B, C, H, W)`` moved down and right by ``shift: (B, 2)`` int64 pixels, differentiably; at most
    by ``most``, for which a GPU would have to be asked."""
    height, width = images.shape[2:]
    padded = pad(images, [most] * 4, value=BACKGROUND)
    rows = torch.arange(height, device=images.device) + most - shift[:, :1]
    columns = torch.arange(width, device=images.device) + most - shift[:, 1:]
    image = torch.arange(len(images), device=images.device)[:, None, None]
    return padded[image, :, rows[:, :, None], columns[:, None, :]].movedim(3, 1)


def cut_out(images: Tensor, centre: Tensor, side: int) -> Tensor:
    """Return ``images: (B, C, H, W)`` with a square of so many pixels a side around ``centre: (B, 2)`` int64 blank,
    as far as it lies within: rows and columns from centre − ⌊side / 2⌋ on."""
    height, width = images.shape[2:]
    inside = []
    for size, middle in ((height, centre[:, :1]), (width, centre[:, 1:])):
        from_start = torch.arange(size, device=images.device) - middle + side // 2
        inside.append((from_start >= 0) & (from_start < side))
    square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return images.masked_fill(square, BACKGROUND)


class DiffAugment(Options):
    """``gan/view=diffaugment``. ``translation``: the largest shift, ``cutout``: the square's side, both as shares of
    the image's; 0: none."""

    translation: Number = Field(ge=0, le=0.5)
    cutout: Number = Field(ge=0, le=1)

    def faults_of(self, shape: Shape) -> Iterator[str]:
        """Why this shows images of ``shape`` as they are, in a line."""
        if not round(shape[-1] * self.translation) and not round(shape[-1] * self.cutout):
            yield (
                f"gan.view.diffaugment.translation={self.translation:g}, cutout={self.cutout:g}: "
                "neither is a pixel, and an arm is what it says"
            )

    def __call__(self, images: Tensor, generator: torch.Generator, shown: int = 0) -> Tensor:
        """A view (:class:`aeaug.gan.views.view.View`)."""
        size, many = images.shape[-1], (len(images), 2)
        if most := round(size * self.translation):
            drawn = torch.randint(-most, most + 1, many, generator=generator, device=images.device)
            images = translate(images, drawn, most)
        if side := round(size * self.cutout):
            drawn = torch.randint(0, size + (1 - side % 2), many, generator=generator, device=images.device)
            images = cut_out(images, drawn, side)
        return images
