"""The signs of perturbations: numbers of the codes of a subset's autoencoder, and of what became of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from aeaug.perturbation import LatentCodes
from aeaug.signs.row import Row, rows_of

__all__ = [
    "OF_CODES",
    "Moved",
    "OfCodes",
    "aligned",
    "at_mean",
    "estranged",
    "farthest",
    "forgotten",
    "outside",
    "root_mean_square",
    "rows_of_codes",
]

LEAVES_BY = 1e-5  # of the largest entry of a code: more than float32 and the solver make of a point on an edge

Moved = tuple[np.ndarray, np.ndarray, LatentCodes]
"""Codes ``(N, D)``, what became of them, and the training codes."""


class OfCodes(NamedTuple):
    """``what`` is to be seen of a ``perturbation``, told more where there is a comma in it: a ``number`` that is lower,
    or ``higher``, than that of another one, or than a number."""

    perturbation: str
    what: str
    number: Callable[[np.ndarray, np.ndarray, LatentCodes], float]
    higher: bool
    than: str | float

    @property
    def of(self) -> str:
        """The perturbation."""
        return self.perturbation

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table."""
        return f"perturbation={self.perturbation}", self.what, "higher" if self.higher else "lower", str(self.than)


def outside(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of 50 codes that are farther from every convex combination of the training codes than rounding makes them:
    in the largest difference of a dimension, which a linear program makes as small as it can be."""
    known = codes.z.double().numpy().T
    scale, (dimensions, count) = np.abs(known).max(), known.shape
    slack = -np.ones((dimensions, 1))
    sides = np.vstack([np.hstack([known / scale, slack]), np.hstack([-known / scale, slack])])
    left = 0
    for code in moved[:50].astype(np.float64) / scale:
        found = linprog(
            np.append(np.zeros(count), 1),
            A_ub=sides,
            b_ub=np.concatenate([code, -code]),
            A_eq=np.append(np.ones(count), 0)[None],
            b_eq=[1],
        )
        assert found.fun is not None
        left += found.fun > LEAVES_BY
    return left / len(moved[:50])


def farthest(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """The largest move of a dimension, in its standard deviations."""
    return float((np.abs(moved - z) / codes.sigma.numpy()).max())


def root_mean_square(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Of the moves, in standard deviations of their dimensions."""
    return float(np.sqrt(np.square((moved - z) / codes.sigma.numpy()).mean()))


def aligned(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of the moves' variance along the ten principal directions of the codes."""
    centred = codes.z.double().numpy() - codes.z.double().numpy().mean(0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:10]
    moves = (moved - z).astype(np.float64)
    return float(np.square(moves @ directions.T).sum() / np.square(moves).sum())


def forgotten(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of codes whose perturbed one lies nearer to another image's code."""
    distances = np.linalg.norm(moved[:, None] - codes.z.numpy()[None], axis=2)
    return float((distances.argmin(1) != np.arange(len(moved)) % len(codes.z)).mean())


def estranged(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of codes whose perturbed one lies nearest to the code of an image of another class."""
    assert codes.labels is not None
    labels = codes.labels.cpu().numpy()
    distances = np.linalg.norm(moved[:, None] - codes.z.numpy()[None], axis=2)
    return float((labels[distances.argmin(1)] != labels[np.arange(len(moved)) % len(labels)]).mean())


def at_mean(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of entries that are the mean of their dimension."""
    return float(np.isclose(moved, codes.mean.numpy(), rtol=1e-5, atol=1e-6).mean())


OF_CODES = (
    OfCodes("reconstruct", "codes stay: root mean square move, in σ", root_mean_square, False, 1e-9),
    OfCodes("gaussian", "moves are unbounded: largest, in σ", farthest, True, "uniform"),
    OfCodes("uniform", "moves are bounded by √3 γ: largest, in σ", farthest, False, 0.8661),
    OfCodes("interpolate", "codes stay in the hull of the training codes: share outside", outside, False, 0.05),
    OfCodes("extrapolate", "codes leave the hull of the training codes: share outside", outside, True, 0.9),
    OfCodes("difference", "moves go where codes vary: share along 10 directions", aligned, True, "gaussian"),
    OfCodes("mixup", "codes stay in the hull of the training codes: share outside", outside, False, 0.05),
    OfCodes("dropout", "a fifth of the entries is the mean: share", at_mean, True, 0.15),
    OfCodes("density", "codes are forgotten: share nearer to another's", forgotten, True, 0.9),
    OfCodes("chain", "it moves beyond its first link: largest, in σ", farthest, True, "interpolate"),
    *(
        OfCodes(
            f"{name},perturbation.within=class",
            "codes stay with their class: share nearest to an image of another",
            estranged,
            False,
            name,
        )
        for name in ("interpolate", "extrapolate", "difference")
    ),
    OfCodes("posterior", "codes stay their own image's: share nearer to another's", forgotten, False, 0.5),
)


def rows_of_codes(moved: Mapping[str, list[Moved]]) -> Iterator[Row]:
    """A row for each of :data:`OF_CODES`. ``moved``: by perturbation, on each subset."""
    return rows_of(OF_CODES, lambda one, perturbation, place: one.number(*moved[perturbation][place]))
