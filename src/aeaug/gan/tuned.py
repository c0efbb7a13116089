r"""Which weight of R1 a GAN has where ``gan.r1_gamma`` is left to be looked up: the best one where it was tuned.

``auto``
    the best of the arm that injects nothing: an augmentation, a view, or a penalty beside R1, is added to a tuned
    baseline, and nothing else changes;
``own``
    the best of the arm itself: both sides of a comparison are tuned alike.

The best weight depends on how many images the discriminator sees again and again: on the size n of the subset, on the
budget, and on what is injected. It was chosen on subsets that no reported experiment uses, by the Fréchet distance on
the validation slice at the end of the budget (docs/tuning.md). Between two sizes a and b that were measured it is a
line in logarithms,

.. math:: \log\gamma(n) = \log\gamma(a) + \frac{\log n - \log a}{\log b - \log a} (\log\gamma(b) - \log\gamma(a)),

to two significant digits (0 has no logarithm: it is of one size alone), and of any other loss, network, budget, size,
arm or data set nothing is said. It was tuned in float32; what was tuned on ``data=mnist`` is taken over for the
embedded images, which are MNIST's too (:data:`DATA`), and for bf16-mixed where that was compared with float32
(:data:`BF16`).
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from aeaug.options import listed, shown, span

__all__ = ["BASELINE", "DATA", "LOOKED_UP", "TUNED", "Tuned", "tuned_r1_gamma"]

LOOKED_UP = ("auto", "own")
"""What stands for a number that is looked up."""

DATA = ("mnist", "mnist_5k")
"""Whose images are MNIST's."""

BF16: "Settings" = {"gan.network": "mlp", "budget.images": 256_000, "data.n_train": 500}
"""Where bf16-mixed had the FD of float32, within 2% (``experiment=bf16``, docs/tuning.md)."""

Settings = dict[str, float | str | None]

_ADDED = tuple(f"gan.{group}{of}." for group in ("penalty", "view", "pseudo") for of in ("", "_schedule"))


class Tuned(NamedTuple):
    """``gamma`` by the size of the subset, for a GAN and an ``arm`` with these settings, dotted keys as they are typed,
    after so many ``images``, of the set ``data`` or what is like it, were shown to its discriminator in batches of
    ``batch_size``."""

    gan: Settings
    arm: Settings
    images: int
    batch_size: int
    gamma: dict[int, float]
    data: tuple[str, ...] = DATA

    @property
    def added(self) -> tuple[str, ...]:
        """Keys of what the discriminator has besides, views and penalties, all of which has to agree."""
        return tuple(key for key in self.arm if key.startswith(_ADDED))

    @property
    def settings(self) -> Settings:
        """All that has to agree."""
        budget = {"budget.images": self.images, "budget.batch_size": self.batch_size}
        return {**self.gan, **self.arm, **budget}


BASELINE: Settings = {"augmentation.name": "none", "gan.spectral_norm": False, "gan.dropout": 0.0}
_APPEND_GAUSSIAN: Settings = {
    "gan.spectral_norm": False,
    "gan.dropout": 0.0,
    "augmentation.name": "append",
    "augmentation.ratio": 1.0,
    "gan.r1_on": "mixture",
    "source.name": "decoded",
    "filter.name": "none",
    "schedule.name": "constant",
    "gate.name": "none",
    "perturbation.name": "gaussian",
    "perturbation.gamma": 0.5,
    "autoencoder.network": "mlp",
    "autoencoder.latent_dim": 32,
    "autoencoder.loss": "bce",
    "autoencoder.lr": 1e-3,
    "autoencoder.batch_size": 32,
    "autoencoder.steps": None,  # auto
    "autoencoder.stopping": "fixed",
    "budget.match": "shown",
}
_DIFFAUGMENT: Settings = BASELINE | {
    "gan.view.diffaugment.translation": 0.125,
    "gan.view.diffaugment.cutout": 0.5,
}
_LECAM: Settings = BASELINE | {
    "gan.penalty.lecam.weight": 0.3,
    "gan.penalty.lecam.decay": 0.99,
    "gan.penalty.lecam.every": 1,
}
_APA: Settings = BASELINE | {
    "gan.pseudo.apa.target": 0.6,
    "gan.pseudo.apa.images": 25_600,
    "gan.pseudo.apa.most": 0.8,
}
_COMMON: Settings = {
    "data.balanced": True,
    "gan.latent_dim": 64,
    "gan.loss": "non_saturating",
    "gan.lr_generator": 2e-3,
    "gan.lr_discriminator": 1e-3,
    "gan.beta1": 0.0,
    "gan.beta2": 0.99,
    "gan.r1_every": 8,
    "gan.discriminator_steps": 1,
    "gan.ema_halflife_images": 50_000,
    "gan.ema_rampup": 0.05,
}
_MLP: Settings = _COMMON | {
    "gan.network": "mlp",
    "gan.generator_width": 256,
    "gan.generator_depth": 2,
    "gan.discriminator_width": 256,
    "gan.discriminator_depth": 2,
}

_DCGAN: Settings = _COMMON | {
    "gan.network": "dcgan",
    "gan.generator_width": 32,
    "gan.generator_depth": 1,
    "gan.discriminator_width": 32,
    "gan.discriminator_depth": 1,
}

