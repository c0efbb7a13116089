import pytest

from aeaug.augmentation.gates import Judged
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.perturbation.reconstruct import Reconstruct


class Pixels(AutoencoderModule):
    """Decodes intensities that are ``kept`` of those that it encodes."""

    kept = 1.0

    def encode(self, images):
        return images.flatten(1)

    def decode(self, z):
        return (z.view(-1, 1, 28, 28) + 1) * self.kept - 1


@pytest.fixture
def judged(embedded):
    """``judged(kept, …)``: what a gate is shown of an autoencoder whose intensities are that much of the images'; with
    another perturbation, or other fields."""

    def build(kept=1.0, perturbation=None, **changes):
        module = Pixels("mlp", 784)
        module.kept = kept
        chosen = perturbation or Reconstruct(name="reconstruct")
        source = DecodedSource(module, embedded.train_images, chosen, classes=embedded.description.classes)
        return Judged(source, embedded.train_labels, embedded.train_images[:20], 0)._replace(**changes)

    return build
