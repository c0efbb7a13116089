import lightning as L
import pytest
import torch
from pydantic import TypeAdapter

from aeaug.augmentation import AutoencoderTransform
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.perturbation import LatentCodes, PerturbationOptions


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
        trainer = L.Trainer(
            accelerator="cpu",
            max_epochs=epochs,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            limit_val_batches=0,
        )
        trainer.fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200))
        return module

    return fit
