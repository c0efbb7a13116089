import pytest
import torch
from torch import nn

from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.gan import GANModule
from aeaug.gan.snapshot import Snapshot
from aeaug.perturbation.gaussian import Gaussian


@pytest.fixture(scope="session")
def decoded(embedded):
    """What an untrained autoencoder makes of the embedded subset of 200."""
    module = AutoencoderModule("mlp", latent_dim=8)
    perturbation, labels = Gaussian(name="gaussian", gamma=1.0), torch.arange(200) * 7 % 10
    return DecodedSource(module, embedded.train_images, perturbation, labels, classes=10)


class Brightness(nn.Module):
    """A discriminator that finds images the more real the brighter they are, times ``factor``."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(1.0))

    def forward(self, images):
        return self.factor * images.flatten(1).mean(1)


@pytest.fixture
def judging():
    """A GAN with such a discriminator, and a snapshot of it."""
    module = GANModule(generator_width=8, discriminator_width=8)
    module.discriminator = Brightness()
    return module, Snapshot(module, torch.device("cpu"))


@pytest.fixture
def draw():
    """``draw(seed)``: a generator."""
    return lambda seed=0: torch.Generator().manual_seed(seed)
