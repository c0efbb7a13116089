"""The training of a net that tells classes apart: cross-entropy, each image shifted a little.

The pinned nets ``classifier`` were trained so, by ``scripts/train_feature_net.py``, and the space ``labels`` is, on a
user's own images.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from aeaug.data.images import shape_of, to_float
from aeaug.evaluation.features import FeatureNet
from aeaug.evaluation.spaces.fitting import fit
from aeaug.randomness import seeded_init

__all__ = ["shift", "train"]


def shift(images: Tensor, pixels: int, draw: torch.Generator) -> Tensor:
    """Each of ``images: (B, C, H, W)`` moved by up to ``pixels`` along each axis, over background."""
    n, _, height, width = images.shape
    padded = pad(images, (pixels,) * 4, value=-1.0).permute(0, 2, 3, 1)
    offsets = torch.randint(0, 2 * pixels + 1, (2, n, 1), generator=draw)
    rows, columns = offsets[0] + torch.arange(height), offsets[1] + torch.arange(width)
    moved = padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2).contiguous()


def train(
    images: Tensor,
    labels: Tensor,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    pixels: int,
    seed: int,
    progress: bool = True,
) -> FeatureNet:
    """A feature net trained on ``images: (N, H, W)``, or in colour ``(N, C, H, W)``, uint8, of the classes
    ``labels: (N,)``, of which none is missing, by AdamW with a one-cycle schedule. ``progress``: show a bar."""
    with seeded_init(seed, "feature net weights"):
        net = FeatureNet(shape_of(images), int(labels.max()) + 1)

    def loss_of(batch: Tensor, draw: torch.Generator) -> Tensor:
        _, logits = net(shift(to_float(images[batch]), pixels, draw))
        return cross_entropy(logits, labels[batch])

    how: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "lr": lr, "weight_decay": 0.01, "seed": seed}
    fit(net.parameters(), len(images), loss_of, **how, net="feature net", draws="shifts", progress=progress)
    return net.eval()
