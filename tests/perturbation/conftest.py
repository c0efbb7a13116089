import pytest
import torch

from aeaug.perturbation import LatentCodes


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="session")
def codes():
    """400 codes of 4 dimensions, of which the last is constant, as of a variational encoder, with labels and a
    score; read only."""
    scales = torch.tensor([0.1, 1.0, 10.0, 0.0])
    z = torch.randn(400, 4, generator=draw(1)) * scales + 3
    return LatentCodes(z, torch.rand(400, 4, generator=draw(2)) + 0.1, torch.arange(400) % 10, lambda z: z.sin().sum(1))
