"""Floors: sets of images that are measured as the generated ones are, so that every number has others to be read by.

``real``: other real samples, what a perfect generator would show. ``copy``: the training subset, repeated as often as
needed, what memorising it would show. ``pixels``: a Gaussian fitted to the subset's pixels, what knowing no more than
their means and covariances would show. ``decoded``: fresh synthetic images, what the arm was fed.

Another real sample is a distribution and no number: it is drawn several times, and its mean and standard deviation are
reported (:mod:`aeaug.evaluation.spread`). The draws are of images that no feature net has seen, outside the training
subset, the validation slice and the test set; where there are fewer of these than a sample has, there is no such floor.
They are the same for all arms and seeds of a subset. The other sets are single ones.

None of this depends on what a GAN learnt, so all of it is kept (:mod:`aeaug.evaluation.kept`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from aeaug.augmentation.sources import Source
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import UNEVEN, are_even, fingerprint
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import Features, Space
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.kept import Kept, Nets, leading
from aeaug.evaluation.metric import Spaces
from aeaug.evaluation.pixel_gaussian import pixel_gaussian
from aeaug.evaluation.spread import Spread, spread
from aeaug.randomness import generator
from aeaug.training.progress import progress_bar

__all__ = [
    "DRAWS",
    "copied",
    "floors",
    "made_from",
    "real_samples",
    "source_identity",
    "subset_identity",
    "validation_floor",
]

DRAWS = 5  # of another real sample; a report's floor is of as many of each of its subsets


def floors(
    data: MNISTDataModule,
    evaluator: FinalEvaluator,
    nets: Nets,
    seed: int,
    kept: Kept,
    *,
    source: Source | None = None,
    autoencoder: str | None = None,
    draws: int = DRAWS,
    progress: bool = False,
) -> dict[str, dict[str, Any] | None]:
    """Every floor by its name, as ``metrics.json`` has them: ``spaces`` of a single set; of ``real`` also how many
    ``draws`` there are, and their ``sd`` beside the mean in ``spaces``; None for ``real`` where images are too few.

    Args:
        data: source and subset, set up.
        evaluator: what measures; every set has as many images as its reference.
        nets: the evaluator's feature nets.
        seed: of the sets that are drawn for a run.
        kept: where all this is kept.
        source: what an arm injects; there is a floor ``decoded`` where there is one.
        autoencoder: the key of the autoencoder behind ``source``.
        draws: of another real sample, at least 2.
        progress: show a bar where something is computed.
    """
    n, identity = len(evaluator), {"data": subset_identity(data), **evaluator.identity}

    def floor(name: str, of: Mapping[str, Any], compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        return kept.numbers("floor", {"set": name, **identity, **of}, compute)

    def single(make: Callable[[], Tensor]) -> Callable[[], dict[str, Any]]:
        return lambda: {"spaces": evaluator.evaluate(make())}

    samples = real_samples(data, n, draws)
    found: dict[str, dict[str, Any] | None] = {
        "real": None
        if samples is None
        else floor(
            "real", {"draws": draws, **_drawn_by(data)}, lambda: _real(data, evaluator, nets, samples, kept, progress)
        ),
        "copy": floor("copy", {}, single(lambda: to_float(data.train_images[copied(data, n)]))),
        "pixels": floor("pixels", {}, single(lambda: pixel_gaussian(to_float(data.train_images), n, seed))),
    }
    if source is not None:
        of = source_identity(source, autoencoder)
        found["decoded"] = floor("decoded", of, single(lambda: source.sample(made_from(source, n), seed)))
    return found


def validation_floor(
    data: MNISTDataModule, validation: Evaluator, nets: Nets, kept: Kept, draws: int = DRAWS
) -> dict[str, Any] | None:
    """Another real sample, measured as the curves are, their floor, in the form of ``real`` above, of so many
    ``draws``, at least 2; None where images are too few, or the curves are of more images than a real sample has."""
    if validation.generated > len(validation):
        return None
    samples = real_samples(data, len(validation), draws)
    if samples is None:
        return None
    space = leading(nets)
    net, sha256 = nets[space]

    def compute() -> dict[str, Any]:
        features = kept.features(data.splits.unseen_images, net, sha256)
        drawn: list[Spaces] = [
            {space: {"frechet_distance": validation.frechet_distance(_taken(features, sample))}} for sample in samples
        ]
        mean, sd = _spread(drawn, samples)
        return {"draws": len(drawn), "spaces": mean, "sd": sd}

    validated = fingerprint(data.splits.val_images)
    of = {"data": subset_identity(data), "validation": validated, "net": sha256, "draws": draws, **_drawn_by(data)}
    return kept.numbers("validation_floor", of, compute)


def real_samples(data: MNISTDataModule, n: int, draws: int = DRAWS) -> list[Tensor] | None:
    """For each of ``draws`` of another real sample, ``(n,)`` indices of ``data.splits.unseen_images``, none twice and
    none in the training subset; None where there are fewer than ``n``.

    Random in their classes too, as a perfect generator's images would be: a class-balanced sample has a smaller
    distance. Draws are independent, and share images (:mod:`aeaug.evaluation.spread`). Of uneven classes a balanced
    subset takes the scarce ones and leaves the others: there the classes of a draw are a random sample's of the whole
    pool, and None is returned where one has fewer images left than some draw has of it.
    """
    candidates = data.fresh_positions
    if len(candidates) < n:
        return None
    streams = [generator(0, "another real sample", draw) for draw in range(draws)]
    if _leaves_other_classes(data):
        return _of_the_pools_classes(data, candidates, n, streams)
    return [candidates[torch.randperm(len(candidates), generator=stream)[:n]] for stream in streams]


def _leaves_other_classes(data: MNISTDataModule) -> bool:
    """Whether what the subset leaves of the unseen images has its classes in other shares than these had."""
    splits = data.splits
    of_the_pool = bool((splits.unseen_pool_positions >= 0).all())  # the labels of others are not known
    return of_the_pool and data.balanced and not are_even(splits.pool_labels[: splits.pool_unseen], UNEVEN)


def _drawn_by(data: MNISTDataModule) -> dict[str, str]:
    """What of the way in which real samples are drawn is not the same for all data, for what is kept of them."""
    return {"classes": "of the pool"} if _leaves_other_classes(data) else {}


def _of_the_pools_classes(
    data: MNISTDataModule, candidates: Tensor, n: int, streams: Sequence[torch.Generator]
) -> list[Tensor] | None:
    splits = data.splits
    labels = splits.pool_labels[splits.unseen_pool_positions[candidates]]
    unseen = splits.pool_labels[: splits.pool_unseen]
    samples = []
    for stream in streams:
        classes, counts = unseen[torch.randint(len(unseen), (n,), generator=stream)].unique(return_counts=True)
        parts = []
        for one, count in zip(classes.tolist(), counts.tolist(), strict=True):
            members = candidates[labels == one]
            if len(members) < count:
                return None
            parts.append(members[torch.randperm(len(members), generator=stream)[:count]])
        sample = torch.cat(parts)
        samples.append(sample[torch.randperm(n, generator=stream)])
    return samples


def copied(data: MNISTDataModule, n: int) -> Tensor:
    """Positions ``(n,)`` in the training subset, which is repeated as often as needed."""
    return torch.arange(n) % len(data.train_images)


def made_from(source: Source, n: int) -> Tensor:
    """Indices ``(n,)`` of the images that ``source`` makes others from, the training subset or what is not held out of
    it, which are repeated as often as needed."""
    return torch.arange(n) % len(source.images)


def subset_identity(data: MNISTDataModule) -> dict[str, str]:
    """What decides which images of ``data`` a floor is made of; JSON can hold it."""
    splits = data.splits
    return {
        "source": splits.sha256,
        "unseen": fingerprint(splits.unseen_images),
        "subset": data.subset_sha256,
        "positions": fingerprint(data.subset_positions, splits.unseen_pool_positions),
    }


def source_identity(source: Source, autoencoder: str | None) -> dict[str, Any]:
    """What decides, for a given seed and subset, the images of ``source``; JSON can hold it.

    ``autoencoder``: its key. A GPU draws other numbers than the CPU.
    """
    return {"autoencoder": autoencoder, **source.identity, "device": source.device.type}


def _real(
    data: MNISTDataModule,
    evaluator: FinalEvaluator,
    nets: Nets,
    samples: list[Tensor],
    kept: Kept,
    progress: bool,
) -> dict[str, Any]:
    unseen = data.splits.unseen_images
    features: dict[Space, Features] = {space: kept.features(unseen, *net) for space, net in nets.items()}
    bar = progress_bar(samples, "floor", disable=not progress, unit="draw")
    draws = [
        evaluator.measure(to_float(unseen[sample]), {space: _taken(features[space], sample) for space in features})
        for sample in bar
    ]
    mean, sd = _spread(draws, samples)
    return {"draws": len(draws), "spaces": mean, "sd": sd}


def _spread(draws: Sequence[Spaces], samples: Sequence[Tensor]) -> Spread:
    """No deviation where all draws are of the same images: there are no more than one sample of them."""
    mean, sd = spread(draws)
    if samples[0].sort().values.equal(samples[1].sort().values):
        sd = {space: dict.fromkeys(found) for space, found in sd.items()}
    return Spread(mean, sd)


def _taken(features: Features, sample: Tensor) -> Features:
    taken = sample.to(features.features.device)
    return Features(features.features[taken], features.logits[taken])
