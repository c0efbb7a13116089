"""Evaluators on real digits: they order sets as an eye would, and refuse what cannot be compared."""

import json
import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import Evaluator, FeatureNet, Features, Metrics, extract, load_feature_nets
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.evaluation.metrics.prdc import prdc

N = 1000


@pytest.fixture(scope="module")
def mixed(digits: Tensor) -> Tensor:
    return digits[torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))]


class InOneSpace:
    """All metrics in the classifier's space, with a small classifier that is hardly trained."""

    def __init__(self, digits: Tensor) -> None:
        nets = {"classifier": load_feature_nets(MNIST)["classifier"]}
        labels = torch.arange(5000)[torch.randperm(5000, generator=torch.Generator().manual_seed(0))] // 500
        self.final = FinalEvaluator(digits[:N], labels[:N], digits[4000:4100], nets, classifier_steps=1)

    def evaluate(self, images: Tensor) -> Metrics:
        return self.final.evaluate(images)["classifier"]

    def features(self, images: Tensor) -> Features:
        return extract(images, load_feature_nets(MNIST)["classifier"][0])


@pytest.fixture(scope="module")
def evaluator(mixed: Tensor) -> InOneSpace:
    return InOneSpace(mixed)


@pytest.fixture(scope="module")
def real(evaluator: InOneSpace, mixed: Tensor) -> Metrics:
    return evaluator.evaluate(mixed[N : 2 * N])


def test_curves_are_of_the_frechet_distance_alone(mixed: Tensor, net: FeatureNet, real: Metrics):
    curves = Evaluator(mixed[:N], net)
    found = curves.evaluate(mixed[N : 2 * N])
    assert found == {"frechet_distance": real["frechet_distance"]}
    assert curves.frechet_distance(curves.features(mixed[N : 2 * N])) == found["frechet_distance"]
    known = Evaluator(mixed[:N], net, features=extract(mixed[:N], net))
    assert known.evaluate(mixed[N : 2 * N]) == found


def test_plain_numbers(real: Metrics):
    assert json.loads(json.dumps(real)) == real
    assert isinstance(real["modes"], int)
    assert math.fsum(real["class_histogram"]) == pytest.approx(1, abs=1e-12)


def test_metrics_are_those_of_their_modules(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    first, second = (evaluator.features(x).features for x in (mixed[:N], mixed[N : 2 * N]))
    assert real["frechet_distance"] == pytest.approx(frechet_distance(first, second), rel=1e-12)
    expected = prdc(first.double(), second.double())._asdict()
    assert {key: real[key] for key in expected} == expected


def test_the_reference_itself_is_perfect(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    itself = evaluator.evaluate(mixed[:N])
    assert itself["frechet_distance"] < 1e-3 * real["frechet_distance"]
    assert [itself[key] for key in ("precision", "recall", "density", "coverage")] == [1.0] * 4


def test_another_real_sample_is_nearly_as_good(real: Metrics):
    assert 0.8 < real["precision"] < 1
    assert 0.8 < real["recall"] < 1
    assert 0.85 < real["density"] < 1.15
    assert 0.9 < real["coverage"] < 1
    assert real["class_kl"] < 0.02
    assert real["modes"] == 10


def test_more_blur_is_further(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    other, previous = mixed[N : 2 * N], real
    for size in (3, 5, 7):
        blurred = evaluator.evaluate(avg_pool2d(other, size, stride=1, padding=size // 2))
        assert blurred["frechet_distance"] > 1.5 * previous["frechet_distance"]
        assert blurred["recall"] < previous["recall"]
        assert blurred["coverage"] < previous["coverage"]
        previous = blurred


def test_more_noise_is_further(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    draw, other, previous = torch.Generator().manual_seed(1), mixed[N : 2 * N], real
    for amount in (0.3, 0.6, 1.2):
        noisy = (other + amount * torch.randn(other.shape, generator=draw)).clamp(-1, 1)
        measured = evaluator.evaluate(noisy)
        assert measured["frechet_distance"] > 2 * previous["frechet_distance"]
        assert measured["coverage"] < previous["coverage"]
        previous = measured


def test_noise_alone_is_nothing(evaluator: InOneSpace, real: Metrics):
    noise = torch.rand(N, 1, 28, 28, generator=torch.Generator().manual_seed(2)) * 2 - 1
    measured = evaluator.evaluate(noise)
    assert measured["frechet_distance"] > 30 * real["frechet_distance"]
    assert measured["precision"] < 0.05
    assert measured["recall"] < 0.05
    assert measured["coverage"] < 0.05


def test_a_copied_subset_is_precise_and_not_diverse(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    copied = evaluator.evaluate(mixed[N : N + 50].repeat(N // 50, 1, 1, 1))
    assert copied["precision"] > 0.75
    assert copied["recall"] == 0
    assert copied["coverage"] < 0.4
    assert copied["frechet_distance"] > 2 * real["frechet_distance"]


def test_missing_classes_show(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    labels = evaluator.features(mixed[N:]).logits.argmax(1)
    half = mixed[N:][labels < 5][:N]
    measured = evaluator.evaluate(half)
    assert measured["modes"] == 5
    assert measured["class_kl"] == pytest.approx(math.log(2), abs=0.05)
    assert measured["precision"] > 0.8
    assert measured["coverage"] < 0.65
    assert measured["frechet_distance"] > 5 * real["frechet_distance"]


def test_evaluating_leaves_no_trace(evaluator: InOneSpace, mixed: Tensor, real: Metrics):
    before = torch.get_rng_state()
    evaluator.evaluate(-mixed[:N])
    assert evaluator.evaluate(mixed[N : 2 * N]) == real
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda x: x[:-1], "images: 999 of them, but the reference has 1000"),
        (lambda x: (x + 1) * 127.5, r"values must lie in \[-1, 1\], found 0 to 255"),
        (lambda x: x.mul(math.inf), "some values are not finite"),
        (lambda x: x.squeeze(1), r"expected shape \(N, 1, 28, 28\), got \(1000, 28, 28\)"),
        (lambda x: ((x + 1) * 127.5).byte(), "expected floating point values"),
    ],
    ids=["count", "range", "infinite", "shape", "bytes"],
)
def test_refuses_what_cannot_be_compared(evaluator: InOneSpace, mixed: Tensor, broken, message: str):
    with pytest.raises(ValueError, match=message):
        evaluator.evaluate(broken(mixed[:N]))


def test_refuses_a_reference_without_neighbours(mixed: Tensor, net: FeatureNet):
    with pytest.raises(ValueError, match="reference: 5 images"):
        Evaluator(mixed[:5], net)
