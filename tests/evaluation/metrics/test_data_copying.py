"""C_T against a slow implementation of the definition, its distribution under the null, and planted effects."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from aeaug.evaluation.metrics.data_copying import CopyingScore, DataCopying

pytestmark = pytest.mark.filterwarnings("error")


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def value(score: CopyingScore) -> float:
    assert score.value is not None
    return score.value


def z(generated: np.ndarray, test: np.ndarray, train: np.ndarray) -> float:
    """U of the paper, pair by pair, and its Gaussian score."""

    def nearest(x: np.ndarray) -> float:
        return min(math.dist(x, t) for t in train)

    first, second = [nearest(x) for x in generated], [nearest(x) for x in test]
    u = sum((a > b) + 0.5 * (a == b) for a in first for b in second)
    m, n = len(first), len(second)
    return (u - m * n / 2) / math.sqrt(m * n * (m + n + 1) / 12)


def test_one_cell_is_the_z_scored_u():
    train, test, generated = normal(30, 3, 0), normal(40, 3, 1), 0.8 * normal(50, 3, 2)
    score = DataCopying(train, test, cells=1)(generated)
    assert score.cells == 1
    assert score.value == pytest.approx(z(generated.numpy(), test.numpy(), train.numpy()), abs=1e-12)
    assert abs(value(score)) > 0.2


def test_agrees_with_the_definition_where_cells_are_plain():
    # Four clusters far apart are the four cells; the last has too few generated images, the third just enough.
    corners = 1000 * torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.float64)

    def clusters(counts: list[int], spread: float, seed: int) -> list[Tensor]:
        return [
            corner + spread * normal(n, 3, seed + i) for i, (corner, n) in enumerate(zip(corners, counts, strict=True))
        ]

    train, test = clusters([30, 40, 20, 25], 1, 10), clusters([60, 25, 35, 50], 1, 20)
    generated = clusters([50, 40, 20, 19], 0.7, 30)
    scores = [z(*(part[i].numpy() for part in (generated, test, train))) for i in range(3)]
    weights = [len(part) for part in test[:3]]
    shuffled = torch.randperm(129, generator=torch.Generator().manual_seed(0))
    score = DataCopying(torch.cat(train), torch.cat(test), cells=4)(torch.cat(generated)[shuffled])
    assert score.cells == 3
    assert score.value == pytest.approx(np.average(scores, weights=weights), abs=1e-12)
    assert np.ptp(scores) > 0.5  # else the weights would not matter


def test_distances_are_to_the_training_images_of_the_own_cell():
    # Cells around 0 and 10 (less one straggler at 5.6) meet at about 4.9. Of the cell at 0, test images lie at 2 and
    # generated ones at 4.5: farther from 0, though close to the other cell's straggler.
    train = torch.cat([torch.zeros(40), torch.full((40,), 10.0), torch.tensor([5.6])])[:, None] + 1e-3 * normal(
        81, 1, 38
    )
    test, generated = torch.full((30, 1), 2.0), torch.full((25, 1), 4.5)
    score = DataCopying(train, test, cells=2)(generated)
    assert score.cells == 1
    assert score.value == pytest.approx(30 * 25 / 2 / math.sqrt(30 * 25 * 56 / 12), abs=1e-12)


def test_copies_are_strongly_negative_and_noise_is_positive():
    train, test = normal(300, 5, 40), normal(400, 5, 41)
    copying = DataCopying(train, test, cells=4)
    close = train.repeat(2, 1)[:400] + 0.05 * normal(400, 5, 42)
    noisy = normal(400, 5, 43) + normal(400, 5, 44)
    assert value(copying(train.repeat(2, 1)[:400])) < -10
    assert value(copying(close)) < -10
    assert value(copying(noisy)) > 4


def test_a_fresh_sample_has_mean_zero_and_the_spread_of_a_mean_over_cells():
    values = torch.tensor(
        [
            value(DataCopying(normal(150, 3, 100 + i), normal(300, 3, 300 + i), i, cells=4)(normal(300, 3, 500 + i)))
            for i in range(100)
        ]
    )
    assert values.mean().item() == pytest.approx(0, abs=0.15)  # three standard errors
    assert values.std().item() == pytest.approx(0.5, abs=0.12)


def test_too_few_images_have_no_score():
    train, test = normal(100, 3, 50), normal(100, 3, 51)
    assert DataCopying(train, test, cells=1)(normal(19, 3, 52)) == CopyingScore(None, 0)
    assert DataCopying(train, test[:19], cells=1)(normal(100, 3, 53)) == CopyingScore(None, 0)
    assert DataCopying(train, test[:20], cells=1)(normal(20, 3, 54)).cells == 1
    assert DataCopying(train, test[:0])(normal(100, 3, 55)) == CopyingScore(None, 0)


def test_exchanging_test_and_generated_images_changes_the_sign():
    train, test, generated = normal(100, 4, 56), normal(200, 4, 57), 0.9 * normal(150, 4, 58)
    there = DataCopying(train, test, cells=1)(generated)
    back = DataCopying(train, generated, cells=1)(test)
    assert value(there) == -value(back) != 0


def test_equal_distances_count_one_half():
    train = normal(60, 4, 59)
    assert DataCopying(train, train, cells=1)(train) == CopyingScore(0.0, 1)
    # 30 copies against 30 copies and 30 others: U = 30 * 30 / 2.
    score = DataCopying(train, torch.cat([train[:30], normal(30, 4, 60)]), cells=1)(train[30:])
    assert score.value == pytest.approx((450 - 900) / math.sqrt(30 * 60 * 91 / 12), abs=1e-12)


def test_invariance():
    train, test, generated = normal(200, 4, 61), normal(300, 4, 62), 0.9 * normal(300, 4, 63)
    rotation = torch.linalg.qr(normal(4, 4, 64)).Q
    here = DataCopying(train, test, cells=3)(generated)
    there = DataCopying(*(x @ rotation * 7 + 3 for x in (train, test)), cells=3)(generated @ rotation * 7 + 3)
    assert here.cells == there.cells == 3
    assert there.value == pytest.approx(here.value, abs=1e-9)


def test_same_seed_same_cells_and_no_global_draw():
    train, test, generated = normal(200, 4, 65), normal(300, 4, 66), 0.9 * normal(300, 4, 67)
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first, second, other = (DataCopying(train, test, seed)(generated) for seed in (0, 0, 1))
    assert first == second != other
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002


def test_fewer_distinct_training_images_than_cells():
    train = normal(3, 2, 68).repeat(5, 1)
    test = train.repeat(20, 1) + 0.01 * normal(300, 2, 69)
    assert DataCopying(train, test)(test.flip(0)) == CopyingScore(0.0, 3)


def test_refuses_what_has_no_cells():
    with pytest.raises(ValueError, match="cells: expected at least 1, got 0"):
        DataCopying(normal(9, 2, 70), normal(9, 2, 71), cells=0)
    with pytest.raises(ValueError, match=r"train: expected finite features .* got shape \(0, 2\)"):
        DataCopying(torch.empty(0, 2), normal(9, 2, 72))
