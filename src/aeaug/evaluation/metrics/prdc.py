r"""Precision, recall, density and coverage: fidelity and diversity from nearest neighbours in feature space.

With :math:`B_k(x)` the open ball around :math:`x` that reaches its k-th nearest neighbour in its own set,

.. math::
    \text{precision} &= \tfrac1M \textstyle\sum_j 1[\, y_j \in \bigcup_i B_k(x_i) \,] \\
    \text{recall}    &= \tfrac1N \textstyle\sum_i 1[\, x_i \in \bigcup_j B_k(y_j) \,] \\
    \text{density}   &= \tfrac1{kM} \textstyle\sum_j \sum_i 1[\, y_j \in B_k(x_i) \,] \\
    \text{coverage}  &= \tfrac1N \textstyle\sum_i 1[\, \exists j : y_j \in B_k(x_i) \,]

for real samples :math:`x_i` and generated ones :math:`y_j` (Kynkäänniemi et al. 2019, arXiv:1904.06991, k =
3; Naeem et al. 2020, arXiv:2002.09797, k = 5). All lie in [0, 1] but density, which is about 1 for samples
of the real distribution and higher for sets that crowd where real samples are dense.
"""

from functools import partial
from typing import NamedTuple

from torch import Tensor

from aeaug.evaluation.distances import Balls, balls, nearest
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample

__all__ = ["K_DENSITY", "MEASUREMENT", "PRDC", "prdc", "reference_balls", "reference_radii", "squared_radii"]

K_PRECISION, K_DENSITY = 3, 5


class PRDC(NamedTuple):
    """``precision``, ``recall`` and ``coverage`` in [0, 1], ``density`` at least 0; each is higher for better sets."""

    precision: float
    recall: float
    density: float
    coverage: float


def squared_radii(features: Tensor, k: int) -> Tensor:
    """Squared distances of ``features (N, F)`` to their k nearest others: ``(N, k)`` float64, ascending.

    Column j - 1 holds the squared radii of the balls :math:`B_j`. Raises ``ValueError`` unless 1 <= k < N.
    """
    if not 1 <= k < len(features):
        raise ValueError(f"k: expected 1 <= k < {len(features)} samples, got {k}")
    return nearest(features, features, k + 1)[0][:, 1:]  # every sample is its own nearest


def prdc(
    real: Tensor,
    generated: Tensor,
    *,
    k_precision: int = 3,
    k_density: int = 5,
    real_radii: Tensor | None = None,
    found: Balls | None = None,
) -> PRDC:
    """Precision and recall with ``k_precision`` neighbours, density and coverage with ``k_density``.

    Args:
        real: features ``(N, F)``.
        generated: features ``(M, F)``; the metrics only compare at equal N and M.
        k_precision: k of the balls for precision and recall.
        k_density: k of the balls for density and coverage.
        real_radii: ``squared_radii(real, k)`` with k at least both, for callers that measure many sets.
        found: who lies in whose ball, real ones with the larger k and generated ones with ``k_precision``, where it is
            known already.

    Raises ``ValueError`` when either set has no more than k samples. Nothing else is checked: what is not finite gives
    numbers that mean nothing.
    """
    real, generated = real.double(), generated.double()
    if real_radii is None:
        real_radii = squared_radii(real, max(k_precision, k_density))
    if found is None:
        largest = real_radii[:, max(k_precision, k_density) - 1]
        found = balls(real, largest, generated, squared_radii(generated, k_precision)[:, -1])
    within_precision = found.squared < real_radii[found.rows, k_precision - 1]
    within_density = found.squared < real_radii[found.rows, k_density - 1]
    return PRDC(
        precision=len(found.columns[within_precision].unique()) / len(generated),
        recall=int(found.covered.sum()) / len(real),
        density=int(within_density.sum()) / (k_density * len(generated)),
        coverage=len(found.rows[within_density].unique()) / len(real),
    )


def reference_radii(reference: Reference) -> Tensor:
    """Squared radii of the reference's balls, ``(N, 5)``."""
    return reference.keep(f"squared radii, k = {K_DENSITY}", partial(squared_radii, k=K_DENSITY), reference.features)


def reference_balls(reference: Reference, radii: Tensor, sample: Sample) -> Balls:
    """Who of ``sample`` lies in the ball of an image of the reference, k = 5, and who of the reference in the ball of
    one of the sample, k = 3; ``radii``: :func:`reference_radii`."""
    return sample.once(
        "balls",
        lambda: balls(
            reference.features, radii[:, -1], sample.features, squared_radii(sample.features, K_PRECISION)[:, -1]
        ),
    )


def _prepare(reference: Reference) -> Measure:
    radii = reference_radii(reference)

    def measure(sample: Sample) -> dict[str, float]:
        found = reference_balls(reference, radii, sample)
        return prdc(
            reference.features,
            sample.features,
            k_precision=K_PRECISION,
            k_density=K_DENSITY,
            real_radii=radii,
            found=found,
        )._asdict()

    return measure


MEASUREMENT = Measurement(
    (
        Metric(
            "precision",
            "precision",
            "higher",
            "natural",
            3,
            "share of generated images that look real (k = 3)",
            "fidelity",
        ),
        Metric(
            "recall",
            "recall",
            "higher",
            "natural",
            3,
            "share of real images that the generator covers (k = 3)",
            "diversity",
            caution="it rises where generated images scatter, too: read it by coverage",
            read_by=("coverage", "class_kl", "frechet_distance"),
        ),
        Metric(
            "density",
            "density",
            "higher",
            "natural",
            3,
            "how densely generated images lie among real ones (k = 5)",
            "fidelity",
        ),
        Metric(
            "coverage",
            "coverage",
            "higher",
            "natural",
            3,
            "share of real images with a generated one near (k = 5)",
            "diversity",
        ),
    ),
    _prepare,
    rank=5,
)
