"""The mixture: what stands where, and what every arm shares."""

import pytest
import torch

from aeaug.data.mixture import mixture_plan

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


@pytest.mark.parametrize("rates", [{}, {"ratio": 0.7}, {"probability": 0.4}])
def test_a_window_is_a_piece_of_the_sequence(rates):
    """Image t depends on (seed, t) alone, so an epoch does not depend on how the sequence was cut before it."""
    whole = mixture_plan(N, 0, 1_000, seed=1, **rates)
    for start, stop in [(0, 10), (115, 130), (333, 777), (999, 1_000)]:
        window = mixture_plan(N, start, stop, seed=1, **rates)
        assert window.origin.equal(whole.origin[start:stop])
        assert window.synthetic.equal(whole.synthetic[start:stop])


def test_seeds_differ():
    assert not mixture_plan(N, 0, N, seed=0).origin.equal(mixture_plan(N, 0, N, seed=1).origin)
