"""How many images there have to be of a user's own."""

import numpy as np
import pytest

from aeaug.data.by_content.shares import SHARES
from aeaug.run.enough import images_for


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("wanted", [20, 194, 1208])
def test_of_so_many_images_a_part_has_what_is_wanted(part, wanted):
    """In 97 of 100 folders, and a hundred images fewer would not do."""
    images, share, draw = images_for(part, wanted), SHARES[part] / 100, np.random.default_rng(0)
    assert (draw.binomial(images, share, 10_000) >= wanted).mean() >= 0.97
    assert images % 100 == 0
    assert (images - 100) * share < wanted + 2 * ((images - 100) * share * (1 - share)) ** 0.5
