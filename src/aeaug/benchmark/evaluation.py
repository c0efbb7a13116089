"""What an evaluation's time goes into."""

import time
from collections.abc import Callable
from typing import TypeVar

from torch import Tensor

from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.evaluation.frechet import FrechetDistance
from aeaug.evaluation.prdc import prdc, squared_radii

__all__ = ["evaluation_seconds"]

T = TypeVar("T")


def evaluation_seconds(reference: Tensor, images: Tensor) -> dict[str, float]:
    """Seconds of the parts of evaluating ``images (N, 1, 28, 28)`` against ``reference (N, 1, 28, 28)``.

    Keys: ``features``, ``frechet`` and ``prdc``; ``all`` of ``Evaluator.evaluate``; ``reference``: what
    a run does once.
    """
    seconds: dict[str, float] = {}

    def timed(part: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = work()
        seconds[part] = time.perf_counter() - began
        return result

    net, _ = load_feature_net()
    evaluator = timed("reference", lambda: Evaluator(reference, net))
    real = evaluator.features(reference).features.double()
    distance, radii = FrechetDistance(real), squared_radii(real, 5)
    features = timed("features", lambda: evaluator.features(images)).features
    timed("frechet", lambda: distance(features))
    timed("prdc", lambda: prdc(real, features, real_radii=radii))
    timed("all", lambda: evaluator.evaluate(images))
    return seconds
