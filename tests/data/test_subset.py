import pytest
import torch

from aeaug.data.subset import balanced_order, balanced_subset, fingerprint
from aeaug.randomness import generator

LABELS = torch.randint(10, (3_000,), generator=torch.Generator().manual_seed(1))


def test_order_is_a_permutation():
    assert balanced_order(LABELS, 0).sort().values.equal(torch.arange(3_000))


@pytest.mark.parametrize("n", [10, 37, 100, 500, 2_000])
def test_classes_differ_by_at_most_one(n):
    counts = LABELS[balanced_subset(LABELS, n, seed=3)].bincount(minlength=10)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("labels", [LABELS, LABELS[LABELS < 4], LABELS[LABELS % 2 == 1]])
def test_digits_are_dealt_as_they_always_were(labels):
    """By round, then by digit, as a number of two places."""
    rank = torch.empty(len(labels), dtype=torch.long)
    for c in labels.unique().tolist():
        members = (labels == c).nonzero().squeeze(1)
        rank[members] = torch.randperm(len(members), generator=generator(7, "subset of class", c))
    assert balanced_order(labels, 7).equal(torch.argsort(rank * 10 + labels))


@pytest.mark.parametrize("values", [range(37), [-3, 5, 1000, 10**12], [0], [7, 70, 700, 7000]])
def test_any_labels_are_dealt_in_turn(values):
    values = torch.tensor(list(values))
    labels = values[torch.randint(len(values), (2_000,), generator=torch.Generator().manual_seed(2))]
    order = balanced_order(labels, 0)
    assert order.sort().values.equal(torch.arange(2_000))
    fewest = min(int((labels == value).sum()) for value in values)
    rounds = labels[order[: fewest * len(values)]].split(len(values))
    assert all(one.equal(values.sort().values) for one in rounds)


def test_subsets_are_nested():
    small, large = balanced_subset(LABELS, 100, 5), balanced_subset(LABELS, 500, 5)
    assert small.equal(large[:100])


def test_seeds_choose_different_images():
    first, second = (set(balanced_subset(LABELS, 100, seed).tolist()) for seed in (0, 1))
    # Two random hundreds of three thousand share about three.
    assert len(first & second) < 20


def test_everything_can_be_taken():
    assert len(balanced_subset(LABELS, 3_000, 0).unique()) == 3_000


@pytest.mark.parametrize("n", [-1, 0, 9, 3_001])
def test_sizes_out_of_range_name_key_and_value(n):
    with pytest.raises(ValueError, match=rf"data\.n_train={n}: must be between 10 .* and 3000"):
        balanced_subset(LABELS, n, 0)


def test_fingerprint_sees_values_shape_and_type():
    x = torch.arange(6, dtype=torch.uint8)
    others = [x.flip(0), x.reshape(2, 3), x.to(torch.int8)]
    assert fingerprint(x) == fingerprint(x.clone())
    assert len({fingerprint(t) for t in [x, *others]}) == 4
