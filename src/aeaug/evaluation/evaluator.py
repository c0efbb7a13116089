"""Metrics of a set of images against one reference set, on features computed once.

:class:`Evaluator` measures curves: sets of generated images against the validation slice, in the leading feature
space, in the metrics that are read over training. What is reported is
:class:`aeaug.evaluation.final.FinalEvaluator`'s. Metrics depend on the number of samples, so a set has to have as many
images as the reference.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from aeaug.data.images import Shape
from aeaug.evaluation.features import Extractor, Features, extract
from aeaug.evaluation.few_images import generated_for
from aeaug.evaluation.metric import Measure, Metrics, Reference, Sample
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics.prdc import K_DENSITY

__all__ = ["Evaluator", "check_reference", "check_sample", "numbers_of"]

SLACK = 1e-3  # a decoder's rounding may leave [-1, 1] by a little; a wrong scale leaves it by a lot


class Evaluator:
    """Measures sets of images against ``reference`` on the device of ``net``, in what is measured over training.

    Whatever depends on the reference alone is computed here, once.

    Args:
        reference: ``(N, C, H, W)`` in [-1, 1], on any device; N > 5.
        net: the frozen feature net.
        features: those of the reference, where they are known already.

    Raises:
        ValueError: for images of another shape or range, or too few of them.
    """

    def __init__(self, reference: Tensor, net: Extractor, *, features: Features | None = None) -> None:
        self._net = net
        check_reference(reference, net.shape)
        self.reference = (features or self.features(reference)).features.double()
        """Features of the reference, ``(N, F)`` float64."""
        prepared = Reference(reference, self.reference)
        self.measures = {name: found.prepare(prepared) for name, found in MEASUREMENTS.items() if found.over_training}
        """What measures a :class:`Sample`, by the name of its file in :mod:`aeaug.evaluation.metrics`."""

    def __len__(self) -> int:
        """Number of images in the reference, and so in every set to be measured."""
        return len(self.reference)

    @property
    def generated(self) -> int:
        """How many generated images a point of a curve is of: as many as the reference has, of few ones more
        (:mod:`aeaug.evaluation.few_images`)."""
        return generated_for(len(self), self._net.num_features)

    def features(self, images: Tensor) -> Features:
        """Features of ``images (N, C, H, W)``, on the device of the net."""
        return extract(images, self._net)

    def sample(self, images: Tensor) -> Sample:
        """``images (N, C, H, W)`` with what metrics need of them.

        Raises ``ValueError`` when there are not as many as in the reference, or they have another shape, are not
        finite, or lie outside [-1, 1].
        """
        check_sample(images, len(self), self._net.shape)
        found = self.features(images)
        return Sample(images, found.features.double(), found.logits)

    def evaluate(self, images: Tensor) -> Metrics:
        """What is measured over training, which is FD alone, of ``images (N, C, H, W)`` in [-1, 1], on any device, as
        plain numbers by key. All metrics there are: :class:`aeaug.evaluation.final.FinalEvaluator`.

        Raises ``ValueError`` as :meth:`sample` does.
        """
        return numbers_of(self.measures, self.sample(images))

    def frechet_distance(self, features: Features) -> float:
        """Fréchet distance of a set with these features to the reference."""
        value = self.measures["frechet"](Sample(features.features, features.features.double(), features.logits))
        assert isinstance(value["frechet_distance"], float)
        return value["frechet_distance"]


def numbers_of(measures: Mapping[str, Measure], sample: Sample) -> Metrics:
    """What ``measures``, by the names of their files, make of ``sample``: one dictionary, by key.

    Raises ``ValueError`` for a file that measures something else than it declares.
    """
    metrics: Metrics = {}
    for name, measure in measures.items():
        measured = measure(sample)
        if lacking := [one.key for one in MEASUREMENTS[name].metrics if one.key not in measured]:
            raise ValueError(f"evaluation/metrics/{name}.py: declares {lacking[0]}, but measures {', '.join(measured)}")
        if twice := sorted(metrics.keys() & measured.keys()):
            raise ValueError(f"evaluation/metrics/{name}.py: it measures {twice[0]}, which another file does")
        metrics |= measured
    return metrics


def check_reference(images: Tensor, shape: Shape) -> None:
    """Raise ``ValueError`` for images of another ``shape`` or range, or too few to measure against."""
    _check_images("reference", images, shape)
    if len(images) <= K_DENSITY:
        raise ValueError(f"reference: {len(images)} images, nearest neighbours need at least {K_DENSITY + 1}")


def check_sample(images: Tensor, n: int, shape: Shape) -> None:
    """Raise ``ValueError`` for images of another ``shape`` or range, or not as many as the ``n`` of the reference."""
    _check_images("images", images, shape)
    if len(images) != n:
        raise ValueError(
            f"images: {len(images)} of them, but the reference has {n}; metrics only compare at equal sample counts"
        )


def _check_images(name: str, images: Tensor, shape: Shape) -> None:
    if images.ndim != 4 or images.shape[1:] != shape:
        raise ValueError(f"{name}: expected shape (N, {', '.join(map(str, shape))}), got {tuple(images.shape)}")
    if not images.is_floating_point():
        raise ValueError(f"{name}: expected floating point values in [-1, 1], got {images.dtype}")
    if not bool(torch.isfinite(images).all()):
        raise ValueError(f"{name}: some values are not finite")
    if len(images) and images.abs().max() > 1 + SLACK:
        raise ValueError(f"{name}: values must lie in [-1, 1], found {images.min():.4g} to {images.max():.4g}")
