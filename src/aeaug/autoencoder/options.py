"""The options of an autoencoder and their ranges."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

__all__ = ["AutoencoderOptions"]


class AutoencoderOptions(BaseModel):
    """``conf/autoencoder``. ``patience``: epochs without a better validation loss before training stops and the best
    weights are kept (None: train ``max_epochs`` and keep the last)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    network: Literal["article", "mlp", "conv"]
    latent_dim: int = Field(ge=1, le=784)
    loss: Literal["mse", "bce"]
    lr: PositiveFloat
    batch_size: PositiveInt
    max_epochs: PositiveInt
    patience: PositiveInt | None
    seed: int
