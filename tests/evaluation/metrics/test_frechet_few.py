"""FD of few real images to many generated ones: against FD itself, whole and with a part left out."""

import pytest
import torch
from torch import Tensor

from aeaug.evaluation.few_images import PARTS, part_of
from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.evaluation.metrics.frechet_few import MEASUREMENT

IMAGES = torch.zeros(1, 1, 2, 2)


def normal(n: int, seed: int) -> Tensor:
    return torch.randn(n, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sample(features: Tensor, more: Tensor | None) -> Sample:
    return Sample(IMAGES, features, torch.zeros(len(features), 0), more)


@pytest.mark.parametrize("n", [20, 25, 29])
def test_it_is_fd_to_the_many_and_without_every_tenth_image(n: int):
    real, few, many = normal(n, 0), normal(n, 1), 1.2 * normal(120, 2) + 0.1
    found = MEASUREMENT.prepare(Reference(IMAGES, real))(sample(few, many))
    assert found["frechet_distance_few"] == pytest.approx(frechet_distance(real, many), rel=1e-12)
    without = found["frechet_distance_few_without"]
    assert isinstance(without, list)
    assert len(without) == PARTS
    for part, number in enumerate(without):
        left = torch.stack([row for row, its in zip(real, part_of(n).tolist(), strict=True) if its != part])
        assert number == pytest.approx(frechet_distance(left, many), rel=1e-12)
    assert len({round(number, 9) for number in without}) == PARTS


def test_a_set_of_which_there_are_no_more_has_no_number():
    found = MEASUREMENT.prepare(Reference(IMAGES, normal(20, 0)))(sample(normal(20, 1), None))
    assert found == {"frechet_distance_few": None, "frechet_distance_few_without": None}


def test_its_difference_between_two_generators_is_that_of_many_real_images():
    """What few images add to a distance two generators share: of means that differ, whose distance is known."""
    near, far = normal(4_000, 3) + 0.3, normal(4_000, 4) + 0.6
    truth = 6 * (0.6**2 - 0.3**2)
    differences = []
    for draw in range(40):
        measure = MEASUREMENT.prepare(Reference(IMAGES, normal(60, 100 + draw)))
        one, other = (measure(sample(near[:60], more))["frechet_distance_few"] for more in (near, far))
        differences.append(other - one)  # type: ignore[operator]
    found = torch.tensor(differences)
    assert found.mean() == pytest.approx(truth, abs=4 * float(found.std()) / 40**0.5)
    assert found.std() < truth / 2
