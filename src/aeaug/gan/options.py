"""The options of a GAN and their ranges."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer
from torch import nn
from torch.overrides import TorchFunctionMode

from aeaug.data.images import Shape
from aeaug.gan.losses import LossName
from aeaug.gan.networks import Network, build_discriminator, build_generator
from aeaug.gan.penalties import PenaltyOptions
from aeaug.gan.pseudo import PseudoOptions
from aeaug.gan.rated import Rated
from aeaug.gan.schedules import WeightSchedule
from aeaug.gan.tuned import LOOKED_UP
from aeaug.gan.views import ViewOptions
from aeaug.options import FolderName, Integer, Number, Options, looked_up

__all__ = ["MOST_WEIGHTS", "SCHEDULES", "GANOptions"]

MOST_WEIGHTS = 100_000_000  # of a network: 400 MB, four times with its gradients and Adam's averages

SCHEDULES = ("r1_schedule", "penalty_schedule", "view_schedule", "pseudo_schedule")


class GANOptions(Options):
    """``conf/gan``; see :class:`aeaug.gan.module.GANModule` for what each option does. ``r1_gamma``: ``auto`` and
    ``own`` (None) are looked up by loss, network, size of the subset and budget (:mod:`aeaug.gan.tuned`).

    ``r1_schedule``: the share of its weight over training, ``penalty_schedule``: of those of all of ``penalty``,
    ``view_schedule``, ``pseudo_schedule``: of the rates of those of ``view`` and ``pseudo`` that have one of their own
    (:class:`aeaug.gan.rated.Rated`); all are of :mod:`aeaug.gan.schedules`; None: all of it, all the time. R1 has its
    own because it is what a baseline is tuned by, and the others are what an arm adds.
    """

    name: FolderName
    network: Network
    latent_dim: Integer = Field(ge=1, le=4096)
    generator_width: Integer = Field(ge=1, le=8192)
    generator_depth: Integer = Field(ge=1, le=16)
    discriminator_width: Integer = Field(ge=1, le=8192)
    discriminator_depth: Integer = Field(ge=1, le=16)
    loss: LossName
    lr_generator: Number = Field(ge=1e-8, le=1)  # below, float32 weights of ordinary size stay as they are
    lr_discriminator: Number = Field(ge=1e-8, le=1)
    beta1: Number = Field(ge=0, lt=1)
    beta2: Number = Field(ge=0, lt=1)
    r1_gamma: Annotated[Number | None, looked_up(*LOOKED_UP)] = Field(ge=0, le=1e6)
    r1_every: Integer = Field(ge=1, le=10_000)
    r1_on: Literal["mixture", "real"] = "mixture"
    r1_schedule: WeightSchedule | None = None
    penalty: PenaltyOptions = PenaltyOptions()
    penalty_schedule: WeightSchedule | None = None
    view: ViewOptions = ViewOptions()
    view_schedule: WeightSchedule | None = None
    pseudo: PseudoOptions = PseudoOptions()
    pseudo_schedule: WeightSchedule | None = None
    discriminator_steps: Integer = Field(default=1, ge=1, le=100)
    spectral_norm: bool = False
    dropout: Number = Field(default=0.0, ge=0, lt=1)
    ema_halflife_images: Number = Field(ge=0, le=1e9)
    ema_rampup: Number | None = Field(ge=1e-6, le=1e3)

    def schedules(self) -> dict[str, WeightSchedule]:
        """Those that the weight or rate of something follows, by their keys."""
        weighted = {"r1_schedule": self.r1_gamma != 0, "penalty_schedule": bool(self.penalty.chosen())}
        for key, group in (("view_schedule", self.view), ("pseudo_schedule", self.pseudo)):
            weighted[key] = any(isinstance(one, Rated) for one in group.chosen().values())
        return {key: one for key in SCHEDULES if weighted[key] and (one := getattr(self, key)) is not None}

    @model_serializer(mode="wrap")
    def _without_what_is_constant(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in serialized(self).items() if key not in SCHEDULES or value is not None}

    def faults_of(self, shape: Shape) -> Iterator[str]:
        """Why there are no such networks and views of images of this ``shape``, a line each."""
        counts: dict[str, int] = {}
        try:
            counts = {
                "generator": _weights_of_generator(
                    self.network, self.latent_dim, self.generator_width, self.generator_depth, shape
                ),
                "discriminator": _weights_of_discriminator(
                    self.network, self.discriminator_width, self.discriminator_depth, shape
                ),
            }
        except ValueError as error:
            yield f"gan.network={self.network}: {error}"
        for name, count in counts.items():
            keys = (f"{name}_width", f"{name}_depth", *(["latent_dim"] if name == "generator" else []))
            if count > MOST_WEIGHTS:
                said = ", ".join(f"gan.{key}={getattr(self, key)}" for key in keys)
                yield (
                    f"{said}: a {name} of gan.network={self.network} would have {count:,} weights, "
                    f"more than {MOST_WEIGHTS:,}"
                )
        for view in self.view.chosen().values():
            if faults := getattr(view, "faults_of", None):
                yield from faults(shape)


@lru_cache(maxsize=256)  # a sweep's jobs have the same few
def _weights_of_generator(network: Network, latent_dim: int, width: int, depth: int, shape: Shape) -> int:
    with torch.device("meta"), _Unfilled():
        return _count(build_generator(network, latent_dim, width, depth, shape))


@lru_cache(maxsize=256)
def _weights_of_discriminator(network: Network, width: int, depth: int, shape: Shape) -> int:
    with torch.device("meta"), _Unfilled():
        return _count(build_discriminator(network, width, depth, shape=shape))


def _count(network: nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


class _Unfilled(TorchFunctionMode):
    """Builds networks without drawing their weights, which even without memory for them takes seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return (kwargs or {}).get("tensor", args[0] if args else None)
        return func(*args, **(kwargs or {}))
