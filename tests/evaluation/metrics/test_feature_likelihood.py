"""Feature Likelihood Divergence against a literal implementation by autograd and torch.distributions."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from torch.nn.functional import avg_pool2d

from aeaug.evaluation import FeatureNet
from aeaug.evaluation.features import extract
from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics.feature_likelihood import (
    MEASUREMENT,
    SMALLEST,
    FeatureLikelihood,
    Likelihood,
    fit_log_variances,
)
from aeaug.randomness import generator


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mixture(centres: Tensor, log_variances: Tensor) -> MixtureSameFamily:
    """One Gaussian on each of ``centres (n, F)`` and a standard normal distribution, all with the same weight."""
    n, f = centres.shape
    means = torch.cat([centres, torch.zeros(1, f, dtype=torch.float64)])
    deviations = torch.cat([log_variances.exp().sqrt(), torch.ones(1, dtype=torch.float64)])
    weights = Categorical(torch.ones(n + 1, dtype=torch.float64))
    return MixtureSameFamily(weights, Independent(Normal(means, deviations[:, None].expand(-1, f)), 1))


def fit_literally(images: Tensor, centres: Tensor) -> Tensor:
    """Variances by autograd through the mixture's own log-likelihood."""
    f = centres.shape[1]
    log_variances = ((torch.cdist(images, centres).square().amin(0) + 1e-3) / f).log().requires_grad_()
    adam = torch.optim.Adam([log_variances], lr=0.5)
    for _ in range(50):
        adam.zero_grad()
        (-mixture(centres, log_variances).log_prob(images).mean() / f).backward()
        adam.step()
        log_variances.data.clamp_(min=math.log(1e-3 / f))
    return log_variances.detach()


