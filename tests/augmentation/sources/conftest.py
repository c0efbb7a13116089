import pytest
import torch
from pydantic import TypeAdapter

from aeaug.augmentation.sources import SourceChoice
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.perturbation.gaussian import Gaussian

OPTIONS = TypeAdapter(SourceChoice)


class Nearly(AutoencoderModule):
    """Decodes nearly what it encodes: pixels, darker by a tenth."""

    def encode(self, images):
        return images.flatten(1)

    def decode(self, z):
        return ((z.view(-1, 1, 28, 28) + 1) * 0.9 - 1).clamp(-1, 1)


@pytest.fixture(scope="session")
def decoded(embedded):
    """What it makes of the embedded subset of 200."""
    return DecodedSource(Nearly("mlp", 784), embedded.train_images, Gaussian(name="gaussian", gamma=0.5))


@pytest.fixture
def source_of(decoded, embedded):
    """``source_of(name=…)``: the source of those options."""

    def build(fresh=None, **options):
        return OPTIONS.validate_python(options).of(decoded, embedded.fresh_images if fresh is None else fresh)

    return build


@pytest.fixture
def draw():
    """``draw(seed)``: a generator."""
    return lambda seed=0: torch.Generator().manual_seed(seed)
