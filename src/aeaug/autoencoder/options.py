"""The options of an autoencoder and their ranges."""

from typing import Literal

from pydantic import Field

from aeaug.options import FolderName, Integer, Number, Options, Seed

__all__ = ["AutoencoderOptions"]


class AutoencoderOptions(Options):
    """``conf/autoencoder``. ``patience``: epochs without a better validation loss before training stops and the best
    weights are kept (None: train ``max_epochs`` and keep the last)."""

    name: FolderName
    network: Literal["article", "mlp", "conv"]
    latent_dim: Integer = Field(ge=1, le=784)
    loss: Literal["mse", "bce"]
    lr: Number = Field(ge=1e-8, le=1)  # below, float32 weights of ordinary size stay as they are
    batch_size: Integer = Field(ge=1, le=65_536)
    max_epochs: Integer = Field(ge=1, le=100_000)
    patience: Integer | None = Field(ge=1, le=100_000)
    seed: Seed
