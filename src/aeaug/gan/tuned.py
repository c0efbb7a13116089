r"""Which weight of R1 a GAN has where ``gan.r1_gamma=auto``: the one whose baseline was best where it was tuned.

The best weight depends on how many images the discriminator sees again and again: on the size n of the subset, and on
the budget. It was chosen on subsets that no reported experiment uses, for the arm that injects nothing, by the
Fréchet distance on the validation slice at the end of the budget (docs/tuning.md). Between two sizes a and b that were
measured it is a line in logarithms,

.. math:: \log\gamma(n) = \log\gamma(a) + \frac{\log n - \log a}{\log b - \log a} (\log\gamma(b) - \log\gamma(a)),

to two significant digits, and of any other loss, network, budget or size nothing is said.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aeaug.options import shown

if TYPE_CHECKING:
    from aeaug.gan.options import GANOptions

__all__ = ["TUNED", "Tuned", "tuned_r1_gamma"]


class Tuned(NamedTuple):
    """``gamma`` by the size of the subset, for a GAN with these ``settings`` after so many ``images`` were shown to its
    discriminator in batches of ``batch_size``."""

    settings: dict[str, float | str | None]
    images: int
    batch_size: int
    gamma: dict[int, float]


_COMMON: dict[str, float | str | None] = {
    "latent_dim": 64,
    "loss": "non_saturating",
    "lr_generator": 2e-3,
    "lr_discriminator": 1e-3,
    "beta1": 0.0,
    "beta2": 0.99,
    "r1_every": 8,
    "ema_halflife_images": 50_000,
    "ema_rampup": 0.05,
}
_MLP = _COMMON | {
    "network": "mlp",
    "generator_width": 256,
    "generator_depth": 2,
    "discriminator_width": 256,
    "discriminator_depth": 2,
}

# The curves of one tuning tell all of its budgets: docs/tuning/r1_mlp.csv.
TUNED = (
    Tuned(_MLP, 153_600, 64, {100: 30.0, 500: 10.0, 25_000: 1.0}),
    Tuned(_MLP, 256_000, 64, {100: 30.0, 500: 10.0, 25_000: 1.0}),
    Tuned(_MLP, 512_000, 64, {100: 30.0, 500: 10.0, 25_000: 1.0}),
    Tuned(_MLP, 1_280_000, 64, {100: 30.0, 500: 30.0, 25_000: 3.0}),
)


def tuned_r1_gamma(gan: "GANOptions", n_train: int, images: int, batch_size: int) -> float:
    """Return γ for a subset of ``n_train`` images and a budget of ``images``.

    Raises ``ValueError``, in one line, for what was not measured.
    """
    candidates = [(tuned, tuned.settings | {"images": tuned.images, "batch_size": tuned.batch_size}) for tuned in TUNED]
    keys = list(dict.fromkeys(key for _, settings in candidates for key in settings))
    for key in keys:
        asked = {"images": images, "batch_size": batch_size}.get(key, getattr(gan, key, None))
        known = list(dict.fromkeys(settings[key] for _, settings in candidates))
        candidates = [one for one in candidates if one[1][key] == asked]
        if not candidates:
            group = "budget" if key in ("images", "batch_size") else "gan"
            words = " and ".join(map(shown, known))
            raise ValueError(f"gan.r1_gamma=auto: tuned for {group}.{key}={words}, not {shown(asked)}; give a number")
    gamma = candidates[0][0].gamma
    sizes = sorted(gamma)
    if not sizes[0] <= n_train <= sizes[-1]:
        span = f"={sizes[0]}" if len(sizes) == 1 else f" from {sizes[0]} to {sizes[-1]}"
        raise ValueError(f"gan.r1_gamma=auto: tuned for data.n_train{span}, not {n_train}; give a number")
    logarithm = np.interp(math.log(n_train), np.log(sizes), np.log([gamma[size] for size in sizes]))
    return float(f"{math.exp(logarithm):.2g}")
