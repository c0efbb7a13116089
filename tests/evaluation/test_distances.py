"""Nearest neighbours against a k-d tree and in closed form."""

import numpy as np
import pytest
import torch
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from torch import Tensor

from aeaug.evaluation import distances as module
from aeaug.evaluation.distances import balls, nearest, squared_distances


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


def outliers(n: int, seed: int) -> Tensor:
    """A cloud far from the origin, and a few points so far off that single precision loses the cloud's distances."""
    x = normal(n, 5, seed)
    x[::50] *= 1e4
    return x + 300


@pytest.mark.parametrize("k", [1, 3])
def test_single_precision_decides_nothing(k: int):
    queries, references = outliers(300, 16), outliers(400, 17)
    expected = torch.from_numpy(cdist(queries, references, "sqeuclidean")).topk(k, largest=False)
    squared, indices = nearest(queries, references, k)
    assert torch.equal(indices, expected.indices)
    assert squared.numpy() == pytest.approx(expected.values.numpy(), rel=1e-12)


def test_the_nearest_is_found_where_single_precision_cannot_tell_who_is():
    """Two clouds on either side of the centre: what rounding takes from a distance is more than its neighbours differ
    by, so that more than the few spare ones have to be looked at."""
    for seed in range(0, 60, 3):
        cloud, other, queries = (0.05 * normal(60, 3, place) for place in range(seed, seed + 3))
        references, queries = torch.cat([1_000 + cloud, -1_000 + other]), 1_000 + queries[:40]
        expected = (queries[:, None] - references).square().sum(2).argmin(1)
        assert torch.equal(nearest(queries, references, 1)[1][:, 0], expected)


def test_of_equally_near_ones_the_first_comes_first():
    line = torch.tensor([[1.0], [-1.0], [5.0]])
    assert nearest(torch.zeros(1, 1), line, 2)[1].tolist() == [[0, 1]]
    assert nearest(torch.zeros(1, 1), line.flip(0), 2)[1].tolist() == [[1, 2]]


@pytest.mark.parametrize(("make", "scale"), [(lambda n, seed: normal(n, 6, seed), 1.0), (outliers, 1.0), (outliers, 0)])
def test_balls_hold_what_all_distances_say(make, scale: float):
    rows, columns = make(600, 18), torch.cat([make(400, 19), make(600, 18)[:30]])
    row_radii = scale * nearest(rows, rows, 4)[0][:, -1]
    column_radii = scale * nearest(columns, columns, 3)[0][:, -1]
    distances = (rows[:, None] - columns).square().sum(2)  # some are radii, so not rounded in another way
    found = balls(rows, row_radii, columns, column_radii)
    inside = (distances <= row_radii[:, None]).nonzero()
    assert torch.equal(torch.stack([found.rows, found.columns], 1), inside)
    assert len(inside) >= 30
    assert found.squared.numpy() == pytest.approx(distances[*inside.T].numpy(), rel=1e-12)
    assert torch.equal(found.covered, (distances < column_radii).any(1))


def test_the_balls_of_neighbours_reach_exactly_to_them():
    """A radius is a distance, bit for bit: the k-th neighbour lies in the closed ball and not in the open one."""
    x = outliers(300, 20)
    squared, neighbours = nearest(x, x, 3)
    found = balls(x, squared[:, -1], x, squared[:, 0])
    assert torch.equal(found.rows, torch.arange(300).repeat_interleave(3))
    assert torch.equal(found.columns.view(300, 3).sort(1).values, neighbours.sort(1).values)
    assert not found.covered.any()
