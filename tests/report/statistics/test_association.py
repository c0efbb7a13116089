"""Whether the autoencoder's quality decides: rank correlations over arms that differ in their autoencoder alone."""

import json
import math
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gmean, spearmanr

from aeaug.report.arms import Arm, Group
from aeaug.report.figures import autoencoder_quality
from aeaug.report.results import Results
from aeaug.report.statistics import association as module
from aeaug.report.statistics.association import _p, associations, spearman
from aeaug.report.tables import association_table
from aeaug.run.records import RunRecord
from tests.report.conftest import results, run_directory

ERRORS = (0.01, 0.013, 0.02, 0.025, 0.04, 0.08)


def planted(runs, order, units=6, noise=0.02, gamma=0.5):
    """Six autoencoders with these held-out errors; FD grows with the place in ``order``. The share of labels kept
    falls with the error, and FD of decoded images is the same of all."""
    for place, error in enumerate(ERRORS):
        for seed in range(units):
            drawn = np.random.default_rng([seed, place]).normal(0, noise, 2)
            path = run_directory(
                runs,
                variant=f"append_gaussian,autoencoder.latent={2**place}",
                injection="append",
                seed=seed,
                frechet=40.0 * math.exp(0.2 * order[place] + drawn[0]),
                samples=False,
                autoencoder={"name": "mlp", "latent": 2**place},
                perturbation={"name": "gaussian", "gamma": gamma},
            )
            file = path / "metrics.json"
            content = json.loads(file.read_text())
            quality = content["autoencoder"]["quality"]
            content["autoencoder"]["key"] = f"{place:08d}{seed:08d}"
            quality["held_out_error"] = error * math.exp(drawn[1])
            quality["perturbed_frechet"] = [500.0] * 5
            quality["labels_kept"] = [0.9 - error] * 5
            file.write_text(json.dumps(content))
    return results(runs)


@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 4, 9)])
def test_rank_correlations_are_scipys(shape):
    random = np.random.default_rng(0)
    x, y = random.integers(0, 5, shape).astype(float), random.normal(size=shape)  # with ties
    found = spearman(x, y).reshape(-1)
    flat = zip(x.reshape(-1, shape[-1]), y.reshape(-1, shape[-1]), strict=True)
    assert found == pytest.approx([spearmanr(a, b).statistic for a, b in flat], abs=1e-12)
    assert spearman(np.ones(4), np.arange(4.0)) == 0


def test_a_planted_order_is_found_with_its_sign(tmp_path):
    found = {one.key: one for one in associations(planted(tmp_path, [0, 1, 2, 3, 4, 5]))}
    assert found.keys() == {"held_out_error", "labels_kept"}, "where all are equal nothing is ordered"
    error, kept = found["held_out_error"], found["labels_kept"]
    assert (error.rho, kept.rho) == (pytest.approx(1.0), pytest.approx(-1.0))
    assert kept.p == error.p, "an order is as unlikely as the opposite one"
    assert error.units == 6
    assert error.interval == (pytest.approx(1.0), pytest.approx(1.0))
    assert error.p == pytest.approx(2 / math.factorial(6), abs=0.002)
    assert error.quality == pytest.approx(ERRORS, rel=0.05)
    assert np.log(error.fd / 40) == pytest.approx(0.2 * np.arange(6), abs=0.05)


def test_the_p_value_is_that_of_all_orders_of_the_autoencoders(tmp_path):
    order = [1, 0, 3, 4, 2, 5]
    (error, _) = associations(planted(tmp_path, order))
    every = [abs(spearmanr(range(6), one).statistic) for one in permutations(range(6))]
    assert error.rho == pytest.approx(spearmanr(range(6), order).statistic)
    assert error.p == pytest.approx(np.mean(np.array(every) >= abs(error.rho) - 1e-12), abs=0.01)


def test_noise_between_seeds_widens_the_interval(tmp_path):
    (calm, _) = associations(planted(tmp_path / "calm", [0, 1, 2, 3, 4, 5]))
    (loud, _) = associations(planted(tmp_path / "loud", [0, 1, 2, 3, 4, 5], noise=0.5))
    assert loud.interval[0] < loud.rho <= loud.interval[1]
    assert loud.interval[1] - loud.interval[0] > 0.1 > calm.interval[1] - calm.interval[0]


def test_the_interval_is_that_of_means_over_units_drawn_again(monkeypatch):
    """Of six arms ρ has steps of 2/35, 0.057: so fine is what 40,000 other draws of units agree in."""
    rng, names, units = np.random.default_rng(0), "abcdef", [(unit, unit) for unit in range(5)]
    fd, kept = (rng.gamma(1, size=(6, 5)) + np.arange(6)[:, None] for _ in range(2))
    of = {name: dict(zip(units, row, strict=True)) for name, row in zip(names, fd.tolist(), strict=True)}
    known = {(n, "labels_kept@0.5", u): kept[place, u[0]] for place, n in enumerate(names) for u in units}
    monkeypatch.setattr(module, "values_of", lambda arm, metric: of[arm.name])
    arms = tuple(SimpleNamespace(name=name, settings={"perturbation.gamma": "0.5"}) for name in names)
    found = module._association(None, arms, "labels_kept", known)
    drawn = np.random.default_rng(1).integers(0, 5, (40_000, 5))
    low, high = np.quantile(spearman(*(values[:, drawn].mean(-1).T for values in (kept, fd))), [0.025, 0.975])
    assert found.interval == pytest.approx((low, high), abs=0.03)


