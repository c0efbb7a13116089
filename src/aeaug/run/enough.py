"""Whether there are as many images as FD at infinitely many needs, which halves them: what an advice asks before it
begins, and what is said of an advice before it is asked for."""

from itertools import count
from math import sqrt

from aeaug.data.by_content.shares import SHARES, Part
from aeaug.evaluation.features import FeatureNet
from aeaug.evaluation.metrics.frechet_infinity import least_images
from aeaug.evaluation.spaces import PREFIX
from aeaug.run.options import RunOptions

__all__ = ["images_for", "leading_features", "too_few"]


def leading_features(options: RunOptions) -> int | None:
    """Of an image, in the feature space that leads; None where its net alone tells, which may have to be fetched."""
    of = options.data.of
    if options.spaces[0].startswith(PREFIX):
        return None
    return FeatureNet.num_features * (of.shape[0] if of.channels_of else 1)


def too_few(options: RunOptions, features: int) -> str | None:
    """What the data set of ``options`` has too few of, measured in so many ``features``, and of the user's own images
    how many would do; None where it has enough."""
    fewest, of = least_images(features), options.data.of
    own = hasattr(options.data, "content")
    would = f"; {max(images_for('test', fewest), images_for('validation', fewest)):,} images would do" * own
    for part, there in (("test set", of.test), ("validation slice", of.validation)):
        if there < fewest:
            return f"its {part} has {there}, and FD needs {fewest}, for {features} features{would}"
    return None


def images_for(part: Part, wanted: int) -> int:
    """How many images there have to be, in hundreds, for ``part`` to have ``wanted``: the number that a part gets is a
    binomial one, and may be two standard deviations below its share."""
    share = SHARES[part] / 100
    return next(n for n in count(100, 100) if n * share - 2 * sqrt(n * share * (1 - share)) >= wanted)
