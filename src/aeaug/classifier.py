"""A small image classifier, trained from scratch in about a second: an instrument, not a model of interest.

Metrics train it on the images they judge (the classification accuracy score; real images against decoded ones), and
only compare if the training is the same: a fixed number of steps and batches of a fixed size, whatever the number of
images. Trained on 3,500 images of the embedded MNIST it gets 97% of its test images right, on 500 of them 93%.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from aeaug.randomness import generator, seeded_init

__all__ = ["MOST_CLASSES", "STEPS", "ImageClassifier", "train_classifier"]

STEPS, BATCH_SIZE = 300, 32
MOST_CLASSES = 100
"""Of more, it is shown too few images of each to know them: what rests on them is left out, or refused."""
MAX_LR, WEIGHT_DECAY = 1e-2, 1e-2
CHUNK = 500  # images classified at once


class ImageClassifier(nn.Module):
    """Three convolutions and a linear layer; a quarter of the side, less 2, is left."""

    def __init__(self, num_classes: int, shape: tuple[int, int, int]) -> None:
        """``shape``: (C, H, W) of an image, H and W at least 11.

        Raises ``ValueError`` for a smaller one.
        """
        super().__init__()
        channels, *sides = shape
        height, width = (-(-side // 2) // 2 - 2 for side in sides)
        if min(height, width) < 1:
            raise ValueError(f"images: of shape {shape}, too small for the classifier's convolutions")
        self.body = nn.Sequential(
            nn.Conv2d(channels, 12, kernel_size=5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(12, 12, kernel_size=3, padding=1),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(12, 48, kernel_size=3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(48 * height * width, num_classes),
        )
        # With so few channels, convolutions on a CPU are a third faster in this order.
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """Logits ``(B, num_classes)`` of ``images (B, C, H, W)`` in [-1, 1]."""
        logits: Tensor = self.body(images)
        return logits

    @torch.no_grad()
    def classes(self, images: Tensor) -> Tensor:
        """The most probable class of each of ``images (N, C, H, W)``, on any device: ``(N,)`` int64, on the net's."""
        device = next(self.parameters()).device
        found = torch.empty(len(images), dtype=torch.int64, device=device)
        with torch.autocast(device.type, enabled=False):
            for start in range(0, len(images), CHUNK):
                chunk = slice(start, start + CHUNK)
                found[chunk] = self(images[chunk].to(device, torch.float32)).argmax(1)
        return found


def train_classifier(
    images: Tensor, targets: Tensor, num_classes: int, seed: int, purpose: str, steps: int = STEPS
) -> ImageClassifier:
    """A classifier trained from scratch by AdamW with a one-cycle schedule, on the device of ``images``.

    It may be called under ``torch.no_grad``, ``torch.inference_mode`` or autocast. On the CPU the same arguments give
    the same bits.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1], N >= 1; shown in passes, each in another order.
        targets: ``(N,)`` int64 in [0, num_classes).
        num_classes: outputs of the net; a class without images is allowed.
        seed: of initial weights and order.
        purpose: what the classifier is for; sets its randomness apart from that of other classifiers.
        steps: of the optimizer, a batch of 32 images each.

    Raises:
        ValueError: for other shapes, no images, or targets out of range.
    """
    if images.ndim != 4 or len(images) == 0:
        raise ValueError(f"images: expected shape (N, C, H, W) with N >= 1, got {tuple(images.shape)}")
    if targets.shape != images.shape[:1] or targets.dtype != torch.int64:
        raise ValueError(f"targets: expected ({len(images)},) int64, got {tuple(targets.shape)} {targets.dtype}")
    if targets.min() < 0 or targets.max() >= num_classes:
        raise ValueError(f"targets: must lie in [0, {num_classes}), found {targets.min()} to {targets.max()}")
    _, channels, height, width = images.shape
    device = images.device
    targets = targets.to(device)
    draw = generator(seed, f"{purpose}: order")
    passes = -(-steps * BATCH_SIZE // len(images))
    order = torch.cat([torch.randperm(len(images), generator=draw) for _ in range(passes)])
    batches = order[: steps * BATCH_SIZE].view(steps, BATCH_SIZE).to(device)
    # Outside inference mode what is indexed from the caller's tensors is a new tensor that autograd may save.
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device.type, enabled=False):
        with seeded_init(seed, f"{purpose}: weights"):
            net = ImageClassifier(num_classes, (channels, height, width))
        net = net.to(device)
        optimizer = torch.optim.AdamW(net.parameters(), lr=MAX_LR, weight_decay=WEIGHT_DECAY, fused=True)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, MAX_LR, total_steps=steps)
        for batch in batches:
            loss = cross_entropy(net(images[batch].float()), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval().requires_grad_(False)
