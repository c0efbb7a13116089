"""The classifier score's closed forms, and the formula written out with scipy."""

import math
import warnings

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import entropy
from torch import Tensor
from torch.nn.functional import one_hot

from aeaug.evaluation.metrics.classifier_score import classifier_score


def sure(classes: list[int], margin: float = 60.0) -> Tensor:
    """Logits ``(len(classes), 10)`` that leave nothing to the other classes."""
    return margin * one_hot(torch.tensor(classes), 10).float()


@pytest.mark.parametrize("k", [1, 2, 7, 10])
@pytest.mark.parametrize("margin", [60.0, 1e5])  # 1e5: the other classes' probabilities vanish, in any precision
def test_sure_of_k_equally_frequent_classes_scores_k(k: int, margin: float):
    assert classifier_score(sure(list(range(k)) * 30, margin)) == pytest.approx(k, rel=1e-9)


def test_the_same_probabilities_for_all_score_1():
    assert classifier_score(torch.zeros(50, 10)) == pytest.approx(1, abs=1e-12)
    assert classifier_score(torch.arange(10.0).repeat(50, 1)) == pytest.approx(1, abs=1e-9)


def test_uneven_classes_score_the_exponential_of_their_entropy():
    counts = [50, 30, 15, 5]
    classes = [c for c, count in enumerate(counts) for _ in range(count)]
    assert classifier_score(sure(classes)) == pytest.approx(math.exp(entropy(counts)), rel=1e-9)


def test_agrees_with_the_definition():
    logits = 3 * torch.randn(400, 10, generator=torch.Generator().manual_seed(0))
    p = softmax(logits.double().numpy(), axis=1)
    expected = np.exp(np.mean([entropy(row, p.mean(0)) for row in p]))
    assert 2 < expected < 8
    assert classifier_score(logits) == pytest.approx(expected, rel=1e-10)


def test_neither_order_nor_a_constant_matters():
    logits = 2 * torch.randn(300, 10, generator=torch.Generator().manual_seed(1))
    score = classifier_score(logits)
    assert classifier_score(logits.flip(0)) == pytest.approx(score, rel=1e-12)
    assert classifier_score(logits + 5) == pytest.approx(score, rel=1e-5)
    assert classifier_score(logits.repeat(3, 1)) == pytest.approx(score, rel=1e-12)  # one split: N does not matter


def test_leaves_the_global_stream_alone_and_is_silent():
    logits, before = torch.randn(100, 10, generator=torch.Generator().manual_seed(2)), torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = classifier_score(logits)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert classifier_score(logits) == first


@pytest.mark.parametrize("shape", [(0, 10), (10,), (10, 0)], ids=str)
def test_refuses_another_shape(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"logits: expected shape \(N, C\)"):
        classifier_score(torch.zeros(shape))


def test_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="logits: some are not finite"):
        classifier_score(torch.full((3, 10), math.nan))
