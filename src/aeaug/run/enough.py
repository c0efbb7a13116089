"""Whether there are images enough to tell two GANs apart by: what an advice asks before it begins, and what is said of
an advice before it is asked for.

Of few images, FD is that of the few to many generated ones (:mod:`aeaug.evaluation.few_images`), down to 0.8 test
images and 0.4 validation images a feature: with the package's 96 features 77 and 39, by which generators whose FD
differs by a third and more are told apart (docs/feature_net.md has how often). In features for which that is not
measured, there are to be as many as FD at infinitely many needs, which halves them.
"""

import math
from itertools import count

from aeaug.data.by_content.shares import SHARES, Part
from aeaug.evaluation.features import FeatureNet
from aeaug.evaluation.few_images import are_few
from aeaug.evaluation.metrics.frechet_infinity import least_images
from aeaug.evaluation.spaces import PREFIX
from aeaug.run.options import RunOptions

__all__ = ["fewest_of", "images_for", "leading_features", "too_few"]

_A_FEATURE: dict[Part, float] = {"test": 0.8, "validation": 0.4}


def leading_features(options: RunOptions) -> int | None:
    """Of an image, in the feature space that leads; None where its net alone tells, which may have to be fetched."""
    of = options.data.of
    if options.spaces[0].startswith(PREFIX):
        return None
    return FeatureNet.num_features * (of.shape[0] if of.channels_of else 1)


def too_few(options: RunOptions, features: int) -> str | None:
    """What the data set of ``options`` has too few of, measured in so many ``features``, and of the user's own images
    how many would do; None where it has enough."""
    of, fewest = options.data.of, {part: fewest_of(part, features) for part in _A_FEATURE}
    own = hasattr(options.data, "content")
    would = f"; {max(images_for(part, least) for part, least in fewest.items()):,} images would do" * own
    for name, least, there in (
        ("test set", fewest["test"], of.test),
        ("validation slice", fewest["validation"], of.validation),
    ):
        if there < least:
            return f"its {name} has {there}, and FD needs {least}, for {features} features{would}"
    return None


def fewest_of(part: Part, features: int) -> int:
    """How many images of ``part``, the test set or the validation slice, an advice needs at least."""
    fewest = math.ceil(_A_FEATURE[part] * features)
    return fewest if are_few(fewest, features) else least_images(features)


def images_for(part: Part, wanted: int) -> int:
    """How many images there have to be, in hundreds, for ``part`` to have ``wanted``: the number that a part gets is a
    binomial one, and may be two standard deviations below its share."""
    share = SHARES[part] / 100
    return next(n for n in count(100, 100) if n * share - 2 * math.sqrt(n * share * (1 - share)) >= wanted)
