"""Class histograms with known shares."""

import math

import pytest
import torch
from scipy.stats import entropy
from torch import Tensor
from torch.nn.functional import one_hot

from aeaug.evaluation.metrics.histogram import class_histogram, kl_to_uniform, modes


def logits_of(counts: list[int]) -> Tensor:
    """Logits ``(sum, 10)`` whose largest entries are the given classes, none of them sure."""
    classes = torch.arange(10).repeat_interleave(torch.tensor(counts))
    return 0.1 * one_hot(classes, 10) - 5


def test_shares_are_counts_over_all():
    counts = [1, 0, 3, 0, 0, 5, 0, 0, 0, 11]
    assert class_histogram(logits_of(counts)) == [count / 20 for count in counts]


def test_even_shares_have_no_divergence_and_every_mode():
    shares = class_histogram(logits_of([50] * 10))
    assert kl_to_uniform(shares) == pytest.approx(0, abs=1e-15)
    assert modes(shares) == 10


def test_one_class_has_all_of_it():
    shares = class_histogram(logits_of([0, 0, 0, 70, 0, 0, 0, 0, 0, 0]))
    assert kl_to_uniform(shares) == pytest.approx(math.log(10), rel=1e-12)
    assert modes(shares) == 1


def test_half_the_classes_are_one_bit_off():
    assert kl_to_uniform([0.2] * 5 + [0.0] * 5) == pytest.approx(math.log(2), rel=1e-12)


def test_agrees_with_scipy():
    shares = class_histogram(logits_of([7, 1, 20, 4, 9, 30, 2, 2, 14, 11]))
    assert kl_to_uniform(shares) == pytest.approx(entropy(shares, [0.1] * 10), rel=1e-12)


def test_a_mode_has_one_percent():
    assert modes(class_histogram(logits_of([10, 9, 0, 981, 0, 0, 0, 0, 0, 0]))) == 2


def test_refuses_an_empty_set():
    with pytest.raises(ValueError, match="logits: expected shape"):
        class_histogram(torch.zeros(0, 10))
