"""The linear probe on planted labels, and against a direct minimisation of its loss."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.special import logsumexp
from torch import Tensor

from aeaug.autoencoder import linear_probe as module
from aeaug.autoencoder.linear_probe import C, linear_probe

pytestmark = pytest.mark.filterwarnings("error")


def normal(n: int, d: int, seed: int) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def clusters(n: int, d: int, spread: float, seed: int) -> tuple[Tensor, Tensor]:
    """``n`` points in ten classes, the centre of each a unit vector, and their labels."""
    labels = torch.arange(n) % 10
    return torch.eye(10, d, dtype=torch.float64)[labels] + spread * normal(n, d, seed), labels


def test_separable_labels_are_read():
    assert linear_probe(*clusters(300, 12, 0.05, 0), *clusters(200, 12, 0.05, 1)) == 1


def test_labels_independent_of_the_codes_are_guessed():
    labels, test_labels = torch.arange(1000) % 10, torch.arange(3000) % 10
    assert linear_probe(normal(1000, 8, 2), labels, normal(3000, 8, 3), test_labels) == pytest.approx(0.1, abs=0.025)


def test_a_curved_boundary_is_not_read():
    z, test_z = normal(2000, 2, 4), normal(2000, 2, 5)
    ring, test_ring = (x.norm(dim=1) > 1.18 for x in (z, test_z))  # half of them lie outside
    assert linear_probe(z, ring.long(), test_z, test_ring.long()) < 0.6
    assert linear_probe(z**2, ring.long(), test_z**2, test_ring.long()) > 0.95


def test_agrees_with_a_direct_minimisation():
    assert C == 0.1
    (z, labels), (test_z, test_labels) = clusters(120, 10, 0.6, 6), clusters(400, 10, 0.6, 7)
    mean, spread = z.mean(0), z.std(0, correction=0)
    x, test_x = ((part - mean) / spread for part in (z, test_z))
    x, test_x, y = x.numpy(), test_x.numpy(), labels.numpy()

    def loss(flat: np.ndarray) -> float:
        weights, bias = flat[:100].reshape(10, 10), flat[100:]
        logits = x @ weights + bias
        return C * (logsumexp(logits, axis=1) - logits[range(120), y]).sum() + 0.5 * (weights**2).sum()

    found = minimize(loss, np.zeros(110), method="L-BFGS-B", options={"maxfun": 10**6, "maxiter": 10**4}).x
    predicted = (test_x @ found[:100].reshape(10, 10) + found[100:]).argmax(1)
    expected = (predicted == test_labels.numpy()).mean()
    assert 0.3 < expected < 0.9
    assert linear_probe(z, labels, test_z, test_labels) == pytest.approx(expected, abs=0.006)


def test_scale_and_offset_of_a_dimension_do_not_matter():
    (z, labels), (test_z, test_labels) = clusters(300, 12, 0.5, 8), clusters(500, 12, 0.5, 9)
    scale, offset = torch.logspace(-3, 3, 12, dtype=torch.float64), normal(1, 12, 10)
    plain = linear_probe(z, labels, test_z, test_labels)
    assert 0.5 < plain < 0.95
    assert linear_probe(z * scale + offset, labels, test_z * scale + offset, test_labels) == pytest.approx(
        plain, abs=0.005
    )


def test_a_constant_dimension_adds_nothing():
    (z, labels), (test_z, test_labels) = clusters(300, 12, 0.5, 11), clusters(500, 12, 0.5, 12)
    wider, test_wider = (torch.cat([x, torch.full_like(x[:, :1], 3)], 1) for x in (z, test_z))
    assert linear_probe(wider, labels, test_wider, test_labels) == linear_probe(z, labels, test_z, test_labels)


def test_trains_on_the_first_rows(monkeypatch: pytest.MonkeyPatch):
    (z, labels), test = clusters(300, 12, 0.5, 13), clusters(500, 12, 0.5, 14)
    assert module.MOST_ROWS == 5_000
    monkeypatch.setattr(module, "MOST_ROWS", 100)
    assert linear_probe(z, labels, *test) == linear_probe(z[:100], labels[:100], *test)
    monkeypatch.undo()
    assert linear_probe(z, labels, *test) != linear_probe(z[:100], labels[:100], *test)


def test_more_dimensions_than_rows_and_no_global_draw():
    train, test = clusters(100, 784, 0.05, 15), clusters(100, 784, 0.05, 16)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = linear_probe(*train, *test)
    assert 0.2 < first < 1
    assert linear_probe(*train, *test) == first
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002


def test_classes_that_were_never_seen_are_missed():
    (z, labels), (test_z, test_labels) = clusters(300, 12, 0.05, 17), clusters(200, 12, 0.05, 18)
    seen = labels < 5
    assert linear_probe(z[seen], labels[seen], test_z, test_labels) == 0.5


def test_refuses_what_it_cannot_learn():
    z, labels = clusters(20, 10, 0.1, 19)
    with pytest.raises(ValueError, match="labels: a probe needs at least 2 classes, got only 3"):
        linear_probe(z, torch.full((20,), 3), z, labels)
    with pytest.raises(ValueError, match=r"test_z: expected shape \(N, 10\) .* got \(20, 9\) and \(20,\)"):
        linear_probe(z, labels, z[:, :9], labels)
    with pytest.raises(ValueError, match=r"z: .* got \(20, 10\) and \(19,\)"):
        linear_probe(z, labels[:19], z, labels)
    with pytest.raises(ValueError, match="test_z: some values are not finite"):
        linear_probe(z, labels, z / 0, labels)