# The curves of one tuning tell all of its budgets: docs/tuning/r1_*.csv.
TUNED = (
    Tuned(_MLP, BASELINE, 153_600, 64, {100: 30.0, 500: 10.0, 2_000: 3.0, 25_000: 1.0}),
    Tuned(_MLP, BASELINE, 256_000, 64, {100: 30.0, 500: 10.0, 2_000: 3.0, 25_000: 1.0}),
    Tuned(_MLP, BASELINE, 512_000, 64, {100: 30.0, 500: 10.0, 2_000: 3.0, 25_000: 1.0}),
    Tuned(_MLP, BASELINE, 1_280_000, 64, {100: 30.0, 500: 30.0, 2_000: 10.0, 25_000: 3.0}),
    Tuned(_DCGAN, BASELINE, 256_000, 64, {100: 100.0, 500: 100.0}),
    Tuned(_MLP, _APPEND_GAUSSIAN, 153_600, 64, {100: 10.0, 500: 3.0}),
    Tuned(_MLP, _APPEND_GAUSSIAN, 256_000, 64, {100: 10.0, 500: 3.0}),
    Tuned(_MLP, _APPEND_GAUSSIAN, 512_000, 64, {100: 10.0, 500: 10.0, 2_000: 3.0}),
    Tuned(_MLP, _APPEND_GAUSSIAN, 1_280_000, 64, {100: 30.0, 500: 10.0, 2_000: 3.0}),
    Tuned(_MLP, _DIFFAUGMENT, 1_280_000, 64, {500: 0.1}),
    Tuned(_MLP, _APA, 1_280_000, 64, {500: 3.0}),
    Tuned(_MLP, BASELINE, 512_000, 64, {500: 30.0}, data=("fashion_mnist",)),
    Tuned(_MLP, BASELINE, 1_280_000, 64, {500: 100.0}, data=("fashion_mnist",)),
    Tuned(_MLP, _APPEND_GAUSSIAN, 1_280_000, 64, {500: 30.0}, data=("fashion_mnist",)),
    Tuned(_MLP, _DIFFAUGMENT, 1_280_000, 64, {500: 0.0}, data=("fashion_mnist",)),
    Tuned(_MLP, BASELINE, 512_000, 64, {25_000: 1.0}, data=("stacked_mnist",)),
)


def tuned_r1_gamma(options: Mapping[str, Any], n_train: int, own: bool = False) -> float:
    """Return γ for a subset of ``n_train`` images and a run's ``options``, dotted keys with their values: that of the
    baseline, or the arm's ``own``.

    Raises ``ValueError``, in one line, for what was not measured.
    """
    word = LOOKED_UP[own]
    data = options.get("data.kind", options.get("data.name"))
    of_data = [tuned for tuned in TUNED if data in tuned.data]
    if not of_data:
        known_data = listed(name for tuned in TUNED for name in tuned.data)
        raise ValueError(f"gan.r1_gamma={word}: tuned for data={known_data}, not {shown(data)}; give a number")
    if (scheduled := options.get("gan.r1_schedule.name")) is not None:
        constant = f"it was tuned as a constant, not with gan/r1_schedule={scheduled}"
        raise ValueError(f"gan.r1_gamma={word}: {constant}; give a number")
    if options.get("trainer.precision") == "bf16-mixed":
        given = {**options, "data.n_train": n_train, "data": DATA[0] if data in DATA else data}
        for key, compared in {"data": DATA[0], **BF16}.items():
            if given.get(key) != compared:
                raise ValueError(
                    f"gan.r1_gamma={word}: trainer.precision=bf16-mixed was compared with 32-true for "
                    f"{key}={shown(compared)}, not {shown(given.get(key))}; give a number"
                )
    asked = options if own else {**options, **BASELINE}
    added = [key for key in options if key.startswith(_ADDED)] if own else []
    candidates = [(tuned, tuned.settings) for tuned in of_data if set(tuned.added) == set(added)]
    if not candidates:
        key = added[0]
        raise ValueError(f"gan.r1_gamma=own: not tuned beside {key}={shown(options[key])}; give a number")
    for key in dict.fromkeys(key for _, settings in candidates for key in settings):
        known = list(dict.fromkeys(settings[key] for _, settings in candidates if key in settings))
        candidates = [one for one in candidates if key not in one[1] or one[1][key] == asked.get(key)]
        if not candidates:
            words = listed(map(shown, known))
            raise ValueError(
                f"gan.r1_gamma={word}: tuned for {key}={words}, not {shown(asked.get(key))}; give a number"
            )
    gamma = candidates[0][0].gamma
    sizes = sorted(gamma)
    if not sizes[0] <= n_train <= sizes[-1]:
        raise ValueError(f"gan.r1_gamma={word}: tuned for data.n_train{span(sizes)}, not {n_train}; give a number")
    if n_train in gamma:
        return gamma[n_train]
    logarithm = np.interp(math.log(n_train), np.log(sizes), np.log([gamma[size] for size in sizes]))
    return float(f"{math.exp(logarithm):.2g}")
