"""All metrics of a set of images against one reference set, on features computed once.

An evaluator is built for a reference (the validation slice for curves, the test split for the reported
number) and measures any number of sets against it: generated images, and with the same call the floors that
a number needs beside it (another real sample, the copied training subset, the decoded images). Every metric
here depends on the number of samples, so a set has to have as many images as the reference.
"""

import torch
from torch import Tensor

from aeaug.evaluation.features import FeatureNet, Features, extract
from aeaug.evaluation.metrics.frechet import FrechetDistance
from aeaug.evaluation.metrics.histogram import class_histogram, kl_to_uniform, modes
from aeaug.evaluation.metrics.prdc import prdc, squared_radii

__all__ = ["Evaluator", "Metrics"]

Metrics = dict[str, int | float | list[float] | None]

K_PRECISION, K_DENSITY = 3, 5
SLACK = 1e-3  # a decoder's rounding may leave [-1, 1] by a little; a wrong scale leaves it by a lot


class Evaluator:
    """Measures sets of images against ``reference`` on the device of ``net``.

    Features of the reference, their Gaussian and their neighbourhoods are computed here, once.

    Args:
        reference: ``(N, 1, 28, 28)`` in [-1, 1], on any device; N > 5.
        net: the frozen feature net.
        batch_size: images per forward pass of the net; bounds memory.

    Raises:
        ValueError: for images of another shape or range, or too few of them.
    """

    def __init__(self, reference: Tensor, net: FeatureNet, batch_size: int = 500) -> None:
        self._net, self._batch_size = net, batch_size
        _check_images("reference", reference)
        if len(reference) <= K_DENSITY:
            raise ValueError(f"reference: {len(reference)} images, nearest neighbours need at least {K_DENSITY + 1}")
        self.reference = self.features(reference).features.double()
        """Features of the reference, ``(N, F)`` float64."""
        self._frechet = FrechetDistance(self.reference)
        self._radii = squared_radii(self.reference, max(K_PRECISION, K_DENSITY))

    def __len__(self) -> int:
        """Number of images in the reference, and so in every set to be measured."""
        return len(self.reference)

    def features(self, images: Tensor) -> Features:
        """Features of ``images (N, 1, 28, 28)``, on the device of the net."""
        return extract(images, self._net, self._batch_size)

    def evaluate(self, images: Tensor) -> Metrics:
        """Every metric of ``images (N, 1, 28, 28)`` in [-1, 1], on any device, as plain numbers.

        Keys: ``n``, ``frechet_distance``, ``precision``, ``recall``, ``density``, ``coverage``,
        ``class_histogram`` (10 shares), ``class_kl`` (nats), ``modes``.

        Raises:
            ValueError: when there are not as many images as in the reference, or they have another shape, are
                not finite, or lie outside [-1, 1].
        """
        self.check(images)
        return self.measure(self.features(images))

    def check(self, images: Tensor) -> None:
        """Raise ``ValueError`` for ``images`` that :meth:`evaluate` would refuse."""
        _check_images("images", images)
        if len(images) != len(self):
            raise ValueError(
                f"images: {len(images)} of them, but the reference has {len(self)}; "
                "metrics only compare at equal sample counts"
            )

    def measure(self, measured: Features) -> Metrics:
        """What :meth:`evaluate` returns, from features that are already at hand."""
        neighbours = prdc(
            self.reference,
            measured.features,
            k_precision=K_PRECISION,
            k_density=K_DENSITY,
            real_radii=self._radii,
        )
        shares = class_histogram(measured.logits)
        return {
            "n": len(measured),
            "frechet_distance": self.frechet_distance(measured),
            **neighbours._asdict(),
            "class_histogram": shares,
            "class_kl": kl_to_uniform(shares),
            "modes": modes(shares),
        }

    def frechet_distance(self, measured: Features) -> float:
        """Fréchet distance of a set with these features to the reference."""
        return self._frechet(measured.features)


def _check_images(name: str, images: Tensor) -> None:
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
        raise ValueError(f"{name}: expected shape (N, 1, 28, 28), got {tuple(images.shape)}")
    if not images.is_floating_point():
        raise ValueError(f"{name}: expected floating point values in [-1, 1], got {images.dtype}")
    if not bool(torch.isfinite(images).all()):
        raise ValueError(f"{name}: some values are not finite")
    if len(images) and images.abs().max() > 1 + SLACK:
        raise ValueError(f"{name}: values must lie in [-1, 1], found {images.min():.4g} to {images.max():.4g}")
