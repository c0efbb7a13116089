"""What is measured and shown of a trained GAN, once, at the end of its budget, and the floors beside it."""

from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from aeaug.augmentation import DecodedSource
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import Evaluator, FeatureNet
from aeaug.gan import GANModule
from aeaug.tensorboard import image_rows

__all__ = ["assess", "comparison"]


def assess(
    module: GANModule,
    source: DecodedSource | None,
    data: MNISTDataModule,
    net: FeatureNet,
    validation: Evaluator,
    seed: int,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure the averaged generator against the whole test split, and as many images of each floor.

    ``floors``: ``real``, another real sample; ``copy``, the training subset, repeated as often as needed; ``decoded``,
    fresh synthetic images (where there is a ``source``). ``validation_floor`` is a real sample against the validation
    slice, the floor of the curves, measured by the curves' own evaluator, ``validation``.
    """
    splits, n = data.splits, len(data.splits.test_images)
    copied = torch.arange(n) % len(data.train_images)
    sets = {
        "test": lambda: module.sample(n, seed, "evaluation latents"),
        "real": lambda: to_float(splits.fresh_images),
        "copy": lambda: to_float(data.train_images[copied]),
    }
    if source is not None:
        sets["decoded"] = lambda: source.sample(copied, seed)
    evaluator = Evaluator(to_float(splits.test_images), net)
    bar = tqdm(sets.items(), "evaluation", disable=not progress, unit="set")
    floors = {name: evaluator.evaluate(images()) for name, images in bar}
    return {
        "test": floors.pop("test"),
        "floors": floors,
        "validation_floor": validation.evaluate(to_float(splits.pool_images[: len(validation)])),
    }


def comparison(module: GANModule, source: DecodedSource | None, data: MNISTDataModule, seed: int) -> Tensor:
    """A picture ``(3, H, W)`` in [0, 1]: ten real images, synthetic ones made from them, and generated ones, a row
    each."""
    indices = torch.arange(10)
    rows = [to_float(data.train_images[indices])]
    if source is not None:
        rows.append(source.sample(indices, seed))
    rows.append(module.sample(64, seed, "validation latents")[:10])
    return image_rows(rows)
