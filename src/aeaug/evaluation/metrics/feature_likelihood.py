r"""Feature Likelihood Divergence (FLD) and its generalisation gap (Jiralerspong et al. 2023, arXiv:2302.04440).

A mixture of Gaussians is centred on the generated images :math:`y_j`, j = 1 … n, its variances are fitted to training
images, and other real images are asked how likely they are under it:

.. math::
    p_\sigma(x) = \frac{1}{n + 1} \Bigl( \mathcal N(x; 0, I)
        + \sum_{j=1}^n \mathcal N(x; y_j, \sigma_j^2 I) \Bigr), \qquad
    \ell(S) = -\frac{100}{F}\, \frac{1}{|S|} \sum_{x \in S} \log p_\sigma(x)

in features that have mean 0 and variance 1 over the test images. The variances start where the nearest training image
is most likely, :math:`\sigma_j^2 = (\min_x \|x - y_j\|^2 + 0.001) / F`, and 50 steps of Adam (rate 0.5) on
:math:`\log \sigma_j^2` lower :math:`\ell` of the training images. Then

.. math::
    \mathrm{FLD}(S) = \ell(S) - C(S), \qquad
    \text{FLD} = \mathrm{FLD}(\text{test}), \qquad
    \text{gap} = \mathrm{FLD}(\text{train}) - \mathrm{FLD}(\text{test}).

Images that look wrong, and real images that are like no generated one, raise FLD. A copy of a training image gets a
narrow Gaussian, which says little of images that were not copied: copies raise FLD and have a negative gap.

Constants and optimiser are those of the authors' code (marcojira/fld). It is meant for 50,000 training images and a
network's near-copies; with a subset of 100, and a floor that consists of exact copies, five things have to differ:

- *Halves.* The authors read the gap off the images that the variances were fitted to. With no fewer variances than
  images that is negative for all sets. Here the variances are fitted to one half of the training images,
  :math:`\ell(\text{train})` is read off the other, and both are means over the two ways round: a set that is
  independent of the training images has a gap by chance alone.
- *Background.* The Gaussian :math:`\mathcal N(0, I)` counts as one more of the mixture, in the fit and when read. The
  authors' (with a fitted variance and the weight of all others together) is in the fit alone. Without it one test
  image that no Gaussian reaches can make FLD as large as numbers go; with it the worst is about 100.
- *Narrowest variance*, 0.001 / F: that of an exact copy at the start. The authors' limit, e⁻⁴⁰, is below the rounding
  of distances.
- *Offset.* C(S) is :math:`\ell(S)` of n other real images of the reference, so that FLD is 0 for another real sample
  whatever the number of training images. The authors take that of one half of the training images under the other half.
- All 50 steps, where they stop when the loss stands still.

Of generated, test and other images each n are taken, of training images at most 2,000 in all.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.data.subset import are_even, balanced_order, order_like
from aeaug.evaluation.distances import CHUNK, squared_distances
from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample
from aeaug.randomness import generator

__all__ = ["LARGEST", "MEASUREMENT", "SMALLEST", "FeatureLikelihood", "Likelihood", "fit_log_variances"]

LARGEST = 2_000  # images of each kind: the time grows with the product of two
SMALLEST = 20  # images of each kind, training images in all: below, a mean says nothing
STEPS, RATE = 50, 0.5
SLACK = 1e-3  # added to the squared distance from which a variance starts; alone it makes the narrowest one
SMALLEST_EXPONENT = -600.0  # e⁻⁶⁰⁰ is nothing; what is smaller yet may be denormal, and ten times slower


class Likelihood(NamedTuple):
    """FLD and its gap, in hundredths of nats per feature."""

    divergence: float
    gap: float


class FeatureLikelihood:
    """FLD of any number of sets, with what depends on real images alone computed once.

    A set costs about 100 M n operations on an exponential, for M training images.
    """

    def __init__(self, train: Tensor, test: Tensor, real: Tensor, seed: int = 0) -> None:
        """Features of real images that have none in common, each at least 2.

        Args:
            train: ``(M, F)``; 2,000 are taken of more.
            test: ``(T, F)``, whose means and variances make the units.
            real: ``(n, F)`` for the offsets; as many are taken of each set.
            seed: of the images that are taken, and of the halves.

        Raises:
            ValueError: for other shapes, or values that are not finite.
        """
        for name, features in (("train", train), ("test", test), ("real", real)):
            require_features(name, features, train.shape[-1])
        self._n, self._seed = len(real), seed
        test = test.double()
        spread = test.std(0)
        # A feature that is constant over the test images keeps its own unit.
        self._mean, self._spread = test.mean(0), torch.where(spread > 0, spread, 1.0)
        self._test = self._standard(test)
        taken = self._standard(self._drawn(train, min(len(train), LARGEST), "training images"))
        self._halves = taken.tensor_split(2)
        self._offsets = self._lengths(self._standard(real))

    def __call__(self, features: Tensor) -> Likelihood:
        """FLD and gap of ``features (K, F)``, K >= n, of which n are drawn.

        Raises ``ValueError`` for fewer, other shapes, or values that are not finite.
        """
        require_features("features", features, len(self._mean))
        if len(features) < self._n:
            raise ValueError(f"features: expected at least {self._n}, got {len(features)}")
        found = self._lengths(self._standard(self._drawn(features, self._n, "generated images")))
        train, test = (length - offset for length, offset in zip(found, self._offsets, strict=True))
        return Likelihood(divergence=test, gap=train - test)

    def _standard(self, features: Tensor) -> Tensor:
        return (features.to(self._mean) - self._mean) / self._spread

    def _drawn(self, features: Tensor, n: int, kind: str) -> Tensor:
        order = torch.randperm(len(features), generator=generator(self._seed, f"feature likelihood: {kind}"))
        return features[order[:n].to(features.device)]

    def _lengths(self, centres: Tensor) -> tuple[float, float]:
        """ℓ of training and of test images under the mixtures on ``centres (n, F)``, means over both halves."""
        dimension = centres.shape[1]
        halves, test = [_distances(half, centres) for half in self._halves], _distances(self._test, centres)
        fits = [fit_log_variances(half, dimension) for half in halves]
        of_train = [_length(half, fit, dimension) for half, fit in zip(reversed(halves), fits, strict=True)]
        of_test = [_length(test, fit, dimension) for fit in fits]
        return sum(of_train) / 2, sum(of_test) / 2


def fit_log_variances(distances: Tensor, dimension: int) -> Tensor:
    """Logarithms of the variances, ``(n + 1,)``, of a mixture whose squared ``distances (M, n + 1)`` from M images are
    given; the last Gaussian is the background, whose variance stays 1.

    With responsibilities :math:`r_{ij}`, the loss :math:`-\\frac1{MF} \\sum_i \\log p(x_i)` has the gradient
    :math:`-\\frac1{MF} \\sum_i r_{ij} (\\|x_i - y_j\\|^2 / \\sigma_j^2 - F) / 2` for :math:`\\log \\sigma_j^2`.
    """
    narrowest = math.log(SLACK / dimension)
    log_variances = ((distances.amin(0) + SLACK) / dimension).log()
    log_variances[-1] = 0
    adam = torch.optim.Adam([log_variances], lr=RATE)
    for _ in range(STEPS):
        responsible, spread = torch.zeros_like(log_variances), torch.zeros_like(log_variances)
        precisions = log_variances.neg().exp()
        for rows in distances.split(CHUNK):
            shares = torch.addcmul(-dimension / 2 * log_variances, rows, -precisions / 2)
            shares.sub_(shares.amax(1, keepdim=True)).clamp_(min=SMALLEST_EXPONENT).exp_()
            whole = shares.sum(1).reciprocal_()
            responsible.addmv_(shares.T, whole)
            spread.addmv_(shares.mul_(rows).T, whole)
        gradient = (dimension * responsible - spread * precisions) / (2 * dimension * len(distances))
        gradient[-1] = 0
        log_variances.grad = gradient
        adam.step()
        log_variances.clamp_(min=narrowest)
    log_variances.grad = None
    return log_variances


def _distances(images: Tensor, centres: Tensor) -> Tensor:
    """Squared distances of ``images (M, F)`` from ``centres (n, F)`` and from the background's, 0: ``(M, n + 1)``."""
    centres = torch.cat([centres, torch.zeros_like(centres[:1])])
    return torch.cat([squared_distances(rows, centres) for rows in images.split(CHUNK)]).clamp_(min=0)


