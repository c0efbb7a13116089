import pytest
import torch

from aeaug.perturbation import LatentCodes
from tests.perturbation.conftest import draw


def test_sigma_is_the_standard_deviation_over_the_subset(codes):
    torch.testing.assert_close(codes.sigma, (codes.z - codes.z.mean(0)).square().mean(0).sqrt())


@pytest.mark.parametrize("k", [1, 3, 10])
def test_neighbours_agree_with_brute_force(k):
    codes = LatentCodes(torch.randn(1_500, 6, generator=draw()))  # more than one chunk
    distances = (codes.z[:, None] - codes.z[None]).double().norm(dim=2)
    distances.fill_diagonal_(torch.inf)
    found = codes.neighbours(k)
    expected = distances.topk(k, largest=False).values
    torch.testing.assert_close(distances.gather(1, found), expected, rtol=1e-4, atol=1e-4)
    assert not (found == torch.arange(1_500)[:, None]).any()


def test_duplicates_are_neighbours_but_never_a_point_itself():
    codes = LatentCodes(torch.zeros(6, 2))
    assert not (codes.neighbours(5) == torch.arange(6)[:, None]).any()


def test_too_many_neighbours_name_key_and_value():
    with pytest.raises(ValueError, match=r"perturbation\.neighbours=6: must be between 1 and 5"):
        LatentCodes(torch.zeros(6, 2)).neighbours(6)
