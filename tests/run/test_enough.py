"""How many images there have to be of a user's own."""

import numpy as np
import pytest

from aeaug.data.by_content.shares import SHARES
from aeaug.run.enough import fewest_of, images_for


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("wanted", [20, 77, 194, 1208])
def test_of_so_many_images_a_part_has_what_is_wanted(part, wanted):
    """In 97 of 100 folders, and a hundred images fewer would not do."""
    images, share, draw = images_for(part, wanted), SHARES[part] / 100, np.random.default_rng(0)
    assert (draw.binomial(images, share, 10_000) >= wanted).mean() >= 0.97
    assert images % 100 == 0
    assert (images - 100) * share < wanted + 2 * ((images - 100) * share * (1 - share)) ** 0.5


@pytest.mark.parametrize(
    ("features", "test", "validation"),
    [(96, 77, 39), (288, 231, 116), (289, 2 * 290, 2 * 290), (2_048, 2 * 2_049, 2 * 2_049)],
)
def test_of_features_that_few_images_were_never_measured_in_there_are_halves_to_fit(features, test, validation):
    assert (fewest_of("test", features), fewest_of("validation", features)) == (test, validation)
