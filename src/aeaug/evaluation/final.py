"""Every metric of a set of images, as it is reported: against the test split, with what it owes the training set.

The training set enters through at most as many images as the test split has, the first of them (a subset comes in
random order): what is compared with it compares at equal counts, and all of MNIST would cost minutes.
"""

from torch import Tensor

from aeaug.data.subset import balanced_order
from aeaug.evaluation.classifier import STEPS
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import FeatureNet
from aeaug.evaluation.metric import Measure, Reference
from aeaug.evaluation.metrics import MEASUREMENTS

__all__ = ["FinalEvaluator"]


class FinalEvaluator(Evaluator):
    """Measures sets of images against a test split and the training set behind them, in every metric there is.

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
        self._labels, self._train_images = test_labels, train_images[: len(test_images)]
        self._seed, self._steps = seed, classifier_steps
        super().__init__(test_images, net)

    def _prepared(self, images: Tensor) -> dict[str, Measure]:
        train = self.features(self._train_images).features.double()
        counts = self._labels.bincount()
        reference = Reference(
            images,
            self.reference,
            self._labels,
            train,
            # A subset is class-balanced, so the part of the test split that stands beside it is too.
            beside=balanced_order(self._labels, seed=0)[: len(train)].to(train.device),
            balanced=bool(counts.max() - counts.min() <= 1),
            seed=self._seed,
            classifier_steps=self._steps,
        )
        return {name: found.prepare(reference) for name, found in MEASUREMENTS.items()}
