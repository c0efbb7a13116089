"""The options of an autoencoder and their ranges."""

import math
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from aeaug.autoencoder.networks import SAME
from aeaug.data.images import Shape, quarters
from aeaug.options import FolderName, Integer, Number, Options, Seed, looked_up

__all__ = [
    "MOST_STEPS",
    "AutoencoderChoice",
    "AutoencoderOptions",
    "ClosedFormOptions",
    "DenoisingOptions",
    "PlainOptions",
    "RAEOptions",
    "Stopping",
    "VAEOptions",
]

MOST_STEPS = 20_000
MOST_DIMENSIONS = 3 * 128 * 128  # of a code: more than any image has pixels

Stopping = Literal["fixed", "hold_out", "validation"]
"""What decides when training ends: a number of steps given beforehand; images of the subset that are not trained on;
or the validation slice, which are images beyond the subset."""


class _OfAnImage(Options):
    name: FolderName
    network: str
    latent_dim: Integer | None

    def faults_of(self, shape: Shape, image: str) -> Iterator[str]:
        """Why there is no such autoencoder of images of this ``shape`` (C, H, W), a line each; ``image``: one of them
        in words."""
        latent_dim, pixels = self.latent_dim, math.prod(shape)
        if self.network == "identity" and latent_dim not in (None, pixels):
            yield f"autoencoder.latent_dim={latent_dim}: of autoencoder.network=identity it is {pixels}, or auto"
        elif latent_dim is not None and latent_dim > pixels:
            yield f"autoencoder.latent_dim={latent_dim}: must be at most {pixels}; {image} has {pixels} pixels"
        if SAME.get(self.network, self.network) == "conv":
            try:
                quarters(shape)
            except ValueError as error:
                yield f"autoencoder.network={self.network}: {error}"

    def unused(self, n_train: int | None) -> dict[str, str]:
        """What makes no difference to a training on ``n_train`` images (None: not known yet): keys with the reason."""
        return {}


class ClosedFormOptions(_OfAnImage):
    """``conf/autoencoder/pca`` and ``identity``: what no training finds (:mod:`aeaug.autoencoder.closed_form`).
    ``latent_dim`` of ``identity``: ``auto`` (None) is what an image has."""

    network: Literal["pca", "identity"]
    latent_dim: Annotated[Integer | None, looked_up("auto")] = Field(ge=1, le=MOST_DIMENSIONS)

    @model_validator(mode="after")
    def _given(self) -> Self:
        if self.network == "pca" and self.latent_dim is None:
            raise ValueError("autoencoder.latent_dim=auto: of autoencoder.network=pca nothing says it; give a number")
        return self


class AutoencoderOptions(_OfAnImage):
    """What all that are trained have.

    ``steps`` of the optimizer: of ``stopping=fixed`` all of them, whose last weights are kept, otherwise the most;
    ``auto`` (None) is looked up by data and size of the subset, whether or not a controller holds out some of it
    (:mod:`aeaug.autoencoder.steps`).

    The other two choices of ``stopping`` look at images that are held out after every ``check_every`` steps, end after
    ``patience`` looks without a lower loss and keep the weights of the lowest. ``hold_out``: the share of the subset
    that is held out by the choice of that name.
    """

    latent_dim: Integer = Field(ge=1, le=MOST_DIMENSIONS)
    loss: Literal["mse", "bce"]
    lr: Number = Field(ge=1e-8, le=1)  # below, float32 weights of ordinary size stay as they are
    batch_size: Integer = Field(ge=1, le=65_536)
    steps: Annotated[Integer | None, looked_up("auto")] = Field(ge=1, le=MOST_STEPS)
    stopping: Stopping
    check_every: Integer = Field(ge=1, le=MOST_STEPS)
    patience: Integer = Field(ge=1, le=MOST_STEPS)
    hold_out: Number = Field(ge=0.01, le=0.5)
    seed: Seed

    @model_validator(mode="after")
    def _checked_at_the_end(self) -> Self:
        if self.stopping != "fixed" and self.steps is not None and self.steps % self.check_every:
            raise ValueError(
                f"autoencoder.steps={self.steps}: must be a multiple of autoencoder.check_every={self.check_every}, "
                f"or the last steps would never be looked at"
            )
        return self

    @override
    def unused(self, n_train: int | None) -> dict[str, str]:
        found = {}
        if n_train is not None and self.batch_size > n_train:
            found["batch_size"] = "a batch holds no more than the images that are trained on"
        if self.stopping != "hold_out":
            found["hold_out"] = f"autoencoder.stopping={self.stopping} has no use for it"
        if self.stopping == "fixed":
            for key in ("check_every", "patience"):
                found[key] = f"autoencoder.stopping={self.stopping} has no use for it"
        return found

    def own(self) -> dict[str, float]:
        """What the objective of this network has besides, by name."""
        return {
            key: getattr(self, key) for key in type(self).model_fields.keys() - AutoencoderOptions.model_fields.keys()
        }


class PlainOptions(AutoencoderOptions):
    """``autoencoder=article``, ``mlp`` and ``conv``."""

    network: Literal["article", "mlp", "conv"]


class DenoisingOptions(AutoencoderOptions):
    """``autoencoder=denoising``. ``noise``: standard deviation, of intensities in [0, 1], of what the encoder is shown
    in training."""

    network: Literal["denoising"]
    noise: Number = Field(ge=0.001, le=2)


class VAEOptions(AutoencoderOptions):
    """``autoencoder=vae`` and ``conv_vae``. ``beta``: weight of the divergence from the prior."""

    network: Literal["vae", "conv_vae"]
    beta: Number = Field(ge=0.001, le=100)


class RAEOptions(AutoencoderOptions):
    """``autoencoder=rae``. ``weight``: of the codes' squared norm."""

    network: Literal["rae"]
    weight: Number = Field(ge=1e-6, le=100)


AutoencoderChoice = Annotated[
    PlainOptions | DenoisingOptions | VAEOptions | RAEOptions | ClosedFormOptions, Field(discriminator="network")
]
