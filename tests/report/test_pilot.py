import math

import pandas as pd
import pytest
from scipy.stats import chi2, norm

from aeaug.report.pilot import Pilot, detectable, equivalent, pilots
from aeaug.run.table import COLUMNS


def row(arm, seed, value, images=100, n_train=500, **more):
    empty = {name: "" for name, kind in COLUMNS.items() if kind == "str"} | {"images": None, "value": math.nan}
    known = {"experiment": "p", "arm": arm, "n_train": n_train, "subset": seed, "seed": seed, "state": "done"}
    known |= {"split": "validation", "set": "generated", "metric": "frechet_distance", "images": images, "value": value}
    return empty | dict.fromkeys(COLUMNS.keys() - empty.keys(), 0) | known | more


def table(*rows):
    return pd.DataFrame(rows)[list(COLUMNS)].astype(COLUMNS)


def pair(seed, control, treatment, **more):
    return [row("none", seed, control, **more), row("append_gaussian,gan=mlp", seed, treatment, **more)]


def test_differences_are_of_logarithms_at_the_end_and_of_pairs_alone():
    rows = [*pair(1, 100, 80), *pair(2, 100, 50), *pair(3, 10, 20), row("none", 4, 5.0)]
    earlier = [row("none", 1, 9.0, images=50), *pair(5, 1, 2, state="running")]
    (found,) = pilots(table(*earlier, *rows), "append_gaussian", "none")
    expected = [math.log(ratio) for ratio in (0.8, 0.5, 2.0)]
    assert list(found.differences) == [(1, 1), (2, 2), (3, 3)]
    assert list(found.differences.values()) == pytest.approx(expected, abs=1e-12)
    assert found.mean == pytest.approx(math.log(0.8) / 3, abs=1e-12)
    assert (found.n_train, found.images) == (500, 100)
    sizes = [*rows, *(one for seed in (1, 2, 3) for one in pair(seed, 10, 20, n_train=100))]
    assert [one.n_train for one in pilots(table(*sizes), "append_gaussian", "none")] == [100, 500]


def test_the_deviation_is_that_of_its_interval():
    found = Pilot(500, 100, {(seed, seed): value for seed, value in enumerate((0.0, 1.0, 2.0, 3.0))})
    assert found.sd == pytest.approx(math.sqrt(5 / 3), abs=1e-12)
    low, high = found.sd_interval
    # (n - 1) s² / σ² is χ² with n - 1 degrees of freedom: the ends are those σ that put it at its 90% and 10% quantile.
    assert [3 * 5 / 3 / end**2 for end in (low, high)] == pytest.approx(chi2.ppf([0.9, 0.1], 3), rel=1e-9)


def test_pairs_of_one_subset_are_one_unit():
    """However many initialisations: a tenth of the deviation lies between them."""
    crossed = {(subset, seed): subset + 0.1 * (seed - 1) for subset in range(4) for seed in range(3)}
    rows = [one for (subset, seed), d in crossed.items() for one in pair(seed, 1, math.exp(d), subset=subset)]
    (found,) = pilots(table(*rows), "append_gaussian", "none")
    assert len(found.differences) == 12
    assert sorted(found.units) == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=1e-12)
    assert found.sd == pytest.approx(math.sqrt(5 / 3), abs=1e-12)
    # Of one subset it is the initialisations that differ.
    alone = [one for seed in range(3) for one in pair(seed, 1, math.exp(seed), subset=0)]
    (found,) = pilots(table(*alone), "append_gaussian", "none")
    assert sorted(found.units) == pytest.approx([0.0, 1.0, 2.0], abs=1e-12)
    two = [one for subset in range(2) for seed in range(2) for one in pair(seed, 1, 2, subset=subset)]
    with pytest.raises(ValueError, match=r"4 pairs of 2 subsets at 500 images, a pilot needs 3"):
        pilots(table(*two), "append_gaussian", "none")


def test_an_arm_is_not_mixed_with_those_that_have_more_in_their_names():
    plain = [one for seed in range(4) for one in pair(seed, 1, 2)]
    (found,) = pilots(table(*plain), "append_gaussian", "none")
    more = [row("append_gaussian,autoencoder=pca", seed, 50.0) for seed in range(4)]
    exact = [row("append_gaussian", seed, 2.0) for seed in range(4)]
    (same,) = pilots(
        table(*(one for one in plain if one["arm"].startswith("none")), *exact, *more), "append_gaussian", "none"
    )
    assert same.differences == pytest.approx(found.differences)
    others = [row("append_gaussian,autoencoder=conv", seed, 70.0) for seed in range(4)]
    with pytest.raises(
        ValueError, match=r"append_gaussian: several arms at 500 images are called so: .*conv and .*pca$"
    ):
        pilots(
            table(*(one for one in plain if one["arm"].startswith("none")), *more, *others), "append_gaussian", "none"
        )


def test_runs_that_diverged_are_counted():
    rows = [one for seed in range(4) for one in pair(seed, 1, 2)]
    lost = [row("none", 4, 5.0, state="diverged"), row("append_gaussian", 5, 5.0, state="diverged")]
    other = [row("mix", 4, 5.0, state="diverged"), row("none", 4, 5.0, n_train=100, state="diverged")]
    (found,) = pilots(table(*rows, *lost, *other), "append_gaussian", "none")
    assert (len(found.differences), found.diverged) == (4, 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*pair(1, 1, 2), *pair(2, 1, 2)], "append_gaussian, none: 2 pairs at 500 images, a pilot needs 3"),
        ([row("none", seed, 1.0) for seed in range(3)], "append_gaussian: no arm at 500 images; there are none"),
        ([one for seed in range(3) for one in pair(seed, 1, 2, images=seed + 1)], "runs of different budgets: 1, 2, 3"),
    ],
)
def test_what_is_no_pilot_is_said_in_one_line(rows, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        pilots(table(*rows), "append_gaussian", "none")


def test_six_pairs_decide_where_all_have_the_same_sign():
    """At a level of 0.05 only these two of 64 patterns pass: Φ(δ)⁶ + Φ(-δ)⁶ = 0.8 at δ = 1.79."""
    found = detectable(6)
    assert norm.cdf(found) ** 6 + norm.cdf(-found) ** 6 == pytest.approx(0.8, abs=0.06)  # three standard errors


def test_more_pairs_find_less_and_more_claims_need_more():
    assert detectable(5) == equivalent(4) == math.inf
    assert detectable(6) > detectable(8) > detectable(12) > 0.8
    assert detectable(12, tests=12) > detectable(12)
    assert detectable(6, tests=2) == math.inf
    # With n large it is that of the z-test: (1.96 + 0.84) / √n = 0.81 at 12, a little more for so few.
    assert 0.81 < detectable(12) < 1.0
    assert equivalent(6) > equivalent(12) > 0.5
