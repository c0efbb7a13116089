"""The options of a GAN and their ranges."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

__all__ = ["GANOptions"]


class GANOptions(BaseModel):
    """``conf/gan``; see :class:`aeaug.gan.module.GANModule` for what each option does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    network: Literal["article", "mlp", "dcgan"]
    latent_dim: PositiveInt
    generator_width: PositiveInt
    generator_depth: PositiveInt
    discriminator_width: PositiveInt
    discriminator_depth: PositiveInt
    loss: Literal["minimax", "non_saturating"]
    lr_generator: PositiveFloat
    lr_discriminator: PositiveFloat
    beta1: float = Field(ge=0, lt=1)
    beta2: float = Field(ge=0, lt=1)
    r1_gamma: NonNegativeFloat
    r1_every: PositiveInt
    ema_halflife_images: NonNegativeFloat
    ema_rampup: PositiveFloat | None
