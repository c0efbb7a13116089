"""Pictures of images, as small as can be looked at: 16 levels a channel, one channel of grey images, in files and in
TensorBoard.

Hundreds of runs keep them. Of 64 generated digits, a PNG of three channels has 47 KB, one channel 21 KB, of 16 greys
10 KB; noise, which is what an untrained generator makes, takes half of what it would in 256 greys.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

from aeaug.writing import naming

__all__ = ["grid", "image_rows", "log_picture", "save_picture"]

GREYS = 16


def grid(images: Tensor, columns: int) -> Tensor:
    """Arrange images ``(N, C, H, W)`` in [-1, 1] in rows of ``columns``, grey lines between them: ``(C, H, W)`` in
    [0, 1]."""
    channels = images.shape[1]  # of a single one torchvision makes three
    picture: Tensor = make_grid((images.cpu() + 1) / 2, nrow=columns, padding=1, pad_value=0.5)[:channels]
    return picture


def image_rows(rows: Sequence[Tensor]) -> Tensor:
    """Arrange equally long rows of images ``(N, C, H, W)`` in [-1, 1] under each other: ``(C, H, W)`` in [0, 1]."""
    return torch.cat([grid(row, len(row)) for row in rows], dim=1)


def save_picture(path: Path, picture: Tensor) -> None:
    """Write ``picture (1, H, W)`` or ``(3, H, W)`` in [0, 1] as a PNG file; an ``OSError`` names it."""
    content = _png(picture)
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def log_picture(writer: SummaryWriter, tag: str, picture: Tensor, step: int) -> None:
    """The same into TensorBoard, whose own ``add_image`` would make three channels of it."""
    channels, height, width = picture.shape
    image = Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=_png(picture))
    writer._get_file_writer().add_summary(Summary(value=[Summary.Value(tag=tag, image=image)]), step)


def _png(picture: Tensor) -> bytes:
    pixels = picture.mul(GREYS - 1).round().clamp(0, GREYS - 1).mul(255 // (GREYS - 1)).to(torch.uint8)
    shown = pixels[0] if len(pixels) == 1 else pixels.movedim(0, 2).contiguous()
    written = io.BytesIO()
    Image.fromarray(shown.numpy()).save(written, "PNG", optimize=True)
    return written.getvalue()