def _length(distances: Tensor, log_variances: Tensor, dimension: int) -> float:
    """ℓ of the images with squared ``distances (M, n + 1)``."""
    constants = -dimension / 2 * (log_variances + math.log(2 * math.pi)) - math.log(len(log_variances))
    precisions = log_variances.neg().exp()
    parts = [torch.addcmul(constants, rows, -precisions / 2).logsumexp(1) for rows in distances.split(CHUNK)]
    return -100 / dimension * torch.cat(parts).mean().item()


def _prepare(reference: Reference) -> Measure:
    assert reference.train is not None
    assert reference.labels is not None
    n = min(LARGEST, len(reference.features) // 2)
    if min(n, len(reference.train)) < SMALLEST:
        return lambda sample: {"feature_likelihood": None, "feature_likelihood_gap": None}
    # A subset is class-balanced, and both halves are, for classes differ in how likely they are. Where one of them has
    # too few images for that, the halves are random.
    order = balanced_order(reference.labels, reference.seed)[: 2 * n]
    if not are_even(reference.labels[order]):
        order = order_like(reference.labels, balanced=False)[: 2 * n]
    test, real = (reference.features[part] for part in order.to(reference.features.device).split(n))
    likelihood = FeatureLikelihood(reference.train, test, real, reference.seed)

    def measure(sample: Sample) -> dict[str, float]:
        divergence, gap = likelihood(sample.features)
        return {"feature_likelihood": divergence, "feature_likelihood_gap": gap}

    return measure


MEASUREMENT = Measurement(
    (
        Metric(
            "feature_likelihood",
            "FLD",
            "lower",
            "natural",
            1,
            "how unlikely test images are given the generated ones; 0: as given real ones, 100: given nothing",
            "distance",
        ),
        Metric(
            "feature_likelihood_gap",
            "FLD gap",
            "neither",
            "natural",
            1,
            "FLD of train minus FLD of test; negative: closer to train",
            "copying",
            caution="it rises where images get less like training and test images alike: read it by FLD and FD",
            read_by=("feature_likelihood", "frechet_gap", "authenticity", "frechet_distance"),
        ),
    ),
    _prepare,
    rank=3,
)
