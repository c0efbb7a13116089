"""The classification accuracy score: planted defects lower it, and what is not confident does not count."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, one_hot

from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import FeatureNet, extract
from aeaug.evaluation.metrics.accuracy_score import AccuracyScore, accuracy_score


@pytest.fixture(scope="module")
def images(embedded: MNISTDataModule) -> Tensor:
    """500 real images; the classes come in turn."""
    return to_float(embedded.splits.pool_images[:500])


@pytest.fixture(scope="module")
def logits(images: Tensor, net: FeatureNet) -> Tensor:
    return extract(images, net).logits


@pytest.fixture(scope="module")
def test_set(embedded: MNISTDataModule) -> tuple[Tensor, Tensor]:
    return to_float(embedded.splits.test_images), embedded.splits.test_labels


@pytest.fixture(scope="module")
def real(images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor]) -> AccuracyScore:
    return accuracy_score(images, logits, *test_set, seed=0)


QUICK = 10  # steps, where not the learning is in question


def sure(labels: Tensor) -> Tensor:
    return 20.0 * one_hot(labels, 10)


def with_confidence(probability: float, n: int) -> Tensor:
    """``n`` logits whose largest class has just that probability."""
    return torch.tensor([math.log(9 * probability / (1 - probability))] + [0.0] * 9).repeat(n, 1)


def test_real_images_score_high(real: AccuracyScore):
    assert 0.88 < real.accuracy < 0.98
    assert 0.95 < real.confident_share <= 1


def test_wrong_labels_score_chance(images: Tensor, test_set: tuple[Tensor, Tensor]):
    labels = torch.randint(0, 10, (500,), generator=torch.Generator().manual_seed(0))
    assert 0.03 < accuracy_score(images, sure(labels), *test_set, seed=0).accuracy < 0.3


def test_images_unlike_real_ones_score_lower(
    images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor], real: AccuracyScore
):
    blurred = avg_pool2d(images, 9, stride=1, padding=4)
    assert accuracy_score(blurred, logits, *test_set, seed=0).accuracy < real.accuracy - 0.15


def test_missing_classes_cannot_be_recognised(
    images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor], real: AccuracyScore
):
    half = logits.argmax(1) < 5
    score = accuracy_score(images[half], logits[half], *test_set, seed=0)
    share = (test_set[1] < 5).double().mean().item()
    assert 0.9 * share < score.accuracy <= share


def test_a_single_class_scores_its_share(images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor]):
    sevens = (logits.argmax(1) == 7) & (logits.softmax(1).amax(1) >= 0.9)
    score = accuracy_score(images[sevens], logits[sevens], *test_set, seed=0)
    share = (test_set[1] == 7).double().mean().item()
    assert score == AccuracyScore(pytest.approx(share, abs=0.005), 1.0)


def test_share_counts_probabilities_of_at_least_nine_tenths(images: Tensor, test_set: tuple[Tensor, Tensor]):
    below, above = with_confidence(0.8999, 30), with_confidence(0.9001, 20)
    score = accuracy_score(images[:50], torch.cat([below, above]), *test_set, seed=0, steps=QUICK)
    assert score.confident_share == 0.4
    assert score.accuracy is not None


def test_too_few_confident_images_have_no_accuracy(images: Tensor, test_set: tuple[Tensor, Tensor]):
    nine = torch.cat([with_confidence(0.5, 41), with_confidence(0.99, 9)])
    ten = torch.cat([with_confidence(0.5, 40), with_confidence(0.99, 10)])
    assert accuracy_score(images[:50], nine, *test_set, seed=0, steps=QUICK) == (None, 0.18)
    assert accuracy_score(images[:50], ten, *test_set, seed=0, steps=QUICK).accuracy is not None
    assert accuracy_score(images[:50], torch.zeros(50, 10), *test_set, seed=0, steps=QUICK) == (None, 0.0)


def test_unsure_images_are_not_learnt_from(images: Tensor, test_set: tuple[Tensor, Tensor]):
    labels = torch.arange(100) % 10
    alone = accuracy_score(images[:100], sure(labels), *test_set, seed=0, steps=QUICK)
    noise = torch.rand(300, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1
    mixed = accuracy_score(
        torch.cat([images[:100], noise]),
        torch.cat([sure(labels), with_confidence(0.8, 300)]),
        *test_set,
        seed=0,
        steps=QUICK,
    )
    assert mixed == (alone.accuracy, 0.25)


def test_a_function_of_its_arguments_alone(images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor]):
    before = torch.get_rng_state()
    found = []
    for seed in (0, 1, 0):
        with torch.no_grad():
            found.append(accuracy_score(images, logits, *test_set, seed=seed, steps=QUICK))
        assert torch.equal(torch.get_rng_state(), before)
    assert found[0] == found[2]
    assert found[0] != found[1]


def test_refuses_what_does_not_belong_together(images: Tensor, logits: Tensor, test_set: tuple[Tensor, Tensor]):
    with pytest.raises(ValueError, match=r"logits: expected shape \(500, C\) of at least 1 image, got \(499, 10\)"):
        accuracy_score(images, logits[:-1], *test_set, seed=0)
    with pytest.raises(ValueError, match=r"logits: expected shape \(0, C\) of at least 1 image"):
        accuracy_score(images[:0], logits[:0], *test_set, seed=0)
    with pytest.raises(ValueError, match="logits: some are not finite"):
        accuracy_score(images, logits * math.inf, *test_set, seed=0)
    with pytest.raises(ValueError, match=r"test_labels: expected one for each .* got \(999,\) for 1000"):
        accuracy_score(images, logits, test_set[0], test_set[1][:-1], seed=0)
