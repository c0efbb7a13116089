"""What each injection, and each rival, adds to a step of the GAN: its arm beside the one that adds nothing, in
time, and in operations of matrix products and convolutions: what time would be if these alone took any."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from typing_extensions import override

from aeaug.augmentation.entry import enter_training, synthetic_source
from aeaug.autoencoder import AutoencoderModule
from aeaug.benchmark.table import Row, compared, number
from aeaug.benchmark.training import trained
from aeaug.benchmark.turns import Side, interleave
from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.training.trainer import build_trainer

__all__ = ["BATCH", "Arm", "arm_rows", "operation_rows"]

BATCH = 128
COUNTED = 16  # steps, in which the penalties that come every eighth come twice
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


def operation_rows(
    arms: Mapping[str, Arm], none: Arm, data: MNISTDataModule, autoencoder: AutoencoderModule
) -> Iterator[Row]:
    """The same rows in operations of floating-point numbers a step, which every machine has as many of."""
    least = _operations(none, data, autoencoder)
    for name, arm in arms.items():
        own = _operations(arm, data, autoencoder)
        here, other = (f"{number(count / COUNTED / 1e6)} million" for count in (own, least))
        yield f"operations of a GAN step, batch {BATCH}: {name} over none", here, other, f"{own / least:.3f}", "", ""


def _untrained(arm: Arm, data: MNISTDataModule) -> GANModule:
    return GANModule(**arm.gan.model_dump(exclude={"name"}), shape=data.description.shape)


def _operations(arm: Arm, data: MNISTDataModule, autoencoder: AutoencoderModule) -> int:
    """Of the first steps."""
    module, images = _prepared(arm, data, autoencoder, "cpu")
    images.images_per_epoch = COUNTED * BATCH
    options: dict[str, Any] = {"accelerator": "cpu", "devices": 1, "max_epochs": 1}
    trainer = build_trainer("gan", progress=False, callbacks=[], logger=False, enable_checkpointing=False, **options)
    counted = _Operations()
    with counted:
        trainer.fit(module, images)
    return counted.number


class _Operations(TorchDispatchMode):
    """What torch.utils.flop_counter counts; its own mode tells modules apart, and fails where gradients are asked for
    within a step, as R1 does."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    @override
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if (count := flop_registry.get(func._overloadpacket)) is not None:
            self.number += count(*args, **(kwargs or {}), out_val=found)
        return found


def _side(arm: Arm, data: MNISTDataModule, autoencoder: AutoencoderModule, steps: int, accelerator: str) -> Side:
    """Its training."""
    module, images = _prepared(arm, data, autoencoder, accelerator)
    return trained(module, images, steps, accelerator=accelerator)


def _prepared(
    arm: Arm, data: MNISTDataModule, autoencoder: AutoencoderModule, accelerator: str
) -> tuple[GANModule, MNISTDataModule]:
    """An untrained pair, and the images that it is to be shown."""
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
    return module, images
