r"""Which distance leads: FD, or where there are too few images for it, the kernel distance.

FD fits a Gaussian to F features. Of n ≤ F images its covariance is singular, and of a few more its smallest variances
are too small by far: FD between samples of one distribution is then as large as that between different ones, and how
large it is depends on n as much as on the images. It is still measured, and compares at equal n, but the kernel
distance, which has no bias at any n, comes first in tables where

.. math:: n < 3 F.

With the 96 features of the package's nets these are fewer than 288 images.
"""

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.metrics import METRICS

__all__ = ["IMAGES_A_FEATURE", "leading_metric"]

IMAGES_A_FEATURE = 3


def leading_metric(images: int, num_features: int) -> Metric:
    """The distance that leads in ``num_features`` F of so many ``images`` n."""
    return METRICS["frechet_distance" if images >= IMAGES_A_FEATURE * num_features else "kernel_distance"]
