import pytest
import torch

from aeaug.data.subset import are_even, balanced_order, dealt_in_turn, draw_subset, fingerprint, held_out_of, order_like
from aeaug.randomness import generator

LABELS = torch.randint(10, (3_000,), generator=torch.Generator().manual_seed(1))


def test_order_is_a_permutation():
    assert balanced_order(LABELS, 0).sort().values.equal(torch.arange(3_000))


@pytest.mark.parametrize("n", [10, 37, 100, 500, 2_000])
def test_classes_differ_by_at_most_one(n):
    counts = LABELS[draw_subset(LABELS, n, seed=3)].bincount(minlength=10)
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
    small, large = draw_subset(LABELS, 100, 5), draw_subset(LABELS, 500, 5)
    assert small.equal(large[:100])


def test_seeds_choose_different_images():
    first, second = (set(draw_subset(LABELS, 100, seed).tolist()) for seed in (0, 1))
    # Two random hundreds of three thousand share about three.
    assert len(first & second) < 20


def test_everything_can_be_taken():
    assert len(draw_subset(LABELS, 3_000, 0).unique()) == 3_000


@pytest.mark.parametrize("n", [-1, 0, 9, 3_001])
def test_sizes_out_of_range_name_key_and_value(n):
    with pytest.raises(ValueError, match=rf"data\.n_train={n}: must be between 10 .* and 3000"):
        draw_subset(LABELS, n, 0)


def test_fingerprint_sees_values_shape_and_type():
    x = torch.arange(6, dtype=torch.uint8)
    others = [x.flip(0), x.reshape(2, 3), x.to(torch.int8)]
    assert fingerprint(x) == fingerprint(x.clone())
    assert len({fingerprint(t) for t in [x, *others]}) == 4


@pytest.mark.parametrize("balanced", [True, False])
def test_seen_images_come_after_all_unseen_ones(balanced):
    def draw(n, seed):
        return draw_subset(LABELS, n, seed, unseen=1_000, balanced=balanced)

    assert (draw(999, 1) < 1_000).all()
    assert (draw(1_001, 1) < 1_000).sum() == 1_000
    assert draw(1_000, 1).sort().values.equal(torch.arange(1_000))
    assert draw(3_000, 1).sort().values.equal(torch.arange(3_000))
    # The same for every seed, where there is nothing to choose; in the same order, so that nothing tells them apart.
    for n in (1_000, 3_000):
        assert draw(n, 1).equal(draw(n, 2))
    assert draw(2_000, 1)[:1_000].equal(draw(2_000, 2)[:1_000])
    assert not draw(2_000, 1).equal(draw(2_000, 2))


def test_without_labels_classes_come_as_they_are():
    labels = (torch.arange(3_000) < 2_700).long()  # nine in ten
    chosen = [draw_subset(labels, 100, seed, balanced=False) for seed in range(50)]
    shares = torch.stack([labels[one].double().mean() for one in chosen])
    assert all(len(one.unique()) == 100 for one in chosen)
    assert 0.88 < float(shares.mean()) < 0.92  # its standard error is 0.004
    assert float(shares.std()) > 0.02  # dealt in turn it would be 0
    assert draw_subset(labels, 50, 3, balanced=False).equal(chosen[3][:50])
    balanced = draw_subset(labels, 100, 3)
    assert labels[balanced].double().mean() == 0.5


