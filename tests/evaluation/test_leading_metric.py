import pytest
import torch

from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.features import net_for
from aeaug.evaluation.leading_metric import leading_metric
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.evaluation.metrics.kernel_distance import KernelDistance


@pytest.mark.parametrize(
    ("images", "features", "key"),
    [
        (288, 96, "frechet_distance"),
        (287, 96, "kernel_distance"),
        (1_000, 2_048, "kernel_distance"),
        (6_144, 2_048, "frechet_distance"),
        (2, 1, "kernel_distance"),
    ],
)
def test_fd_leads_from_three_images_a_feature(images, features, key):
    assert leading_metric(images, features).key == key


def test_fd_leads_on_every_data_set_that_there_is():
    for data in DATA_SETS.values():
        net = net_for(data, classes=False)
        for images in (data.test, data.validation):
            assert leading_metric(images, net.num_features).key == "frechet_distance", data.name


def test_what_it_is_for_fd_of_equal_distributions_grows_as_images_get_few_and_kd_does_not():
    draw = torch.Generator().manual_seed(0)
    found = {}
    for n in (48, 288, 1_440):
        pairs = [torch.randn(2, n, 96, generator=draw).double() for _ in range(8)]
        found[n] = [[frechet_distance(*pair) for pair in pairs], [KernelDistance(one)(other) for one, other in pairs]]
    means = {n: torch.tensor(both).mean(1) for n, both in found.items()}
    assert means[48][0] > 4 * means[288][0] > 12 * means[1_440][0]
    for n, (_, kernel) in found.items():
        values = torch.tensor(kernel)
        assert values.mean().abs() < 4 * values.std() / len(values) ** 0.5, n
