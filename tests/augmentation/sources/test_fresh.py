"""Fresh images are real, beyond the subset, and drawn uniformly."""

import pytest
import torch

from aeaug.data import to_float


def rows(images):
    return {image.numpy().tobytes() for image in images}


def test_none_of_them_is_in_subset_validation_slice_or_test_set(embedded):
    fresh, splits = embedded.fresh_images, embedded.splits
    assert len(fresh) == len(splits.unseen_images) - len(embedded.train_images)
    for others in (embedded.train_images, splits.val_images, splits.test_images):
        assert not rows(fresh) & rows(others)


def test_each_is_drawn_as_often_whatever_the_index(source_of, embedded, draw):
    some = embedded.fresh_images[:10]
    drawn = source_of(name="fresh", fresh=some)(torch.zeros(5_000, dtype=torch.long), draw())
    which = (drawn[:, None] == to_float(some)[None]).flatten(2).all(2)
    assert which.sum(1).eq(1).all()
    counts = which.sum(0).double()
    assert float(((counts - 500) ** 2 / 500).sum()) < 28  # chi squared, 9 degrees of freedom, 0.1%
    assert float(((counts - 500) ** 2 / 500).sum()) > 0.8


def test_without_any_one_line_says_so(source_of, embedded):
    with pytest.raises(ValueError, match="source=fresh: there are no real images beyond the training subset"):
        source_of(name="fresh", fresh=embedded.fresh_images[:0])
