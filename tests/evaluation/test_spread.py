"""Mean and standard deviation over draws, against NumPy and for what has no number."""

import numpy as np
import pytest

from aeaug.evaluation.spread import spread


def test_agrees_with_numpy():
    values = np.random.default_rng(0).normal(size=20)
    mean, sd = spread([{"classifier": {"fd": float(value), "modes": 10}} for value in values])
    assert mean["classifier"]["fd"] == pytest.approx(values.mean(), rel=1e-12)
    assert sd["classifier"]["fd"] == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert (mean["classifier"]["modes"], sd["classifier"]["modes"]) == (10, 0)


def test_lists_are_taken_place_by_place_and_each_space_for_itself():
    draws = [{"a": {"histogram": [0.25, 0.75]}, "b": {"fd": 1.0}}, {"a": {"histogram": [0.75, 0.25]}, "b": {"fd": 3.0}}]
    mean, sd = spread(draws)
    assert mean == {"a": {"histogram": [0.5, 0.5]}, "b": {"fd": 2.0}}
    assert sd["a"]["histogram"] == pytest.approx([0.125**0.5] * 2, rel=1e-12)
    assert sd["b"]["fd"] == pytest.approx(2**0.5, rel=1e-12)


def test_what_one_draw_has_no_number_for_has_none():
    mean, sd = spread([{"a": {"c_t": 1.0}}, {"a": {"c_t": None}}])
    assert mean == sd == {"a": {"c_t": None}}


def test_one_draw_has_no_spread():
    with pytest.raises(ValueError, match="draws: expected at least 2, got 1"):
        spread([{"a": {"fd": 1.0}}])


def test_draws_from_few_images_vary_less_by_the_finite_population_factor():
    rng = np.random.default_rng(1)
    population = rng.normal(size=295)
    means = [{"a": {"mean": float(rng.choice(population, 100, replace=False).mean())}} for _ in range(2_000)]
    _, sd = spread(means)
    assert sd["a"]["mean"] == pytest.approx(population.std(ddof=1) / 10 * (1 - 100 / 295) ** 0.5, rel=0.06)
