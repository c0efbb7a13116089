"""The jackknife over test images: against the closed form of a mean, and in what verdicts and answers say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from aeaug.evaluation.few_images import PARTS
from aeaug.report.results import Results
from aeaug.report.statistics.few_images import of_images
from aeaug.report.verdict.answer import answer
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS
from tests.report.synthetic import CLAIM, changed, experiment

FEW = METRICS["frechet_distance_few"]
TRIED = [{"arm": "append", "change": -0.2}, {"arm": "other", "change": 0.1}]
OF_FEW = CLAIM | {"metric": FEW.key, "chosen_among": TRIED}
SEEDS = 8


def planted(by_part, by_seed, claim=OF_FEW, sizes=(500,)) -> Results:
    """Log differences that are a mean over parts of the test images, ``by_part``, plus what a seed adds, of a distance
    whose control is another in every run and part."""
    parts, draw = np.asarray(by_part), np.random.default_rng(1)
    own = draw.normal(0, 0.3, (SEEDS, 1)) + draw.normal(0, 0.2, len(parts))  # of seed and part, in both arms
    logs = {"none": own, "append": own + parts + np.asarray(by_seed)[:, None]}

    def numbers(arm: str, seed: int) -> dict[tuple[str, str, str, str], float]:
        row = logs[arm][seed]
        found = {FEW: row.mean()} | {FEW.without(part): np.delete(row, part).mean() for part in range(len(parts))}
        return {("generated", one.key, "end", "classifier"): math.exp(log) for one, log in found.items()}

    plain = experiment({n: {arm: [1.0] * SEEDS for arm in logs} for n in sizes}, [claim], metric=FEW.key)
    return changed(
        plain,
        lambda run: replace(run, numbers={**run.numbers, **numbers(run.arm, run.seed)}, counts={"data.n_test": 148.0}),
    )


def found_in(results: Results, claim=OF_FEW):
    sizes = [
        (group.n_train, *(next(arm for arm in group.arms if arm.name == name) for name in ("append", "none")))
        for group in results.groups
    ]
    return of_images(Claim(**claim), [(*one, [(seed, seed) for seed in range(SEEDS)]) for one in sizes], by_seed=False)


@pytest.mark.parametrize("sizes", [(500,), (100, 500)])
def test_of_a_mean_over_parts_it_is_the_standard_error_of_that_mean(sizes):
    by_part = np.random.default_rng(0).normal(-0.3, 0.2, PARTS)
    claim = OF_FEW | {"sizes": sizes}
    found = found_in(planted(by_part, np.linspace(-0.1, 0.1, SEEDS), claim, sizes), claim)
    assert found is not None
    assert found.images == 148
    assert found.mean == pytest.approx(by_part.mean(), abs=1e-12)
    assert found.error == pytest.approx(by_part.std(ddof=1) / math.sqrt(PARTS), rel=1e-9)
    textbook = stats.t.interval(0.95, PARTS - 1, by_part.mean(), stats.sem(by_part))
    assert found.interval == pytest.approx(textbook, rel=1e-9)


def test_what_is_the_same_on_every_part_has_no_error_however_much_seeds_differ():
    found = found_in(planted(np.full(PARTS, -0.3), np.linspace(-0.5, 0.5, SEEDS)))
    assert found is not None
    assert found.error == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("claim", [CLAIM, OF_FEW | {"of": "spread"}])
def test_other_metrics_and_spreads_have_none(claim):
    assert found_in(planted(np.full(PARTS, -0.3), np.zeros(SEEDS)), claim) is None


def test_a_run_without_the_numbers_has_none():
    results = planted(np.full(PARTS, -0.3), np.zeros(SEEDS))
    for run in results.runs:
        del run.numbers[("generated", FEW.without(3).key, "end", "classifier")]  # type: ignore[attr-defined]
    assert found_in(results) is None


def test_what_other_test_images_might_turn_is_not_advised():
    """Every seed agrees, for all of them are measured on the same images."""
    uncertain = np.linspace(-0.9, 0.5, PARTS)
    (row,) = verdicts(planted(uncertain, np.linspace(-0.01, 0.01, SEEDS)))
    assert (row.outcome, row.limits) == ("supported", ("on these 148 test images alone",))
    assert row.heading == "supported on these 148 test images alone"
    assert any(fact.startswith("by the choice of the 148 test images alone, 95% interval ") for fact in row.remarks)
    said = answer([row])
    assert said.startswith("append helps on these 148 test images alone, so it is not advised: ")
    assert " over seeds, " in said
    (sure,) = verdicts(planted(np.linspace(-0.4, 0.0, PARTS), np.linspace(-0.01, 0.01, SEEDS)))
    assert (sure.outcome, sure.limits) == ("supported", ())
    assert answer([sure]).startswith("use append: expected change against none: few-image FD −18.1% [95% interval ")


def test_no_effect_is_bound_to_images_of_which_others_might_show_one():
    near = np.linspace(-0.09, 0.09, PARTS)
    (wide,) = verdicts(planted(10 * near, np.linspace(-0.01, 0.01, SEEDS)))
    assert (wide.outcome, wide.limits) == ("no effect", ("on these 148 test images alone",))
    (narrow,) = verdicts(planted(near / 10, np.linspace(-0.01, 0.01, SEEDS)))
    assert (narrow.outcome, narrow.limits) == ("no effect", ())
