"""Batches of the datamodule beside those of torchvision's MNIST with a DataLoader."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import Compose, Normalize, ToTensor

from aeaug.benchmark.pairs import Pause, Worker

__all__ = ["loader_worker", "torchvision_loader"]


def torchvision_loader(root: Path, batch_size: int, workers: int) -> "DataLoader[Any]":
    """MNIST's training images in [-1, 1], shuffled, as torchvision's documentation reads them."""
    transform = Compose([ToTensor(), Normalize((0.5,), (0.5,))])
    images = MNIST(str(root), train=True, transform=transform)
    # Workers are waiting when an epoch starts: their start-up is not measured.
    return DataLoader(images, batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0)


def loader_worker(batches: Iterable[Any], count: int) -> Worker:
    """Blocks of ``count`` of ``batches``, which are read over and over."""

    def work(pause: Pause) -> None:
        endless = _endless(batches)
        for read, _ in enumerate(endless, start=1):
            if read % count == 0 and not pause():
                return

    return work


def _endless(batches: Iterable[Any]) -> Iterator[Any]:
    while True:
        yield from batches
