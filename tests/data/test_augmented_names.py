from pathlib import Path

import pytest

from aeaug.data.augmented_names import synthetic_among


def test_names_of_both_kinds_say_which_are_synthetic():
    files = ["3/real_000000.png", "none/synthetic_000001.png", "mine.png", "synthetic_1234567.png", "real_dog.jpg"]
    assert synthetic_among(files) == [False, True, False, True, False]
    assert synthetic_among([Path(file) for file in files]) == synthetic_among(files)


@pytest.mark.parametrize(
    "files",
    [
        [],
        ["a.png", "b.png"],
        ["real_000000.png", "real_000001.png"],
        ["synthetic_000000.png", "synthetic_000001.png"],
        ["real_000000.png", "synthetic_12.png", "synthetic_000001.jpg", "my_synthetic_000001.png"],
    ],
)
def test_of_one_kind_alone_or_of_like_names_nothing_is_told(files):
    assert synthetic_among(files) is None
