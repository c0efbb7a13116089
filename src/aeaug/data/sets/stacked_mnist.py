"""Stacked MNIST (Metz et al. 2017, arXiv:1611.02163): three digits as the three channels of an image, 1,000 modes.

An image of the digits a, b, c in its channels, in this order, has the label 100 a + 10 b + c. Every split stacks the
digits of the same split of MNIST alone (:mod:`aeaug.data.splits`): the pool those of the pool, its first 25,000 images
those that no feature net has seen, the validation slice and the test set those of theirs. Modes come equally often, in
random order, and of each of an image's three classes the digit is drawn at random, with replacement: a digit is in many
images, and images of one split share digits, those of a subset and of the rest of the pool too. The draw is fixed.

Usually triples are drawn at random and modes come about equally often; here they do exactly, so that a subset of n
images has n / 1,000 of each, and the even distribution over modes is the training images' own.
"""

from pathlib import Path

import torch
from torch import Tensor

from aeaug.data.description import DataSet
from aeaug.data.sets.mnist import FILES, MNIST
from aeaug.data.sets.mnist import load as load_mnist
from aeaug.data.splits import Splits
from aeaug.data.subset import fingerprint
from aeaug.randomness import generator

__all__ = ["STACKED_MNIST", "stacked", "stacked_splits"]

CHANNELS = 3


def stacked(images: Tensor, labels: Tensor, count: int, part: str) -> tuple[Tensor, Tensor]:
    """Stack ``images: (N, H, W)`` uint8 with ``labels: (N,)`` int64 of K classes, each with an image at least.

    Returns ``count`` images ``(count, 3, H, W)`` and their modes ``(count,)`` int64 in [0, K³), in numbers that differ
    by one at most; the draw depends on the name of the ``part``.
    """
    counts = labels.bincount()
    assert bool(counts.all()), "every class has an image"
    draw, modes = generator(0, f"stacked images: {part}"), len(counts) ** CHANNELS
    found = (torch.arange(count) % modes)[torch.randperm(count, generator=draw)]
    of_class = labels.argsort(stable=True)
    first = counts.cumsum(0) - counts
    positions = []
    for channel in range(CHANNELS):
        own = found // len(counts) ** (CHANNELS - 1 - channel) % len(counts)
        share = torch.rand(count, generator=draw, dtype=torch.float64)
        positions.append(of_class[first[own] + (share * counts[own]).long()])
    return images[torch.stack(positions, 1)], found


def stacked_splits(digits: Splits, pool: int, unseen: int, fresh: int, validation: int, test: int) -> Splits:
    """Stack the splits of ``digits``, each by itself: a ``pool`` of which no net has seen the first ``unseen``, beside
    which there are as many ``fresh`` images, a ``validation`` slice and a ``test`` set, in numbers of images."""
    seen_from = digits.pool_unseen
    known = stacked(digits.pool_images[:seen_from], digits.pool_labels[:seen_from], unseen, "pool")
    pool_images, pool_labels = known
    if pool > unseen:
        seen = stacked(digits.pool_images[seen_from:], digits.pool_labels[seen_from:], pool - unseen, "seen by nets")
        pool_images, pool_labels = (torch.cat(both) for both in zip(known, seen, strict=True))
    unseen_images, positions = known[0], torch.arange(unseen)
    if fresh:
        # Of these digits nobody needs the labels: triples are drawn without them.
        own = digits.unseen_images[digits.unseen_pool_positions < 0]
        drawn = torch.randint(len(own), (fresh, CHANNELS), generator=generator(0, "stacked images: fresh"))
        unseen_images = torch.cat([unseen_images, own[drawn]])
        positions = torch.cat([positions, torch.full((fresh,), -1)])
    parts = (
        pool_images,
        pool_labels,
        *stacked(digits.val_images, digits.val_labels, validation, "validation"),
        *stacked(digits.test_images, digits.test_labels, test, "test"),
    )
    return Splits(*parts, unseen_images, positions, unseen, fingerprint(*parts))


def load(root: Path) -> Splits:
    """Stacks of MNIST's splits; images ``(N, 3, 28, 28)`` uint8, labels in [0, 999]."""
    of = STACKED_MNIST
    return stacked_splits(load_mnist(root), of.pool, of.pool // 2, 5_000, of.validation, of.test)


STACKED_MNIST = DataSet(
    name="stacked_mnist",
    title="Stacked MNIST",
    shape=(CHANNELS, *MNIST.shape[1:]),
    class_names=tuple(f"{mode:03}" for mode in range(MNIST.classes**CHANNELS)),
    objects="stacked digits",
    mean_intensity=MNIST.mean_intensity,
    pool=50_000,
    validation=5_000,
    test=10_000,
    feature_nets=MNIST.feature_nets,
    files=FILES,
    load=load,
    channels_of=MNIST,
)
