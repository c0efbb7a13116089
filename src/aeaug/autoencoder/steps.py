r"""How many steps an autoencoder trains where ``autoencoder.steps=auto``: what reconstructs held-out images best.

More steps on few images make held-out ones worse, so the number depends on the size n of the subset. It was chosen on
subsets that no reported experiment uses, for each option file: the fewest of the steps measured whose mean error is
within 1% of the lowest (docs/tuning.md, by ``scripts/tune_autoencoder.py``). Between two sizes a and b that were
measured, the number of steps s is a line in logarithms,

.. math:: \log s(n) = \log s(a) + \frac{\log n - \log a}{\log b - \log a} (\log s(b) - \log s(a)),

and of anything that was not measured nothing is said. What was chosen on subsets of ``data=mnist`` (:data:`DATA`) is
taken over for the embedded images, which are MNIST's too. A training that ends early, on what is held out
(``autoencoder.stopping``), has twice as many at most: it is to end where they say.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from aeaug.autoencoder.options import MOST_STEPS, AutoencoderOptions
from aeaug.options import listed, shown, span

__all__ = ["DATA", "MEASURED", "Measured", "chosen_steps"]

DATA = ("mnist", "mnist_5k")
"""Whose images are MNIST's."""

AHEAD = 2
SETTINGS = ("network", "latent_dim", "loss", "lr", "batch_size")


class Measured(NamedTuple):
    """``steps`` by the size of the subset, for an autoencoder with these settings and the ``own`` of its objective, on
    images of ``data``."""

    network: str
    latent_dim: int
    loss: str
    lr: float
    batch_size: int
    steps: dict[int, int]
    own: dict[str, float] = {}  # noqa: RUF012
    data: tuple[str, ...] = DATA


MEASURED = (
    Measured("mlp", 32, "bce", 1e-3, 32, {100: 250, 500: 750, 2_000: 2_000, 25_000: 20_000, 50_000: 20_000}),
    Measured("conv", 32, "bce", 2e-3, 32, {100: 125, 500: 500, 2_000: 1_500}),
    Measured("vae", 32, "bce", 1e-3, 32, {100: 500, 500: 1_500, 2_000: 5_000, 25_000: 20_000}, {"beta": 1.0}),
    Measured("conv_vae", 32, "bce", 2e-3, 32, {100: 250, 500: 750, 2_000: 2_000}, {"beta": 1.0}),
    Measured("denoising", 32, "bce", 1e-3, 32, {100: 250, 500: 1_500, 2_000: 3_000}, {"noise": 0.3}),
    Measured("rae", 32, "bce", 1e-3, 32, {100: 7_000, 500: 7_000, 2_000: 7_000}, {"weight": 1e-3}),
    Measured("mlp", 32, "bce", 1e-3, 32, {500: 750}, data=("fashion_mnist",)),
    Measured("mlp", 32, "bce", 1e-3, 32, {25_000: 20_000}, data=("stacked_mnist",)),
)


def chosen_steps(options: AutoencoderOptions, n_train: int, data: str, of: str = "data.n_train") -> int:
    """Return the number of steps for a subset of ``n_train`` images of the data set of this name; ``of``: what their
    number is called where it is given.

    Raises ``ValueError``, in one line, for what was not measured: other data, settings or sizes.
    """
    candidates = [one for one in MEASURED if data in one.data]
    if not candidates:
        known = listed(name for one in MEASURED for name in one.data)
        raise ValueError(f"autoencoder.steps=auto: measured for data={known}, not {shown(data)}; give a number")
    found = _measured(options, candidates)
    sizes = sorted(found.steps)
    if not sizes[0] <= n_train <= sizes[-1]:
        raise ValueError(f"autoencoder.steps=auto: measured for {of}{span(sizes)}, not {n_train}; give a number")
    logs = np.log([found.steps[size] for size in sizes])
    steps = round(math.exp(np.interp(math.log(n_train), np.log(sizes), logs)))
    return steps if options.stopping == "fixed" else min(MOST_STEPS, AHEAD * steps)


def _measured(options: AutoencoderOptions, of_data: Sequence[Measured]) -> Measured:
    candidates = [(one, {**one._asdict(), **one.own}) for one in of_data]
    for key in (*SETTINGS, *options.own()):
        asked, known = getattr(options, key), list(dict.fromkeys(settings[key] for _, settings in candidates))
        candidates = [one for one in candidates if one[1][key] == asked]
        if not candidates:
            words = listed(map(shown, known))
            raise ValueError(
                f"autoencoder.steps=auto: measured for autoencoder.{key}={words}, not {shown(asked)}; give a number"
            )
    return candidates[0][0]
