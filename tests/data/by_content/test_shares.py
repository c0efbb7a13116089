from hashlib import sha256

import numpy as np
import pytest

from aeaug.data.by_content.shares import PARTS, SHARES, images_for, part_of


def test_shares_are_of_100_images():
    assert sum(SHARES.values()) == 100
    assert tuple(SHARES) == PARTS


def test_a_hash_decides_and_shares_come_out():
    parts = [part_of(sha256(str(number).encode()).hexdigest()) for number in range(20_000)]
    for part, share in SHARES.items():
        assert parts.count(part) / len(parts) == pytest.approx(share / 100, abs=0.01)  # 3 standard deviations


def test_ends_of_the_range_belong_to_the_first_and_the_last_part():
    assert part_of("0" * 64) == PARTS[0]
    assert part_of("f" * 64) == PARTS[-1]


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("wanted", [20, 194, 1208])
def test_of_so_many_images_a_part_has_what_is_wanted(part, wanted):
    """In 97 of 100 folders, and a hundred images fewer would not do."""
    images, share, draw = images_for(part, wanted), SHARES[part] / 100, np.random.default_rng(0)
    assert (draw.binomial(images, share, 10_000) >= wanted).mean() >= 0.97
    assert images % 100 == 0
    assert (images - 100) * share < wanted + 2 * ((images - 100) * share * (1 - share)) ** 0.5
