from hashlib import sha256

import pytest

from aeaug.data.by_content.shares import PARTS, SHARES, part_of


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
