"""What an evaluation's time goes into."""

import time
from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

from aeaug.evaluation import load_feature_net
from aeaug.evaluation.features import extract
from aeaug.evaluation.final import FinalEvaluator

__all__ = ["evaluation_seconds"]

T = TypeVar("T")


def evaluation_seconds(
    test_images: Tensor, test_labels: Tensor, train_images: Tensor, images: Tensor
) -> dict[str, float]:
    """Seconds of the parts of measuring ``images (N, 1, 28, 28)`` against ``test_images (N, 1, 28, 28)``, with what
    they owe to ``train_images (M, 1, 28, 28)``.

    Keys: ``reference``, what a run does once; ``all``, of ``FinalEvaluator.measure``; ``features`` and the parts
    that :meth:`FinalEvaluator.parts` names, in their order.
    """
    seconds: dict[str, float] = {}

    def timed(part: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = work()
        seconds[part] = time.perf_counter() - began
        return result

    net, _ = load_feature_net()
    evaluator = timed("reference", lambda: FinalEvaluator(test_images, test_labels, train_images, net))
    timed("all", lambda: evaluator.measure(images))
    found = timed("features", lambda: extract(images, net))
    for part, work in evaluator.parts(images, found).items():
        timed(part, work)
    return seconds
