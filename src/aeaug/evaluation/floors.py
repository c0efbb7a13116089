"""Floors: sets of images that are measured as the generated ones are, so that every number has others to be read by.

``real``: another real sample, what a perfect generator would show. ``copy``: the training subset, repeated as often as
needed, what memorising it would show. ``pixels``: a Gaussian fitted to the subset's pixels, what knowing no more than
their means and covariances would show. ``decoded``: fresh synthetic images, what the arm was fed.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from aeaug.augmentation import DecodedSource
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.metric import Metrics
from aeaug.evaluation.pixel_gaussian import pixel_gaussian
from aeaug.randomness import generator

__all__ = ["floors", "real_sample", "validation_floor"]


def floors(data: MNISTDataModule, n: int, seed: int, source: DecodedSource | None) -> dict[str, Callable[[], Tensor]]:
    """For each floor by name, what makes its ``n`` images ``(n, 1, 28, 28)`` in [-1, 1]; ``decoded`` where there is a
    ``source``."""
    copied = torch.arange(n) % len(data.train_images)
    sets: dict[str, Callable[[], Tensor]] = {
        "real": lambda: to_float(data.splits.unseen_images[real_sample(data, n)]),
        "copy": lambda: to_float(data.train_images[copied]),
        "pixels": lambda: pixel_gaussian(to_float(data.train_images), n, seed),
    }
    if source is not None:
        sets["decoded"] = lambda: source.sample(copied, seed)
    return sets


def validation_floor(data: MNISTDataModule, validation: Evaluator) -> Metrics:
    """Another real sample, measured as the curves are: their floor."""
    found = real_sample(data, len(validation))
    return validation.evaluate(to_float(data.splits.unseen_images[found]))


def real_sample(data: MNISTDataModule, n: int) -> Tensor:
    """Return ``(n,)`` indices of ``data.splits.unseen_images``, at random: images outside the training subset first, so
    that it is no copy of it, and training images only where the others do not suffice.

    Random in its classes too, as a perfect generator's images would be: a class-balanced sample has a smaller distance.
    Raises ``ValueError`` when there are fewer than ``n``.
    """
    splits = data.splits
    candidates = torch.arange(len(splits.unseen_images))
    if n > len(candidates):
        raise ValueError(f"floors: {n} real images asked for, {data.dataset} has {len(candidates)} to give")
    trained_on = torch.isin(splits.unseen_pool_positions[candidates], data.subset_positions)
    draw = generator(0, "another real sample")
    parts = candidates[~trained_on], candidates[trained_on]
    return torch.cat([part[torch.randperm(len(part), generator=draw)] for part in parts])[:n]
