"""The mixture: what stands where, and what every arm shares."""

from fractions import Fraction
from math import floor

import pytest
import torch

from aeaug.data import mixture
from aeaug.data.mixture import MixturePlan, mixture_plan, thinned_plan

N = 120


def real_order(plan):
    return plan.origin[~plan.synthetic]


def test_plain_training_shows_every_image_once_a_pass():
    plan = mixture_plan(N, 0, 3 * N, seed=0)
    assert not plan.synthetic.any()
    for one in plan.origin.split(N):
        assert one.sort().values.equal(torch.arange(N))


def test_passes_differ():
    first, second = mixture_plan(N, 0, 2 * N, seed=0).origin.split(N)
    assert not first.equal(second)


@pytest.mark.parametrize("ratio", [0.25, 1.0, 2.5])
def test_append_counts(ratio):
    length = N + round(ratio * N)
    plan = mixture_plan(N, 0, length, ratio=ratio, seed=0)
    assert plan.synthetic.sum() == round(ratio * N)
    assert real_order(plan).sort().values.equal(torch.arange(N))
    # Origins of synthetic images: each used once before any is used twice.
    uses = plan.origin[plan.synthetic].bincount(minlength=N)
    assert uses.max() - uses.min() <= 1


def test_append_spreads_synthetic_images_evenly():
    plan = mixture_plan(1_000, 0, 2_000, ratio=1.0, seed=0)
    in_first_half = plan.synthetic[:1_000].float().mean()
    assert 0.42 < in_first_half < 0.58  # five standard deviations of a hypergeometric draw


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.0])
def test_real_order_is_the_same_in_every_arm(ratio):
    baseline = mixture_plan(N, 0, 5 * N, seed=7).origin
    arm = real_order(mixture_plan(N, 0, 5 * N, ratio=ratio, seed=7))
    assert arm.equal(baseline[: len(arm)])
    assert len(arm) > N


def test_replace_keeps_order_and_origin():
    baseline = mixture_plan(N, 0, 4 * N, seed=7)
    arm = mixture_plan(N, 0, 4 * N, probability=0.3, seed=7)
    assert arm.origin.equal(baseline.origin)


@pytest.mark.parametrize("probability", [0.1, 0.5, 1.0])
def test_replace_rate(probability):
    share = mixture_plan(2_000, 0, 20_000, probability=probability, seed=0).synthetic.float().mean().item()
    assert share == pytest.approx(probability, abs=5 * (0.25 / 20_000) ** 0.5)


@pytest.mark.parametrize(
    "rates",
    [{}, {"ratio": 0.7}, {"probability": 0.4}, {"ratio": 0.004}, {"ratio": 1 / 3}, {"ratio": 2.123}, {"ratio": 99.99}],
)
def test_a_window_is_a_piece_of_the_sequence(rates):
    """Image t depends on (seed, t) alone, so an epoch does not depend on how the sequence was cut before it."""
    whole = mixture_plan(N, 0, 1_000, seed=1, **rates)
    for start, stop in [(0, 10), (115, 130), (333, 777), (999, 1_000)]:
        window = mixture_plan(N, start, stop, seed=1, **rates)
        assert window.origin.equal(whole.origin[start:stop])
        assert window.synthetic.equal(whole.synthetic[start:stop])


@pytest.mark.parametrize("n_real", [10, 14, 100, 997])
@pytest.mark.parametrize("ratio", [1e-4, 0.004, 0.1, 1 / 3, 0.7, 0.999, 1.0, 2.123, 17.3])
def test_the_share_appended_is_that_of_the_ratio_over_whole_passes(n_real, ratio):
    """To within one image, whatever the ratio and however few the images; and real ones come in turn."""
    passes = 23
    appended = floor(Fraction(repr(ratio)) * n_real * passes)
    images = n_real * passes + appended
    plan = mixture_plan(n_real, 0, images, ratio=ratio, seed=0)
    assert plan.synthetic.sum() == appended
    assert -1 < appended - images * ratio / (1 + ratio) < 1e-6
    for one_pass in real_order(plan).split(n_real):
        assert one_pass.sort().values.equal(torch.arange(n_real))


@pytest.mark.parametrize(("ratio", "n_real"), [(0.004, 100), (0.1, 14), (0.25, 10), (5.55, 11)])
def test_passes_differ_by_at_most_one_image(ratio, n_real):
    """Pass by pass, found by where the real images of one end and those of the next begin."""
    plan = mixture_plan(n_real, 0, 200 * n_real, ratio=ratio, seed=3)
    k = Fraction(repr(ratio)) * n_real
    index = 0
    while (end := (index + 1) * n_real + floor((index + 1) * k)) <= len(plan.origin):
        begin = index * n_real + floor(index * k)
        one = MixturePlan(*(part[begin:end] for part in plan))
        assert real_order(one).sort().values.equal(torch.arange(n_real))
        assert int(one.synthetic.sum()) in {floor(k), floor(k) + 1}
        index += 1
    assert index > 20


def by_equal_passes(n_real, start, stop, *, ratio=0.0, probability=0.0, seed):
    """The mixture as it was before ratios were exact: as many appended images in every pass."""
    length = n_real + round(ratio * n_real)
    first, last = start // length, (stop - 1) // length
    passes = [
        mixture._one_pass(n_real, length - n_real, bool(probability), False, seed, i) for i in range(first, last + 1)
    ]
    window = slice(start - first * length, stop - first * length)
    origin, appended, draw = (torch.cat(parts)[window] for parts in zip(*passes, strict=True))
    return MixturePlan(origin, appended | (draw < probability))


