"""Nearest neighbours against a k-d tree and in closed form."""

import numpy as np
import pytest
import torch
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from torch import Tensor

from aeaug.evaluation import distances as module
from aeaug.evaluation.distances import nearest, squared_distances


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_squared_distances_are_those_of_scipy():
    a, b = normal(30, 7, 0), 3 * normal(40, 7, 1) + 2
    assert squared_distances(a, b).numpy() == pytest.approx(cdist(a, b, "sqeuclidean"), abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize(
    ("queries", "references"),
    [(normal(700, 4, 2), normal(600, 4, 3)), (normal(90, 6, 4).float() + 1000, normal(300, 6, 5).float() + 1000)],
    ids=["more than a chunk", "float32 off centre"],
)
def test_agrees_with_a_tree(queries: Tensor, references: Tensor, k: int):
    expected, expected_indices = KDTree(references.double().numpy()).query(
        queries.double().numpy(), k=[*range(1, k + 1)]
    )
    squared, indices = nearest(queries, references, k)
    assert squared.dtype == torch.float64
    assert squared.sqrt().numpy() == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(indices.numpy(), expected_indices)


def test_copies_are_at_distance_zero_exactly():
    x = 1000 + normal(500, 20, 6)
    squared, indices = nearest(x, x, 2)
    assert (squared[:, 0] == 0).all()
    assert (squared[:, 1] > 0).all()
    assert torch.equal(indices[:, 0], torch.arange(500))
    repeated, _ = nearest(x, torch.cat([x, x]), 3)
    assert (repeated[:, :2] == 0).all()
    assert torch.equal(repeated[:, 2], squared[:, 1])


def test_a_number_line():
    squared, indices = nearest(torch.tensor([[4.0]]), torch.tensor([[0.0], [9.0], [3.0], [6.0]]), 4)
    assert squared.tolist() == [[1, 4, 16, 25]]
    assert indices.tolist() == [[2, 3, 0, 1]]


def test_chunks_bound_memory_and_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch):
    queries, references = normal(101, 5, 7), normal(60, 5, 8)
    whole = nearest(queries, references, 3)
    rows = []
    monkeypatch.setattr(module, "CHUNK", 7)
    monkeypatch.setattr(
        module, "squared_distances", lambda a, b: rows.append(len(a)) or squared_distances(a, b), raising=True
    )
    chunked = nearest(queries, references, 3)
    assert rows == [7] * 14 + [3]
    assert torch.equal(chunked[0], whole[0])
    assert torch.equal(chunked[1], whole[1])


def test_no_queries_have_no_neighbours():
    squared, indices = nearest(torch.empty(0, 5), normal(10, 5, 9), 2)
    assert squared.shape == indices.shape == (0, 2)


@pytest.mark.parametrize("k", [0, 6])
def test_refuses_more_neighbours_than_references(k: int):
    with pytest.raises(ValueError, match=f"k: expected 1 <= k <= 5 references, got {k}"):
        nearest(normal(8, 2, 10), normal(5, 2, 11), k)


def test_refuses_other_shapes_and_values():
    with pytest.raises(ValueError, match=r"features: .*got \(8, 2\) and \(5, 3\)"):
        nearest(normal(8, 2, 12), normal(5, 3, 13), 1)
    bad = normal(8, 2, 14)
    bad[3, 1] = torch.nan
    for queries, references in [(bad, normal(5, 2, 15)), (normal(5, 2, 15), bad)]:
        with pytest.raises(ValueError, match="features: some are not finite"):
            nearest(queries, references, 1)
