"""Every metric of a set of images, as it is reported: against the test split, with what it owes the training set.

Metrics that are a distance of two distributions are measured in every feature space, all others in the leading one, the
first; those of classes in the first that has any. In features of which there are too many for the images, a metric that
fits a Gaussian to half of them is none, and one of few images is one.

The training set enters through at most as many images as the test split has, the first of them (a subset comes in
random order): what is compared with it compares at equal counts, and all of MNIST would cost minutes.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from aeaug.classifier import STEPS
from aeaug.data.subset import dealt_in_turn, fingerprint, order_like
from aeaug.evaluation.evaluator import check_reference, check_sample, numbers_of
from aeaug.evaluation.features import Features, Space, extract
from aeaug.evaluation.few_images import are_few, generated_for
from aeaug.evaluation.kept import Kept, Nets, leading, sha256_of, telling_classes
from aeaug.evaluation.metric import Measure, Measurement, Reference, Sample, Spaces
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics.frechet_infinity import least_images

__all__ = ["FinalEvaluator"]


class FinalEvaluator:
    """Measures sets of images against a test split and the training set behind them, in every metric there is.

    Args:
        test_images: ``(N, C, H, W)`` in [-1, 1], N > 5.
        test_labels: ``(N,)`` int64.
        train_images: ``(M, C, H, W)`` in [-1, 1], in random order; of more than N, the first N are taken.
        nets: the frozen feature nets.
        seed: of the random parts (cells, blocks, the small classifier's weights).
        classifier_steps: of the small classifier's training.
        balanced: whether the training set has its classes in equal numbers, where it is only a part.
        kept: where features of real images, and what is computed from them, may be kept.

    Raises:
        ValueError: for images of another shape or range, or too few of them.
    """

    def __init__(
        self,
        test_images: Tensor,
        test_labels: Tensor,
        train_images: Tensor,
        nets: Nets,
        seed: int = 0,
        classifier_steps: int = STEPS,
        kept: Kept | None = None,
        *,
        balanced: bool = True,
    ) -> None:
        self._n, self._nets, kept = len(test_images), nets, kept or Kept()
        self._shape = nets[leading(nets)][0].shape
        check_reference(test_images, self._shape)
        train_images = train_images[: self._n]
        self.identity: dict[str, Any] = {
            "test": fingerprint(test_images, test_labels),
            "train": fingerprint(train_images),
            "nets": sha256_of(nets),
            "spaces": list(nets),  # whose order decides what is measured in which
            "seed": seed,
            "classifier_steps": classifier_steps,
            **({} if balanced else {"balanced": False}),
        }
        """What decides, for given images, what is measured; JSON can hold it."""
        counts = test_labels.bincount()
        # The part of the test split that stands beside a subset has its classes as that has them.
        # Dealt in turn, they are as many as there are before a class runs out: of MNIST's, 8,920.
        most = min(len(train_images), dealt_in_turn(test_labels)) if balanced else len(train_images)
        beside = order_like(test_labels, balanced=balanced)[:most]
        self.measures: dict[Space, dict[str, Measure]] = {}
        """What measures a :class:`Sample` of each space, by the name of its file in :mod:`aeaug.evaluation.metrics`."""
        for space, (net, sha256) in nets.items():
            test, train = (kept.features(images, net, sha256).features for images in (test_images, train_images))
            reference = Reference(
                test_images,
                test.double(),
                test_labels,
                train.double(),
                beside=beside.to(train.device),
                balanced=bool(counts.max() - counts.min() <= 1),
                seed=seed,
                classifier_steps=classifier_steps,
                keep=kept.tensor,
            )
            self.measures[space] = {
                name: found.prepare(reference)
                for name, found in MEASUREMENTS.items()
                if _is_measured(found, space, nets, self._n)
            }

    def __len__(self) -> int:
        """Number of images in the reference, and so in every set to be measured."""
        return self._n

    def features(self, images: Tensor) -> dict[Space, Features]:
        """Features of ``images (N, C, H, W)`` in every space, each on its net's device.

        Raises ``ValueError`` when there are not as many as in the reference, or they have another shape, are not
        finite, or lie outside [-1, 1].
        """
        check_sample(images, len(self), self._shape)
        return {space: extract(images, net) for space, (net, _) in self._nets.items()}

    @property
    def more(self) -> int:
        """How many more images of a generator are to be measured, for the test images are few; 0 where they are not."""
        few = [net.num_features for net, _ in self._nets.values() if are_few(self._n, net.num_features)]
        return generated_for(self._n, few[0]) if few else 0

    def measure(self, images: Tensor, features: Mapping[Space, Features], more: Tensor | None = None) -> Spaces:
        """Every metric of ``images (N, C, H, W)`` in [-1, 1] with these ``features``, by space and key. ``more``: more
        images from where these come from, for what is measured of few test images."""
        found = {}
        for space, measures in self.measures.items():
            (net, _), its, rest = self._nets[space], features[space], None
            if more is not None and are_few(self._n, net.num_features):
                rest = extract(more, net).features.double()
            found[space] = numbers_of(measures, Sample(images, its.features.double(), its.logits, rest))
        return found

    def evaluate(self, images: Tensor) -> Spaces:
        """Every metric of ``images (N, C, H, W)`` in [-1, 1], on any device, by space and key.

        Raises ``ValueError`` as :meth:`features` does.
        """
        return self.measure(images, self.features(images))


def _is_measured(found: Measurement, space: Space, nets: Nets, images: int) -> bool:
    if found.pairs_of_gaussians and images < least_images(nets[space][0].num_features):
        return False
    if found.of_few and not are_few(images, nets[space][0].num_features):
        return False
    if found.of_classes:
        return space == telling_classes(nets)
    return space == leading(nets) or found.everywhere