@pytest.mark.parametrize(
    ("n_real", "rates"),
    [
        (120, {}),
        (120, {"ratio": 1.0}),
        (120, {"ratio": 1}),
        (100, {"ratio": 0.01}),
        (500, {"ratio": 0.1}),
        (100, {"ratio": 0.29}),  # 0.29 * 100 is 28.999999999999996
        (3_500, {"ratio": 0.57}),
        (120, {"ratio": 2.5}),
        (55, {"probability": 0.3}),
        (40, {"ratio": 0.5, "probability": 0.25}),
    ],
)
def test_where_passes_hold_whole_numbers_they_are_what_they_were(n_real, rates):
    for start, stop in [(0, 3 * n_real), (17, 18), (12_345, 13_000), (10**9, 10**9 + 300)]:
        now, before = (plan(n_real, start, stop, seed=5, **rates) for plan in (mixture_plan, by_equal_passes))
        assert now.origin.equal(before.origin)
        assert now.synthetic.equal(before.synthetic)


@pytest.mark.parametrize("ratio", [1e-4, 0.1, 1 / 3, 2.123])
def test_an_image_far_into_the_sequence_is_found_at_once(ratio, monkeypatch):
    mixture._pass.cache_clear()
    made = []
    one_pass = mixture._one_pass
    monkeypatch.setattr(mixture, "_one_pass", lambda *arguments: made.append(arguments) or one_pass(*arguments))
    start = 10**10 - 7
    plan = mixture_plan(14, start, start + 20, ratio=ratio, seed=0)
    assert len(plan.origin) == len(plan.synthetic) == 20
    assert len(made) <= 3
    first, k = made[0][-1], Fraction(repr(ratio)) * 14
    assert first * 14 + floor(first * k) <= start < (first + 1) * 14 + floor((first + 1) * k)


def test_seeds_differ():
    assert not mixture_plan(N, 0, N, seed=0).origin.equal(mixture_plan(N, 0, N, seed=1).origin)


# --- rates that change

RATES = [{"ratio": 1.0}, {"ratio": 1 / 3}, {"ratio": 2.5}, {"probability": 0.4}, {"ratio": 0.5, "probability": 0.3}]


def walked(shares, size, n_real=N, start=0, **rates):
    """The plans of consecutive blocks of ``size`` images, one for each of ``shares``, as one, and the last position."""
    plans, position = [], start
    for share in shares:
        plan, position = thinned_plan(n_real, position, size, share, seed=3, **rates)
        assert len(plan.origin) == len(plan.synthetic) == size
        plans.append(plan)
    return MixturePlan(*map(torch.cat, zip(*plans, strict=True))), position


@pytest.mark.parametrize("rates", RATES)
def test_at_all_of_its_rates_it_is_the_sequence_itself(rates):
    found, position = walked([1.0] * 9, 77, **rates)
    plain = mixture_plan(N, 0, 9 * 77, seed=3, **rates)
    assert position == 9 * 77
    assert found.origin.equal(plain.origin)
    assert found.synthetic.equal(plain.synthetic)


@pytest.mark.parametrize("rates", RATES)
def test_at_none_of_its_rates_it_is_plain_training(rates):
    found, _ = walked([0.0] * 9, 77, **rates)
    assert found.origin.equal(mixture_plan(N, 0, 9 * 77, seed=3).origin)
    assert not found.synthetic.any()


@pytest.mark.parametrize("rates", RATES)
def test_real_images_come_in_the_same_order_whatever_the_shares(rates):
    shares = [0.0, 0.3, 1.0, 0.7, 0.05, 0.0, 1.0, 0.5]
    found, _ = walked(shares, 101, **rates)
    baseline = mixture_plan(N, 0, 8 * 101, seed=3).origin
    if "ratio" not in rates:
        assert found.origin.equal(baseline)
        return
    thinned, position = [], 0  # the appended ones, which the plan does not tell from swapped ones
    for share in shares:
        before, position = position, thinned_plan(N, position, 101, share, seed=3, **rates)[1]
        alone, after = thinned_plan(N, before, 101, share, seed=3, ratio=rates["ratio"])
        assert after == position  # swapping moves nothing
        thinned.append(alone.synthetic)
    real = found.origin[~torch.cat(thinned)]
    assert len(real) > 300
    assert real.equal(baseline[: len(real)])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("rates", [{"ratio": 1.0}, {"ratio": 0.5}, {"probability": 0.6}])
def test_a_share_of_the_rates_is_shown(rates, share):
    count, n_real = 40_000, 1_000
    found, position = walked([share], count, n_real, **rates)
    ratio = rates.get("ratio", 0) * share
    expected = ratio / (1 + ratio) + rates.get("probability", 0) * share
    assert found.synthetic.float().mean().item() == pytest.approx(expected, abs=5 * (0.25 / count) ** 0.5)
    stretched = (1 + rates.get("ratio", 0)) / (1 + ratio)
    assert position == pytest.approx(stretched * count, rel=0.03)


def test_what_is_shown_depends_on_the_shares_until_there_and_the_position_alone():
    shares = [1.0, 0.2, 0.6, 0.0, 0.9]
    whole, end = walked(shares, 64, ratio=1.0)
    first, middle = walked(shares[:3], 64, ratio=1.0)
    mixture._pass.cache_clear()
    second, after = walked(shares[3:], 64, start=middle, ratio=1.0)
    assert after == end
    for one, parts in zip(whole, zip(first, second, strict=True), strict=True):
        assert one.equal(torch.cat(parts))


def test_more_is_shown_at_a_larger_share():
    """An image that is shown at one share is shown at every larger one."""
    few, many = (mixture._pass(N, Fraction(N), False, True, 0, 0).draw < share for share in (0.3, 0.6))
    assert bool((few <= many).all())
    assert few.sum() < many.sum()
