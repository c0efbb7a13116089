import pytest
import sklearn.mixture  # noqa: F401 - what is imported later knows nothing of the limits
import torch
from threadpoolctl import threadpool_limits

from aeaug.perturbation import LatentCodes
from aeaug.perturbation.density import Density
from tests.perturbation.conftest import draw

M = 40_000


def sampled(codes, components):
    return Density(name="density", components=components)(codes, torch.zeros(M, dtype=torch.int64), draw())


def test_one_gaussian_has_the_mean_and_covariance_of_the_codes():
    """What maximum likelihood finds; scikit-learn adds 1e-6 to the variances."""
    skew = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 3.0]])
    codes = LatentCodes(torch.randn(300, 3, generator=draw(1)) @ skew + 2)
    new, expected = sampled(codes, 1), torch.cov(codes.z.T, correction=0)
    assert ((new.mean(0) - codes.mean).abs() <= 5 * (expected.diag() / M).sqrt()).all()
    scale = (expected.diag()[:, None] * expected.diag()).sqrt()
    assert ((torch.cov(new.T) - expected).abs() <= 8 * scale / M**0.5).all()


def test_clusters_keep_their_places_and_shares():
    middle = torch.tensor([-100.0, 0.0, 100.0])
    codes = LatentCodes((middle.repeat_interleave(torch.tensor([100, 200, 300])) + torch.randn(600))[:, None])
    new = sampled(codes, 3)[:, 0]
    found = (new[:, None] - middle).abs().argmin(1)
    assert (new - middle[found]).abs().max() < 10, "nothing in between"
    assert torch.bincount(found).div(M).tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6], abs=5 * (0.25 / M) ** 0.5)


def test_of_the_same_codes_it_is_always_the_same_mixture():
    """Where nothing clusters, it depends on where EM begins."""
    z = torch.rand(200, 3, generator=draw(1))
    first, second = (LatentCodes(z).mixture(8) for _ in range(2))
    assert all(one.equal(other) for one, other in zip(first, second, strict=True))


def test_it_is_the_same_mixture_however_many_threads_the_process_has():
    """A worker of joblib's has one, a process of its own as many as cores; scikit-learn's sums depend on it."""
    z = torch.randn(1000, 32, generator=draw(1), dtype=torch.float64)
    found = []
    for threads in (1, 3):
        with threadpool_limits(threads):
            found.append(LatentCodes(z).mixture(8))
    assert all(one.equal(other) for more in found[1:] for one, other in zip(found[0], more, strict=True))


def test_there_are_at_least_as_many_codes_as_components():
    with pytest.raises(ValueError, match=r"perturbation\.components=7: must be between 1 and 6 \(data\.n_train=6\)"):
        LatentCodes(torch.zeros(6, 2)).mixture(7)