def test_of_many_classes_any_part_has_some_of_all_kinds():
    labels = torch.arange(1_000).repeat(5)
    order = balanced_order(labels, seed=0)
    assert order.sort().values.equal(torch.arange(5_000))
    for part in labels[order].split(1_000):
        assert part.unique().numel() == 1_000, "a round has each class once"
    for part in (order[:256], order[-256:]):
        hundreds = (labels[part] // 100).bincount(minlength=10)
        assert 0 < hundreds.min() <= hundreds.max() < 60


@pytest.mark.parametrize("count", [0, 5, 10, 13, 37, 99])
@pytest.mark.parametrize("classes", [10, 50])
def test_images_are_held_out_of_all_classes_evenly(classes, count):
    labels = torch.arange(classes).repeat(100 // classes)  # as they are dealt
    drawn = [held_out_of(labels, count, seed, balanced=True) for seed in (0, 1)]
    for held_out in drawn:
        assert int(held_out.sum()) == count
        counts = labels[held_out].bincount(minlength=classes)
        assert counts.max() - counts.min() <= 1
    # What is left of a round is drawn: whole rounds are the last ones.
    assert drawn[0].equal(drawn[1]) == (count % classes == 0)
    if count % classes == 0:
        assert drawn[0][100 - count :].all()


def test_of_a_random_subset_the_last_are_held_out():
    held_out = held_out_of(torch.zeros(40, dtype=torch.long), 7, 0, balanced=False)
    assert held_out.nonzero().squeeze(1).tolist() == [*range(33, 40)]


def test_other_images_have_the_classes_of_a_subset():
    """Balanced, or as often as they are among all."""
    labels = torch.cat([torch.zeros(900, dtype=torch.long), torch.ones(100, dtype=torch.long)])
    even, random = (order_like(labels, balanced=balanced) for balanced in (True, False))
    assert even.equal(balanced_order(labels, 0))
    assert random.sort().values.equal(torch.arange(1_000))
    assert labels[even[:100]].sum() == 50
    assert 0 <= int(labels[random[:100]].sum()) < 25  # 10, with a standard deviation of 3
    alone = torch.zeros(50, dtype=torch.long)
    assert order_like(alone, balanced=False).equal(balanced_order(alone, 0))


def uneven(majority=850, minority=150):
    """As a folder of two classes may be."""
    return torch.cat([torch.zeros(majority, dtype=torch.long), torch.ones(minority, dtype=torch.long)])


def test_evenness_is_one_image_more_or_a_ratio():
    assert are_even(torch.tensor([0, 0, 1]))
    assert not are_even(torch.tensor([0, 0, 0, 1]))
    assert are_even(torch.arange(10).repeat(3))
    assert are_even(uneven(130, 100), 1.5)
    assert not are_even(uneven(160, 100), 1.5)


@pytest.mark.parametrize("n", [600, 1_000])
def test_the_first_images_of_a_subset_are_of_all_its_classes(n):
    """Where one of them runs out: of 200 among so many, 150 of one class, the share is that of all but for chance."""
    labels = uneven()
    order = draw_subset(labels, n, 3)
    assert len(order.unique()) == n
    assert int(labels[order].sum()) == 150, "as balanced as there are images"
    share = 150 / n
    deviation = (200 * share * (1 - share)) ** 0.5
    assert abs(int(labels[order[:200]].sum()) - 200 * share) < 4 * deviation
    assert draw_subset(labels, n, 3).equal(order)


def test_what_is_held_out_of_an_uneven_subset_is_of_all_classes():
    labels = uneven()
    held_out = held_out_of(labels[draw_subset(labels, 1_000, 0)], 200, 0, balanced=True)
    assert int(held_out.sum()) == 200
    # Also of one whose order is that of the deal, as all of MNIST is: counts differ, and the last rounds lack a class.
    dealt = labels[balanced_order(labels, 0)]
    shares = [int(dealt[held_out_of(dealt, 200, seed, balanced=True)].sum()) for seed in range(5)]
    assert all(10 < share < 55 for share in shares)  # 30, with a standard deviation of 5


@pytest.mark.parametrize("counts", [(3, 5, 9), (7,), (4, 4), (1, 100)])
def test_classes_are_dealt_in_turn_until_one_runs_out(counts):
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    dealt = dealt_in_turn(labels)
    order = labels[balanced_order(labels, 3)]
    assert order[:dealt].bincount().tolist() == [min(counts)] * len(counts)
    following = order[dealt : dealt + len(counts)].bincount(minlength=len(counts))
    assert len(set(counts)) == 1 or following.min() == 0
