"""The signs of autoencoders: numbers of those that were trained on a subset of 500 images, as each option file has it.

What is to be seen is what the source of each says it does better than what it was made from: fewer errors on unseen
images (:func:`unseen`) than a simpler one, images from noisy ones (Vincent et al. 2008), images from draws of the prior
(Kingma & Welling 2014), a decoder that changes little where its code does (Ghosh et al. 2020, arXiv:1903.12436).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.evaluation.evaluator import Evaluator
from aeaug.randomness import generator
from aeaug.signs.row import SEEDS, Row, rows_of

__all__ = ["OF_AUTOENCODERS", "Given", "OfAutoencoder", "rows_of_autoencoders", "slope", "smallness", "unseen"]

NOISE = 0.3  # standard deviation, of intensities in [0, 1]: that of conf/autoencoder/denoising.yaml
STEP = 1e-2  # of a code, in the root mean square of codes


class Given(NamedTuple):
    """What is measured of: training images ``(N, C, H, W)`` in [-1, 1], unseen ones, and FD to the latter."""

    trained: Tensor
    unseen: Tensor
    distance: Callable[[Tensor], float]

    @classmethod
    def of(cls, trained: Tensor, evaluator: Evaluator, unseen: Tensor) -> "Given":
        """Of images as bytes, and what measures sets as large as the unseen ones."""
        return cls(
            to_float(trained), to_float(unseen), lambda images: evaluator.frechet_distance(evaluator.features(images))
        )


class OfAutoencoder(NamedTuple):
    """``what`` is to be seen of an autoencoder that was ``told`` so: a ``number`` that is lower, or ``higher``, than
    that of another, or than a number."""

    told: tuple[str, ...]
    what: str
    number: Callable[[AutoencoderModule, Given], float]
    higher: bool
    than: tuple[str, ...] | float

    @property
    def of(self) -> tuple[str, ...]:
        """The autoencoder, by what it was told."""
        return self.told

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table."""
        than = ",".join(self.than) if isinstance(self.than, tuple) else str(self.than)
        return ",".join(self.told), self.what, "higher" if self.higher else "lower", than


def _error(images: Tensor, wanted: Tensor) -> float:
    """Mean squared difference of intensities in [0, 1]."""
    return float((images - wanted).square().mean()) / 4


@torch.no_grad()
def unseen(module: AutoencoderModule, given: Given) -> float:
    """The error of unseen images over that of the mean training image in their place."""
    return _error(module(given.unseen), given.unseen) / _error(given.trained.mean(0), given.unseen)


@torch.no_grad()
def _seen(module: AutoencoderModule, given: Given) -> float:
    return _error(module(given.trained), given.trained)


@torch.no_grad()
def _of_noisy(module: AutoencoderModule, given: Given) -> float:
    noise = torch.randn(given.unseen.shape, generator=generator(0, "signs: noisy images"))
    return _error(module(given.unseen + 2 * NOISE * noise), given.unseen)


@torch.no_grad()
def _of_prior(module: AutoencoderModule, given: Given) -> float:
    """Of a variational one the standard Gaussian; of another, which has none, one with the mean and the spread of its
    codes in each dimension."""
    codes = module.encode(given.trained)
    draws = torch.randn(len(given.unseen), codes.shape[1], generator=generator(0, "signs: prior"))
    variational = module.posterior(given.trained[:1])[1] is not None
    return given.distance(module.decode(draws if variational else codes.mean(0) + codes.std(0) * draws))


@torch.no_grad()
def smallness(module: AutoencoderModule, given: Given) -> float:
    """The mean square of the entries of training images' codes."""
    return float(module.encode(given.trained).square().mean())


@torch.no_grad()
def slope(module: AutoencoderModule, given: Given) -> float:
    """How far a decoded image moves, in intensities, over how far its code does, in the root mean square of the codes'
    entries, by a small step anywhere: root mean square over unseen images. That codes are small is no slope."""
    codes = module.encode(given.unseen)
    step = torch.randn(codes.shape, generator=generator(0, "signs: steps of codes"))
    size = codes.square().mean().sqrt()
    step *= STEP / step.square().mean().sqrt()
    moved = (module.decode(codes + size * step) - module.decode(codes)).flatten(1) / 2
    return float(moved.square().sum(1).mean().sqrt() / step.square().sum(1).mean().sqrt())


def _called(name: str, *more: str) -> tuple[str, ...]:
    return f"autoencoder={name}", *more


_UNSEEN = "unseen images come back: error over that of the mean image"
_SMOOTH = "the decoder is smooth: an image's move over its code's"
_PRIOR = "draws of the prior, or of a Gaussian as wide as the codes, are images: FD"

OF_AUTOENCODERS = (
    OfAutoencoder(_called("article"), _UNSEEN, unseen, False, 1.0),
    OfAutoencoder(_called("mlp"), _UNSEEN, unseen, False, _called("pca")),
    OfAutoencoder(_called("conv"), _UNSEEN, unseen, False, _called("mlp")),
    OfAutoencoder(_called("denoising"), "noisy images come back clean: error", _of_noisy, False, _called("mlp")),
    OfAutoencoder(_called("vae"), _PRIOR, _of_prior, False, _called("mlp")),
    OfAutoencoder(_called("conv_vae"), _PRIOR, _of_prior, False, _called("conv")),
    OfAutoencoder(_called("rae"), "codes are small: mean square", smallness, False, _called("mlp")),
    OfAutoencoder(_called("rae"), _SMOOTH, slope, False, _called("mlp")),
    OfAutoencoder(
        _called("pca"),
        "more components tell more of training images: error",
        _seen,
        False,
        _called("pca", "autoencoder.latent_dim=16"),
    ),
    OfAutoencoder(_called("identity"), "what comes in comes out: error", _seen, False, 1e-9),
)


def rows_of_autoencoders(measured: Callable[[tuple[str, ...], int], tuple[AutoencoderModule, Given]]) -> Iterator[Row]:
    """A row for each of :data:`OF_AUTOENCODERS`. ``measured``: the one of a subset that was told so, and what it is
    measured of."""
    return rows_of(OF_AUTOENCODERS, lambda one, told, place: one.number(*measured(told, SEEDS[place])))
