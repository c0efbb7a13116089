import pytest
import torch
from pydantic import TypeAdapter

from aeaug.augmentation import AutoencoderTransform
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.perturbation import LatentCodes, PerturbationOptions
from tests.conftest import quiet_trainer


@pytest.fixture
def transform_of(embedded):
    """``transform_of(name=…)``: T of an untrained autoencoder and that perturbation."""

    def build(**perturbation):
        module = AutoencoderModule("mlp", latent_dim=8)
        with torch.no_grad():
            codes = LatentCodes(module.encode(to_float(embedded.train_images)))
        options = TypeAdapter(PerturbationOptions).validate_python(perturbation)
        return AutoencoderTransform(module, codes, options)

    return build


@pytest.fixture
def trained():
    """``trained(module)``: ten steps of a GAN on the embedded images."""

    def fit(module, epochs=1):
        quiet_trainer(max_epochs=epochs).fit(
            module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
        )
        return module

    return fit
