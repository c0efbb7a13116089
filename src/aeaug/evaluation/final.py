"""Every metric of a set of images, as it is reported: against the test split, with what it owes the training set.

The training set enters through at most as many images as the test split has, the first of them (a subset comes in
random order): what is compared with it compares at equal counts, and all of MNIST would cost minutes.
"""

from collections.abc import Callable

from torch import Tensor

from aeaug.data.subset import balanced_order
from aeaug.evaluation.classifier import STEPS
from aeaug.evaluation.evaluator import Evaluator, Metrics
from aeaug.evaluation.features import FeatureNet, Features
from aeaug.evaluation.metrics.accuracy_score import accuracy_score
from aeaug.evaluation.metrics.authenticity import Authenticity
from aeaug.evaluation.metrics.classifier_score import classifier_score
from aeaug.evaluation.metrics.data_copying import DataCopying
from aeaug.evaluation.metrics.frechet_gap import FrechetGap
from aeaug.evaluation.metrics.frechet_infinity import frechet_distance_infinity
from aeaug.evaluation.metrics.kernel_distance import KernelDistance

__all__ = ["FinalEvaluator"]


class FinalEvaluator:
    """Measures sets of images against a test split and the training set behind them.

    Args:
        test_images: ``(N, 1, 28, 28)`` in [-1, 1].
        test_labels: ``(N,)`` int64.
        train_images: ``(M, 1, 28, 28)`` in [-1, 1], in random order; of more than N, the first N are taken.
        net: the frozen feature net.
        seed: of the random parts (cells, blocks, the small classifier's weights).
        classifier_steps: of the small classifier's training.

    Raises:
        ValueError: for images of another shape or range, or too few of them.
    """

    def __init__(
        self,
        test_images: Tensor,
        test_labels: Tensor,
        train_images: Tensor,
        net: FeatureNet,
        seed: int = 0,
        classifier_steps: int = STEPS,
    ) -> None:
        self._core = Evaluator(test_images, net)
        self._test_images, self._test_labels = test_images, test_labels
        self._seed, self._steps = seed, classifier_steps
        n = min(len(train_images), len(test_images))
        train = self._core.features(train_images[:n]).features.double()
        # A subset is class-balanced, so the part of the test split that stands beside it is too.
        beside = balanced_order(test_labels, seed=0)[:n].to(train.device)
        test = self._core.reference
        self._gap = FrechetGap(train, test[beside])
        self._authenticity = Authenticity(train)
        self._copying = DataCopying(train, test, seed)
        # Made for features of the order of 1: of larger ones the kernel would see the third power alone.
        self._scale = test.square().mean().sqrt()
        self._kernel_distance = KernelDistance(test / self._scale)
        counts = test_labels.bincount()
        self._strata = test_labels if counts.max() - counts.min() <= 1 else None

    def __len__(self) -> int:
        """Number of images in the test split, and so in every set to be measured."""
        return len(self._core)

    def measure(self, images: Tensor) -> Metrics:
        """Every metric of ``images (N, 1, 28, 28)`` in [-1, 1], on any device, as plain numbers.

        Beside the keys of :meth:`Evaluator.evaluate`: ``frechet_distance_infinity``, ``kernel_distance``,
        ``classifier_score``, ``accuracy_score`` (None where too few images are labelled with confidence),
        ``confident_share``, ``frechet_gap``, ``authenticity``, ``data_copying`` (None where cells are too small) and
        ``data_copying_cells``.

        Raises:
            ValueError: as :meth:`Evaluator.evaluate` does.
        """
        self._core.check(images)
        metrics: Metrics = {}
        for part in self.parts(images, self._core.features(images)).values():
            metrics |= part()
        return metrics

    def parts(self, images: Tensor, found: Features) -> dict[str, Callable[[], Metrics]]:
        """What :meth:`measure` does with ``images`` and their features ``found``, part by part: what takes how long?"""
        features = found.features.double()
        return {
            "distance, neighbours, histogram": lambda: self._core.measure(found),
            "extrapolation": lambda: {
                "frechet_distance_infinity": frechet_distance_infinity(
                    self._core.reference, features, self._seed, self._strata
                )
            },
            "kernel distance": lambda: {"kernel_distance": self._kernel_distance(features / self._scale)},
            "classifier score": lambda: {"classifier_score": classifier_score(found.logits)},
            "accuracy score": lambda: self._accuracy(images, found),
            "gap": lambda: {"frechet_gap": self._gap(features)},
            "authenticity": lambda: {"authenticity": self._authenticity(features)},
            "data copying": lambda: self._copied(features),
        }

    def _accuracy(self, images: Tensor, found: Features) -> Metrics:
        score = accuracy_score(images, found.logits, self._test_images, self._test_labels, self._seed, self._steps)
        return {"accuracy_score": score.accuracy, "confident_share": score.confident_share}

    def _copied(self, features: Tensor) -> Metrics:
        score = self._copying(features)
        return {"data_copying": score.value, "data_copying_cells": score.cells}