@pytest.mark.parametrize(
    ("key", "mean"), [("held_out_error", gmean), ("perturbed_frechet", gmean), ("labels_kept", np.mean)]
)
def test_what_is_compared_in_logarithms_has_geometric_means_over_the_units_that_all_arms_have(monkeypatch, key, mean):
    rng, names, units = np.random.default_rng(5), "abcdef", [(unit, unit) for unit in range(7)]
    fd, quality = rng.gamma(1, size=(2, 6, 7))
    of = {name: dict(zip(units, row, strict=True)) for name, row in zip(names, np.log(fd).tolist(), strict=True)}
    metric = key if key == "held_out_error" else f"{key}@0"  # of codes that nothing perturbs
    known = {(name, metric, unit): quality[place, unit[0]] for place, name in enumerate(names) for unit in units}
    del of["b"][units[5]], known["d", metric, units[6]]
    monkeypatch.setattr(module, "values_of", lambda arm, metric: of[arm.name])
    arms = tuple(SimpleNamespace(name=name, settings={}) for name in names)
    found = module._association(None, arms, key, known)
    assert found.units == 5
    assert found.quality == pytest.approx(mean(quality[:, :5], axis=1))
    assert found.fd == pytest.approx(gmean(fd[:, :5], axis=1))
    assert found.rho == pytest.approx(spearmanr(found.quality, found.fd).statistic)
    two = module._association(None, arms, key, {at: value for at, value in known.items() if at[2] in units[:2]})
    assert (two.units, two.interval is None) == (2, False)


def test_sizes_have_numbers_of_their_own_and_those_that_are_none_are_left_out():
    """Five arms of the same names at two sizes, at the second in the opposite order."""

    def group(size):
        runs = {
            name: RunRecord(
                "synthetic", name, size, 0, 0, "done", {place: 40.0 + n}, settings={"autoencoder.name": name}
            )
            for n, name in enumerate("abcde")
        }
        return Group("synthetic", size, tuple(Arm(name, size, (run,)) for name, run in runs.items()), {})

    place = ("generated", "frechet_distance", "end", "classifier")
    rows = [
        {"set": "autoencoder", "group": at, "arm": name, "metric": metric, "subset": 0, "seed": 0, "value": value}
        for n, name in enumerate("abcde")
        for at, metric, value in (
            (0, "held_out_error", 0.01 + 0.01 * n),
            (0, "labels_kept@0", math.nan),
            (1, "held_out_error", 0.09 - 0.01 * n),
            (1, "perturbed_frechet@0", 50.0 + n),
        )
    ]
    found = associations(Results(pd.DataFrame(rows), (group(100), group(500)), {}))
    assert [(one.group.n_train, one.key, len(one.arms), one.rho) for one in found] == [
        (100, "held_out_error", 5, pytest.approx(1)),
        (500, "held_out_error", 5, pytest.approx(-1)),
        (500, "perturbed_frechet", 5, pytest.approx(1)),
    ]


@pytest.mark.parametrize(("arms", "p"), [(6, 2 / 720), (8, 2 / 40_320), (14, 1 / 20_001)])
def test_up_to_eight_arms_all_orders_count_and_of_more_the_one_that_was_seen_and_20_000_drawn(arms, p):
    order = np.arange(float(arms))
    assert _p(order, order, 1.0, np.random.default_rng(0)) == p


def test_arms_that_differ_in_more_are_no_set(tmp_path):
    planted(tmp_path, [0, 1, 2, 3, 4, 5], units=1)
    for seed in range(2):  # the set's unit is what all of its arms have
        run_directory(tmp_path, variant="none", seed=seed, samples=False)
    (error, _) = associations(results(tmp_path))
    assert (len(error.arms), error.units, error.interval) == (6, 1, None)
    few = tmp_path / "few"
    for place in range(6):
        run_directory(
            few,
            variant=f"append_gaussian,autoencoder.latent={2**place}",
            injection="append",
            samples=False,
            autoencoder={"latent": 2**place},
            perturbation={"name": "gaussian", "gamma": 0.5 if place < 4 else 1.0},
        )
    assert associations(results(few)) == ()
    assert association_table(results(few)) is autoencoder_quality(results(few)) is None


def test_table_and_figure_say_what_was_found(tmp_path):
    found = planted(tmp_path, [0, 1, 2, 3, 4, 5])
    table, chart = association_table(found), autoencoder_quality(found)
    assert [row.cells[:4] for row in table.rows] == [
        ("held-out squared error", "6", "6", "1.00"),
        ("labels that decoded images keep", "6", "6", "−1.00"),
    ]
    assert chart.title
    assert chart.wide
    again = autoencoder_quality(found)
    assert (chart.svg, chart.png) == (again.svg, again.png)
    assert b"<svg" in chart.svg
