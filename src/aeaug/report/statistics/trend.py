r"""How an effect changes with the size of the training set, and where it ends: a claim of a trend over sizes.

Let d_uk be the difference of unit u, treatment minus control on the metric's scale, at n_k training images, and x_k =
log10 n_k. Each unit has the least-squares line

    f_u(x) = mean_k d_uk + b_u (x - x̄),    b_u = sum_k w_k d_uk,    w_k = (x_k - x̄) / sum_k (x_k - x̄)²,

and its slope b_u, the change of the effect with ten times the images, goes through the test that all claims go through:
units are flipped whole, so that sizes may depend on each other as they do. Of FD a slope is a relative change: +10%
says that the ratio of treatment to control grows by a tenth. With two sizes it is the difference of their effects, per
tenfold; with more, a straight line on a log axis is what is asked about. Whether there is one is another question: the
bend of a unit, c_u = sum_k v_k d_uk, has the weights v_k of the quadratic orthogonal polynomial over x_k, which give 0
to every straight line, and goes through the sign-flip test.

A pair with a diverged run may have any difference up to the reach of :mod:`aeaug.report.statistics.pairs`. The slope is
lowest where those of small sizes are at their highest and those of large ones at their lowest, as the signs of w_k say.

The fitted effect is 0 where mean_u f_u(x) is. Its 95% set are the n at which the two-sided sign-flip test of the f_u(x)
does not reject 0: exact where units are symmetric at that n, as is the test of the slope, and wider than a bootstrap by
seed, which takes the twelve seeds that there are for the world. (It is Fieller's idea, 1954, J. R. Statist. Soc. B 16,
with this test in the place of t.) It is looked for between the smallest and the largest size, and no further. Where the
units bend beyond chance, at 5%, a line is not where the effect ends: said is between which sizes its mean changes sign.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import TypeVar

import numpy as np

from aeaug.evaluation.reading import number
from aeaug.report.statistics.exact_test import CONFIDENCE, MINIMUM_PAIRS, sign_flip

__all__ = ["BENT", "crossing_text", "slope_weights", "slopes"]

BENT = "no straight line"
"""How it is begun that the effect is not proportional to the logarithm of the size."""

Unit = TypeVar("Unit", int, tuple[int, int])
_STEPS = 200  # of the sizes at which a crossing is looked for, evenly spaced on the log axis


def slope_weights(sizes: Sequence[int]) -> list[float]:
    """``w_k`` of sizes ``n_k``, at least two different ones; they sum to 0, and ``sum_k w_k log10 n_k`` is 1."""
    x = [math.log10(n) for n in sizes]
    centre = fmean(x)
    square = math.fsum((one - centre) ** 2 for one in x)
    return [(one - centre) / square for one in x]


def slopes(sizes: Sequence[int], differences: Sequence[Mapping[Unit, float]]) -> dict[Unit, float]:
    """``b_u`` of each unit that has a difference at all ``sizes``, per tenfold; of none below two sizes."""
    if len(sizes) < 2:
        return {}
    weights = slope_weights(sizes)
    return {
        unit: math.fsum(weight * size[unit] for weight, size in zip(weights, differences, strict=True))
        for unit in differences[0]
        if all(unit in size for size in differences)
    }


def crossing_text(sizes: Sequence[int], differences: Sequence[Mapping[int, float]]) -> str:
    """At which number of training images the fitted effect is 0, in words, with its 95% set; empty below two sizes or
    `MINIMUM_PAIRS` units."""
    slope = slopes(sizes, differences)
    if len(slope) < MINIMUM_PAIRS:
        return ""
    x = [math.log10(n) for n in sizes]
    if (bent := _bend(x, differences)) <= 1 - CONFIDENCE:
        means = [fmean(size[unit] for unit in slope) for size in differences]
        turns = [
            f"between {number(one)} and {number(other)}"
            for (one, before), (other, after) in pairwise(zip(sizes, means, strict=True))
            if before * after < 0
        ]
        where = (
            f"the mean effect changes sign {' and '.join(turns)} images" if turns else "it has one sign at all sizes"
        )
        return f"{BENT}, p = {bent:.2g}: {where}"
    units = [(fmean(size[unit] for size in differences), slope[unit]) for unit in sorted(slope)]
    offset, steepness = (fmean(values) for values in zip(*units, strict=True))
    grid = np.linspace(min(x), max(x), _STEPS + 1)
    kept = [
        place
        for place, at in enumerate(grid)
        if sign_flip([level + own * (float(at) - fmean(x)) for level, own in units]) > 1 - CONFIDENCE
    ]
    between = f"between {number(min(sizes))} and {number(max(sizes))} images"
    at = fmean(x) - offset / steepness if steepness else math.inf
    inside = min(x) <= at <= max(x)
    said = f"the fitted effect is 0 at {_images(at)} images" if inside else f"the fitted effect is 0 nowhere {between}"
    return f"{said}; at 95% it may be {_set_text(grid, kept, between)}"


def _bend(x: Sequence[float], differences: Sequence[Mapping[int, float]]) -> float:
    """The p-value of a bend of 0; 1 below three sizes."""
    if len(x) < 3:
        return 1.0
    straight = np.vander(x, 2)
    square = np.square(np.asarray(x) - fmean(x))
    weights = square - straight @ np.linalg.lstsq(straight, square, rcond=None)[0]
    units = set.intersection(*(set(size) for size in differences))
    bends = [math.fsum(w * size[unit] for w, size in zip(weights, differences, strict=True)) for unit in units]
    rounding = 1e-9 * max(abs(size[unit]) for size in differences for unit in units)  # which has a sign of its own
    return sign_flip([bend if abs(bend) > rounding else 0.0 for bend in bends])


def _set_text(grid: np.ndarray, kept: Sequence[int], between: str) -> str:
    """The sizes at which the effect may be 0, those of one run of ``grid``, or of several."""
    if not kept:
        return f"nowhere {between}"
    if len(kept) == len(grid):
        return f"anywhere {between}"
    gaps = [(place, after) for place, after in pairwise(kept) if after > place + 1]
    said = []
    for first, last in zip([kept[0], *(b for _, b in gaps)], [*(a for a, _ in gaps), kept[-1]], strict=True):
        if first == 0:
            said.append(f"up to {_images(grid[last])}")
        elif last == len(grid) - 1:
            said.append(f"from {_images(grid[first])} on")
        else:
            said.append(f"from {_images(grid[first])} to {_images(grid[last])}")
    return " and ".join(said)


def _images(log_size: float) -> str:
    """A number of images in two digits that tell something."""
    size = 10 ** float(log_size)
    return number(float(f"{size:.2g}"))