def literally(train: Tensor, test: Tensor, real: Tensor, generated: Tensor) -> Likelihood:
    """FLD and gap as the module's docstring defines them; every set is taken whole."""
    mean, spread = test.mean(0), test.std(0)
    order = torch.randperm(len(train), generator=generator(0, "feature likelihood: training images"))
    train, test, real, generated = ((x - mean) / spread for x in (train[order], test, real, generated))
    halves = train[: (len(train) + 1) // 2], train[(len(train) + 1) // 2 :]

    def lengths(centres: Tensor) -> Tensor:
        found = []
        for fitted, held_out in (halves, halves[::-1]):
            model = mixture(centres, fit_literally(fitted, centres))
            found.append([-100 * model.log_prob(x).mean().item() / x.shape[1] for x in (held_out, test)])
        return torch.tensor(found, dtype=torch.float64).mean(0)

    of_train, of_test = (lengths(generated) - lengths(real)).tolist()
    return Likelihood(of_test, of_train - of_test)


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_variances_are_those_of_autograd(scale: float):
    images, centres = normal(70, 5, 0), torch.cat([scale * normal(40, 5, 1), normal(70, 5, 0)[:3]])
    background = torch.cat([centres, torch.zeros(1, 5, dtype=torch.float64)])
    fitted = fit_log_variances(torch.cdist(images, background).square(), 5)
    assert fitted[-1] == 0
    assert fitted[:-1].numpy() == pytest.approx(fit_literally(images, centres).numpy(), abs=1e-6)
    assert fitted[-4:-1].numpy() == pytest.approx(math.log(1e-3 / 5))  # of the copies
    assert fitted[:-4].std() > 0.3


@pytest.mark.parametrize(
    "generated",
    [normal(50, 4, 3), 0.3 * normal(50, 4, 4) + 1, 5 * normal(50, 4, 5), normal(61, 4, 6)[:50] + 0.01],
    ids=["same", "narrow", "wide", "near copies"],
)
def test_agrees_with_a_literal_implementation(generated: Tensor):
    units = torch.tensor([1.0, 0.1, 30.0, 2.0], dtype=torch.float64)
    train, test, real, generated = (
        x * units + 7 for x in (normal(61, 4, 6), normal(80, 4, 7), normal(50, 4, 8), generated)
    )
    expected = literally(train, test, real, generated)
    assert FeatureLikelihood(train, test, real)(generated) == pytest.approx(expected, abs=1e-5)
    assert abs(expected.divergence) > 0.1
    assert abs(expected.gap) > 0.1


def test_the_worst_there_is_has_what_the_background_says():
    """Of Gaussians out of sight N(0, I) is left: of units in which test images have mean 0 and variance 1."""
    f, n, far = 6, 40, 1e6
    likelihood = FeatureLikelihood(normal(30, f, 9), normal(50, f, 10), normal(n, f, 11))
    nowhere = likelihood(normal(n, f, 12) + far)
    test = normal(50, f, 10)
    standard = (test - test.mean(0)) / test.std(0)
    background = 50 * (math.log(2 * math.pi) + standard.square().mean().item()) + 100 / f * math.log(n + 1)
    offset = background - nowhere.divergence
    assert likelihood(-normal(n, f, 13) - 2 * far).divergence == pytest.approx(nowhere.divergence, abs=1e-6)
    # Without copies or structure, one Gaussian is nearly all there is to say of a normal distribution.
    assert 100 * (math.log(2 * math.pi) + 1) / 2 - 10 < offset < background
    assert 0 < nowhere.divergence < 100


def test_the_images_of_the_offset_have_none():
    train, test, real = normal(60, 5, 14), normal(70, 5, 15), normal(40, 5, 16)
    assert FeatureLikelihood(train, test, real)(real.flip(0)) == pytest.approx((0, 0), abs=1e-9)


def curved(n: int, seed: int) -> Tensor:
    """Points ``(n, 12)`` near a surface of four dimensions, as images' features are."""
    return torch.sin(normal(n, 4, seed) @ normal(4, 12, 99))


def test_fresh_samples_have_neither_divergence_nor_gap_and_copies_have_both():
    """The gap of the images that variances were fitted to is negative for fresh samples too: it is not what is read."""
    fresh, copies, in_sample = [], [], []
    for seed in range(0, 40, 5):
        train, test, real, generated = (curved(n, 100 + seed + i) for i, n in enumerate((30, 200, 100, 100)))
        likelihood = FeatureLikelihood(train, test, real, seed)
        fresh.append(likelihood(generated))
        copies.append(likelihood(train.repeat(4, 1)[:100]))
        if seed < 15:
            train, generated = ((x - test.mean(0)) / test.std(0) for x in (train, generated))
            model, test = mixture(generated, fit_literally(train, generated)), (test - test.mean(0)) / test.std(0)
            in_sample.append(100 / 12 * (model.log_prob(test).mean() - model.log_prob(train).mean()).item())
    divergence, gap = torch.tensor(fresh, dtype=torch.float64).mean(0).tolist()
    assert divergence == pytest.approx(0, abs=2)
    assert gap == pytest.approx(0, abs=5)
    assert sum(in_sample) / len(in_sample) < -8
    assert all(score.gap < -35 and score.divergence > 6 for score in copies)


def test_a_set_that_drops_or_blurs_diverges_and_a_copy_has_a_gap(
    digits: Tensor, stored: tuple[Tensor, Tensor], net: FeatureNet
):
    order = torch.randperm(5_000, generator=torch.Generator().manual_seed(0))[:2_000]
    features, labels = extract(digits[order], net, 500).features, stored[1][order]
    train, test, real, fresh = features[:100], features[100:700], features[700:1_000], features[1_000:]
    likelihood = FeatureLikelihood(train, test, real)
    sets = {
        "fresh": fresh[:300],
        "no three": fresh[labels[1_000:] != 3][:300],
        "blurred": extract(avg_pool2d(digits[order[1_000:1_300]], 5, 1, 2), net, 500).features,
        "copies": train.repeat(3, 1),
        "noise": extract(torch.rand(300, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1, net).features,
    }
    scores = {name: likelihood(found) for name, found in sets.items()}
    assert abs(scores["fresh"].divergence) < 4
    assert scores["fresh"].divergence + 1.5 < scores["no three"].divergence < 15
    assert 20 < scores["copies"].divergence < 60
    assert 40 < scores["blurred"].divergence < scores["noise"].divergence < 110
    assert scores["copies"].gap < -40
    assert all(abs(scores[name].gap) < 12 for name in scores if name != "copies")


def test_numbers_do_not_depend_on_units_order_or_the_global_stream():
    train, test, real, generated = normal(40, 5, 20), normal(60, 5, 21), normal(50, 5, 22), 1.2 * normal(50, 5, 23)
    expected = FeatureLikelihood(train, test, real)(generated)
    units, shift = torch.tensor([0.01, 1, 5, 30, 1000], dtype=torch.float64), 3.0
    torch.manual_seed(1)
    state = torch.get_rng_state()
    moved = FeatureLikelihood(*(x * units + shift for x in (train, test, real)))
    assert moved(generated * units + shift) == pytest.approx(expected, abs=1e-6)
    assert FeatureLikelihood(train, test.flip(0), real)(generated.flip(0)) == pytest.approx(expected, abs=1e-6)
    assert FeatureLikelihood(train, test, real)(generated) == expected
    assert torch.get_rng_state().equal(state)


def test_parts_that_distances_are_looked_at_in_make_no_difference(monkeypatch: pytest.MonkeyPatch):
    train, test, real, generated = (normal(n, 5, 40 + n) for n in (41, 60, 50, 51))
    whole = FeatureLikelihood(train, test, real)(generated)
    monkeypatch.setattr("aeaug.evaluation.metrics.feature_likelihood.CHUNK", 7)
    assert FeatureLikelihood(train, test, real)(generated) == pytest.approx(whole, abs=1e-8)


def test_as_many_are_drawn_as_the_offset_has_by_the_seed():
    train, test, real, generated = normal(40, 5, 24), normal(60, 5, 25), normal(50, 5, 26), normal(500, 5, 27)
    scores = [FeatureLikelihood(train, test, real, seed)(generated) for seed in (0, 0, 1)]
    assert scores[0] == scores[1] != scores[2]
    with pytest.raises(ValueError, match="features: expected at least 50, got 49"):
        FeatureLikelihood(train, test, real)(generated[:49])


def test_a_feature_that_is_constant_over_the_test_images_is_no_division_by_zero():
    sets = [torch.cat([normal(50, 4, 28 + i), torch.ones(50, 1)], 1) for i in range(4)]
    score = FeatureLikelihood(*sets[:3])(sets[3])
    assert all(map(math.isfinite, score))
    assert FeatureLikelihood(*sets[:3])(sets[3] + torch.tensor([0, 0, 0, 0, 9.0])).divergence > score.divergence + 20


def test_too_few_images_have_no_number():
    features, labels = normal(4 * SMALLEST, 5, 32), torch.arange(4 * SMALLEST) % 4
    images = torch.zeros(4 * SMALLEST, 1, 28, 28)
    enough = Reference(images, features, labels, train=normal(SMALLEST, 5, 33))
    few = Reference(images[:39], features[:39], labels[:39], train=normal(SMALLEST, 5, 33))
    sample = Sample(images, normal(4 * SMALLEST, 5, 34), torch.zeros(4 * SMALLEST, 10))
    found = MEASUREMENT.prepare(enough)(sample)
    assert list(found) == [metric.key for metric in MEASUREMENT.metrics]
    assert all(isinstance(value, float) and math.isfinite(value) for value in found.values())
    with pytest.raises(ValueError, match="expected at least 40, got 39"):  # half of the reference
        MEASUREMENT.prepare(enough)(Sample(images[:39], sample.features[:39], sample.logits[:39]))
    for reference in (few, replace(enough, train=normal(SMALLEST - 1, 5, 33))):
        assert MEASUREMENT.prepare(reference)(sample) == dict.fromkeys(found)


@pytest.mark.parametrize(("broken", "name"), [(0, "train"), (1, "test"), (2, "real")])
def test_refuses_what_is_not_finite(broken: int, name: str):
    sets = [normal(30, 3, 35 + i) for i in range(3)]
    sets[broken][4, 1] = math.nan
    with pytest.raises(ValueError, match=f"{name}: some are not finite"):
        FeatureLikelihood(*sets)


def test_a_test_split_of_uneven_classes_gives_a_fresh_sample_none_either():
    """Both halves of it have its classes: dealt in turn, the second would lack the one that runs out."""
    shift = 6.0 * torch.ones(12)

    def drawn(n, seed):
        labels = (torch.rand(n, generator=torch.Generator().manual_seed(seed)) < 0.15).long()
        return curved(n, seed).double() + labels[:, None] * shift, labels

    found = []
    for seed in range(0, 24, 4):
        (test, labels), (train, _), (generated, _) = (
            drawn(600, 100 + seed),
            drawn(100, 101 + seed),
            drawn(300, 102 + seed),
        )
        reference = Reference(torch.zeros(600, 1, 2, 2), test, labels, train, torch.arange(100), seed=seed)
        measured = MEASUREMENT.prepare(reference)(Sample(torch.zeros(300, 1, 2, 2), generated, torch.zeros(300, 0)))
        found.append((measured["feature_likelihood"], measured["feature_likelihood_gap"]))
    divergence, gap = torch.tensor(found, dtype=torch.float64).mean(0).tolist()
    assert divergence == pytest.approx(0, abs=3)
    assert gap == pytest.approx(0, abs=6)
