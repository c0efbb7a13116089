"""What is measured of a trained GAN, once, at the end of its budget, and the floors beside it."""

from collections.abc import Mapping
from typing import Any, Protocol

from torch import Tensor

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation.sources import Source
from aeaug.autoencoder import AutoencoderModule
from aeaug.classifier import STEPS
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import fingerprint
from aeaug.evaluation.autoencoder_quality import autoencoder_quality
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import Features
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import DRAWS, floors, made_from, source_identity, validation_floor
from aeaug.evaluation.kept import Kept, Nets, leading, telling_classes
from aeaug.evaluation.leak import LeakInstrument
from aeaug.evaluation.metric import Spaces
from aeaug.evaluation.modes import SAMPLES, Modes, modes_in
from aeaug.gan import GANModule
from aeaug.training.progress import progress_bar

__all__ = ["TrainedAutoencoder", "assess", "curves"]


class TrainedAutoencoder(Protocol):
    """What measuring needs of an autoencoder: its module, frozen, its key, and what is known of it."""

    key: str
    module: AutoencoderModule

    @property
    def summary(self) -> Mapping[str, Any]:
        """What ``metrics.json`` says of it besides its quality."""


def curves(data: MNISTDataModule, nets: Nets, kept: Kept) -> Evaluator:
    """What measures over training: against the validation slice, in the leading space."""
    net, sha256 = nets[leading(nets)]
    images = data.splits.val_images
    return Evaluator(to_float(images), net, features=kept.features(images, net, sha256))


def assess(
    generators: Mapping[str, GANModule],
    data: MNISTDataModule,
    nets: Nets,
    validation: Evaluator,
    seed: int,
    *,
    store: ArtifactStore | None = None,
    source: Source | None = None,
    artifact: TrainedAutoencoder | None = None,
    fed: MNISTDataModule | None = None,
    best_of: int | None = None,
    classifier_steps: int = STEPS,
    draws: int = DRAWS,
    mode_samples: int = SAMPLES,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure averaged generators against the whole test split, all with the same latents, and as many images of each
    floor; where test images are few, more images of each generator besides (:mod:`aeaug.evaluation.few_images`).

    Args:
        generators: the GAN by its reading: ``end`` of the budget, and ``best``, at its best validation FD.
        data: the training subset, set up.
        nets: the feature nets.
        validation: the curves' evaluator, against the validation slice.
        seed: the run's.
        store: where what does not depend on the arm is kept; None: all of it is computed.
        source: what was injected; None for an arm that injects nothing.
        artifact: the autoencoder whose quality, and whose leak into the generator, to measure; None: neither.
        fed: what the autoencoder was trained on, where that is less than ``data``, of which images are held out.
        best_of: the number of readings that ``best`` is the best of.
        classifier_steps: of the training of the small classifiers behind the accuracy score and the leak.
        draws: of another real sample, for its floors.
        mode_samples: images that modes are counted in, where channels are images of their own.
        progress: show a bar.

    Returns:
        ``readings``, by name: ``spaces``, and the ``images`` shown to the GAN by then, of stacked images ``modes``
        (:mod:`aeaug.evaluation.modes`); ``floors`` by name
        (:mod:`aeaug.evaluation.floors`); ``validation_floor``, the floor of the curves; ``autoencoder``, what is known
        of it, and ``leak``, of the reading ``end``: None without one.
    """
    kept, n = Kept(store), len(data.splits.test_images)
    test, labels = to_float(data.splits.test_images), data.splits.test_labels
    evaluator = FinalEvaluator(
        test, labels, to_float(data.train_images), nets, seed, classifier_steps, kept, balanced=data.even
    )
    key = artifact.key if artifact else None
    # Generators with the same weights make the same images, and are measured once.
    measured: dict[str, tuple[Tensor, Features, Spaces, dict[str, Modes]]] = {}
    readings: dict[str, dict[str, Any]] = {}
    for reading, module in progress_bar(generators.items(), "evaluation", disable=not progress, unit="reading"):
        images = module.sample(n, seed, "evaluation latents")
        found = next((known for known in measured.values() if known[0].equal(images)), None)
        if found is None:
            features = evaluator.features(images)
            modes = {}
            if data.description.channels_of and (telling := telling_classes(nets)) is not None:
                parts = module.samples(mode_samples, seed, "latents of modes")
                modes["modes"] = modes_in(parts, nets[telling][0])
            more = module.sample(evaluator.more, seed, "more evaluation latents") if evaluator.more else None
            found = images, features[leading(nets)], evaluator.measure(images, features, more), modes
        measured[reading] = found
        readings[reading] = {"images": module.images_seen, "spaces": found[2], **found[3]}
    if "best" in readings and best_of is not None:
        readings["best"]["of"] = best_of
    curves_floor = validation_floor(data, validation, nets, kept, draws)
    result: dict[str, Any] = {
        "readings": readings,
        "floors": floors(
            data, evaluator, nets, seed, kept, source=source, autoencoder=key, draws=draws, progress=progress
        ),
        "validation_floor": curves_floor,
        "autoencoder": None,
        "leak": None,
    }
    if artifact is not None:
        floor = curves_floor and curves_floor["spaces"][leading(nets)]["frechet_distance"]
        fed = fed or data
        quality = _quality(artifact, fed, validation, nets, seed, kept) | {"real_frechet": floor}
        result["autoencoder"] = {**artifact.summary, "quality": quality}
        net, sha256 = nets[leading(nets)]
        instrument = LeakInstrument(artifact.module, key, fed, net, sha256, seed, classifier_steps, kept)
        leaked = None
        if source is not None:
            leaked = instrument.share_decoded(
                {**source_identity(source, key), "n": n}, lambda: source.sample(made_from(source, n), seed)
            )
        generated, its_features, *_ = measured["end"]
        result["leak"] = instrument(generated, its_features, leaked)
    return result


def _quality(
    artifact: TrainedAutoencoder, data: MNISTDataModule, validation: Evaluator, nets: Nets, seed: int, kept: Kept
) -> dict[str, Any]:
    splits = data.splits
    of = {
        "autoencoder": artifact.key,
        "device": artifact.module.device.type,
        "subset": data.subset_sha256,
        "labels": fingerprint(data.train_labels),
        "validation": fingerprint(splits.val_images, splits.val_labels),
        "net": nets[leading(nets)][1],
        "seed": seed,
    }
    # Its floor comes from elsewhere.
    return kept.numbers(
        "autoencoder_quality", of, lambda: {**autoencoder_quality(artifact.module, data, validation, None, seed)}
    )
