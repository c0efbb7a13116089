"""From a run's options to what it is made of: its data, autoencoder, source of synthetic images, gate, probe."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.augmentation.entry import synthetic_source
from aeaug.augmentation.gates import Gate, Judged, Verdict
from aeaug.augmentation.sources import Source
from aeaug.augmentation.sources.changed import Change
from aeaug.autoencoder.artifact import KIND, AutoencoderArtifact, load_autoencoder
from aeaug.autoencoder.hold_out import held_out_images
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.chosen import chosen_data
from aeaug.evaluation.overfitting import OverfittingProbe
from aeaug.evaluation.spaces.nets import FeatureSpaces
from aeaug.faults import Fault
from aeaug.gan import GANModule
from aeaug.run.debug import few
from aeaug.run.fitting_data import require_fit
from aeaug.run.options import RunOptions, idle_stages

__all__ = ["autoencoder_of", "data_of", "fed_of", "probe_of", "source_of", "spaces_of_run", "verdict_of"]

PROBED = 1_000  # training images that the discriminator is shown to see whether it overfits


def data_of(options: RunOptions) -> MNISTDataModule:
    """The run's datamodule, set up. Raises ``ValueError`` for data that is missing or damaged, or too small, and for
    classes that are too small for what is perturbed within them."""
    budget = options.budget
    data = chosen_data(options.data, options.seed, budget.batch_size, budget.images_per_epoch)
    if options.debug:
        data.splits = few(data.splits, data.description.shape[0])
    require_fit(options, data.splits, data.subset_positions)
    return data


def fed_of(options: RunOptions, data: MNISTDataModule) -> MNISTDataModule:
    """What the run's GAN and its autoencoder are trained on: ``data``, or where a controller holds out some of its
    images, a datamodule without them."""
    count = options.held_out(len(data.train_images))
    return data.holding_out(count) if count else data


def spaces_of_run(options: RunOptions, data: MNISTDataModule, store: ArtifactStore) -> FeatureSpaces:
    """The feature spaces that the run is measured in; their nets that are trained are kept in ``store``. Raises
    ``ValueError``, in one line, for one that cannot be had."""
    return FeatureSpaces(
        options.spaces,
        options.data.of,
        data.splits,
        store,
        "evaluation.spaces",
        in_small=options.debug,
        progress=options.trainer.progress,
    )


def autoencoder_of(
    options: RunOptions, data: MNISTDataModule, device: torch.device, recorded: str | None = None
) -> AutoencoderArtifact:
    """The autoencoder of ``data``, what the run is fed, on ``device``: the one whose key a run has ``recorded``, if it
    is there still, whatever version of the code trained it; otherwise today's, trained if need be."""
    store = ArtifactStore(Path(options.outputs) / "artifacts")
    folder = store.find(KIND, recorded) if recorded else None
    if folder is not None:
        artifact = load_autoencoder(folder)
    else:
        artifact = trained_autoencoder(
            store,
            options.autoencoder,
            data,
            accelerator="gpu" if device.type == "cuda" else "cpu",
            progress=options.trainer.progress,
        )
    # The rule that makes results worth having: it saw the GAN's subset and nothing else. A recorded key may be wrong.
    if artifact.subset_sha256 != data.subset_sha256:
        folder = store.root / KIND / artifact.key
        raise Fault(f"artifact {folder} was trained on another subset than this run's: delete the folder of the run")
    artifact.module.to(device)
    return artifact


def source_of(
    options: RunOptions, artifact: AutoencoderArtifact, data: MNISTDataModule, module: GANModule
) -> Source | None:
    """What the run injects, or makes of images in the GAN's step, of ``data``, what it is fed, on the autoencoder's
    device; None where it does neither. What asks the discriminator asks that of ``module``, as it is now until a
    snapshot is taken anew."""
    if options.augmentation.name == "none":
        return None
    source = options.source
    if options.debug and isinstance(source, Change):  # what 20 steps decode may differ by more than it can change
        source = source.falling_short()
    return synthetic_source(
        source,
        options.perturbation,
        options.filter,
        artifact.module,
        data.train_images.to(artifact.module.device),
        data.train_labels,
        data.description.classes,
        data.fresh_images,
        module,
        options.seed,
    )


def verdict_of(options: RunOptions, artifact: AutoencoderArtifact, data: MNISTDataModule) -> Verdict | None:
    """What the run's gate says of its autoencoder; None where it has none, or no use for one."""
    gate = options.gate
    if not isinstance(gate, Gate) or "gate" in idle_stages(options.augmentation.name, options.source.name):
        return None
    images = data.train_images.to(artifact.module.device)
    decoded = DecodedSource(
        artifact.module, images, options.perturbation, data.train_labels, classes=data.description.classes
    )
    held_out = held_out_images(options.autoencoder, data)
    return gate.verdict(Judged(decoded, data.train_labels, held_out, options.seed))


def probe_of(options: RunOptions, data: MNISTDataModule, validation: Tensor, source: Source | None) -> OverfittingProbe:
    """What looks, over training, at how the discriminator tells images it trains on, those of ``data``, from others, of
    the ``validation`` slice, and from those of ``source`` where they are shown as real ones."""
    # The subset is in random order; of the slice, which MNIST orders by writer, the probe takes an even spread.
    train = data.train_images[:PROBED]
    decoded: Tensor | Callable[[], Tensor] | None = None
    if source is not None and options.augmentation.rates():
        decoded = partial(source.sample, torch.arange(len(train)), options.seed)
        if source.snapshot is None:
            decoded = decoded()
    return OverfittingProbe(to_float(train), to_float(validation), decoded)
