"""What each injection, and each rival, adds to a step of the GAN: its arm beside the one that adds nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from aeaug.augmentation.entry import enter_training, synthetic_source
from aeaug.autoencoder import AutoencoderModule
from aeaug.benchmark.table import Row, compared
from aeaug.benchmark.training import trained
from aeaug.benchmark.turns import Side, interleave
from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule

__all__ = ["BATCH", "Arm", "arm_rows"]

BATCH = 128
TARGETS = {"append": "≤ 1.05", "replace": "≤ 1.05", "two_sided": "≤ 1.5", "consistency": "≤ 2.0"}
"""By the injection, of perturbed codes; filters and rivals have none."""


class Arm(Protocol):
    """A run's options, as far as they say what a step is."""

    gan: Any
    augmentation: Any
    perturbation: Any
    schedule: Any
    source: Any
    filter: Any

    def held_out(self, images: int) -> int:
        """Of a subset of so many, how many nothing is trained on."""


def arm_rows(
    arms: Mapping[str, Arm],
    none: Arm,
    data: MNISTDataModule,
    autoencoder: AutoencoderModule,
    steps: int,
    pairs: int,
    accelerator: str,
) -> Iterator[Row]:
    """A row for each of ``arms``: ``pairs`` of blocks of so many ``steps``, beside the same of ``none``, on the images
    that ``autoencoder`` was trained on."""
    for name, arm in arms.items():
        sides = (_side(one, data, autoencoder, steps, accelerator) for one in (arm, none))
        wall, cpu = interleave(list(sides), pairs) * 1000 / steps
        title = f"GAN step, batch {BATCH}: {name} over none"
        yield compared(title, "ms", wall, cpu, TARGETS.get(name.removesuffix("_gaussian"), ""))


def _untrained(arm: Arm, data: MNISTDataModule) -> GANModule:
    return GANModule(**arm.gan.model_dump(exclude={"name"}), shape=data.description.shape)


def _side(arm: Arm, data: MNISTDataModule, autoencoder: AutoencoderModule, steps: int, accelerator: str) -> Side:
    """Its training."""
    images, module = data.rebatched(BATCH, seed=0), _untrained(arm, data)
    images.images_per_epoch = 51_200
    if count := arm.held_out(len(images.train_images)):
        images = images.holding_out(count)
        module.hold_out(images.train_images, images.held_out_images)
    if arm.augmentation.name != "none":
        device = "cuda" if accelerator == "gpu" else "cpu"
        source = synthetic_source(
            arm.source,
            arm.perturbation,
            arm.filter,
            autoencoder,
            images.train_images.to(device),
            images.train_labels,
            images.description.classes,
            images.fresh_images,
            module,
            seed=0,
        )
        enter_training(arm.augmentation, arm.schedule, source, module, images)
    return trained(module, images, steps, accelerator=accelerator)
