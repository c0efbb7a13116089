"""What stands beside a verdict is the mean over pairs of another number, or against another arm."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from aeaug.published.answer import MAIN
from aeaug.published.beside import beside, frechet_distances, itself, looks_at_size, other_looks, read_by, themselves
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS
from tests.report.synthetic import CLAIM, experiment


@pytest.fixture(scope="module")
def main(published):
    """The main experiment, and what it generated at the end of its budget: arm, size, subset, metric, value."""
    one = published[MAIN]
    if one.results is None:
        pytest.skip("no table yet")
    rows = one.results.table
    at_end = rows["reading"].isin(["end", ""]) & rows["images"].isna()
    return one.results, rows[rows["set"].isin(["generated", "run"]) & at_end]


def change(rows, metric, treatment, control, size, among=None):
    """Of the leading space, in percent where FD is meant: as a reader computes it from the table; of those pairs that
    have both numbers of another metric ``among``."""

    def both(key):
        own = rows[(rows["metric"] == key) & (rows["n_train"] == size) & rows["space"].isin(["classifier", ""])]
        return (own[own["arm"] == arm].set_index(["subset", "seed"])["value"].dropna() for arm in (treatment, control))

    one, other = both(metric)
    if among is not None:
        known = pd.Index.intersection(*(each.index for each in both(among)))
        one, other = one[one.index.isin(known)], other[other.index.isin(known)]
    if metric == "frechet_distance":
        return 100 * np.expm1(np.log(one / other).mean())
    return (one - other).mean()


def numbers(line):
    """``… 100: −9.7%; 2,000: +63.6%`` by size."""
    found = re.findall(r"([\d,]+): ([−+][\d.]+)%?", line)
    return {int(size.replace(",", "")): float(value.replace("−", "-")) for size, value in found}


def test_every_number_is_the_mean_over_pairs_that_a_reader_computes(main):
    results, rows = main
    seen = set()
    for row in verdicts(results):
        for line in beside(row):
            against = re.match(r"`(.*)` against `(.*)`: ", line)
            label = line.partition(" of these pairs")[0]
            metric = next((key for key, one in METRICS.items() if one.label == label), "frechet_distance")
            pair = against.groups() if against else (row.claim.treatment, row.claim.control)
            seen.add("control" if against else metric)
            found = numbers(line.partition(": ")[2])
            assert sorted(found) == sorted(row.claim.sizes)
            for size, value in found.items():
                expected = change(rows, metric, *pair, size, None if against else row.claim.metric)
                assert value == pytest.approx(
                    expected, abs=max(0.051 if metric == "frechet_distance" else 0, 6e-3 * abs(expected))
                )
    assert seen == {
        *("control", "coverage", "class_kl", "feature_likelihood", "frechet_gap", "authenticity", "frechet_distance")
    }


def test_it_stands_where_it_is_needed_and_nowhere_else(main):
    results, _ = main
    for row in verdicts(results):
        lines, claim = list(beside(row)), row.claim
        by = [METRICS[key].label for key in METRICS[claim.metric].read_by]
        assert [line.partition(" of these pairs")[0] for line in lines[: len(by)]] == by
        rest = lines[len(by) :]
        other = claim.metric == "frechet_distance" and (claim.of, claim.reading) == ("centre", "end")
        arms = (claim.treatment, claim.control) if other and claim.control != "none" else ()
        assert [line.partition("` against `none`: ")[0] for line in rest] == [f"`{arm}" for arm in arms]


@pytest.mark.parametrize("space", ["classifier", "self_supervised"])
def test_against_the_control_of_all_it_is_in_the_claim_s_space(space):
    factors = {
        "append": {"classifier": 0.8, "self_supervised": 1.4},
        "plain": {"classifier": 1.2, "self_supervised": 2},
    }
    entries = {arm: [{("end", key): 40.0 * by for key, by in of.items()}] * 8 for arm, of in factors.items()}
    none = [{("end", key): 40.0 for key in factors["plain"]}] * 8
    (row,) = verdicts(experiment({"none": none, **entries}, [CLAIM | {"control": "plain", "space": space}]))
    for line, arm in zip(beside(row), ("append", "plain"), strict=True):
        assert line.startswith(f"`{arm}` against `none`: ")
        assert numbers(line.partition(": ")[2]) == {500: pytest.approx(100 * (factors[arm][space] - 1))}


def test_what_a_number_is_read_by_is_another_that_there_is():
    for metric in METRICS.values():
        assert bool(metric.read_by) == bool(metric.caution)
        assert set(metric.read_by) <= METRICS.keys() - {metric.key}


def test_fd_itself_is_the_geometric_mean_of_either_arms_pairs(main):
    """As a reader computes it from the table."""
    results, rows = main
    first = verdicts(results)[0]
    said = frechet_distances(first)
    own = rows[(rows["metric"] == "frechet_distance") & (rows["space"] == "classifier")]
    for size, text in ((100, "100"), (2000, "2,000")):
        of = own[own["n_train"] == size]
        means = [
            np.exp(np.log(of[of["arm"] == arm]["value"]).mean()) for arm in (first.claim.control, first.claim.treatment)
        ]
        assert said[text] == f"{means[0]:,.0f} → {means[1]:,.0f}"
    recall = next(row for row in verdicts(results) if row.claim.metric == "recall")
    (size,) = (one for one in recall.sizes if one.group.n_train == 500)
    of = rows[(rows["metric"] == "recall") & (rows["n_train"] == 500) & (rows["space"] == "classifier")]
    arms = (recall.claim.control, recall.claim.treatment)
    assert itself(size, recall.claim) == pytest.approx([of[of["arm"] == arm]["value"].mean() for arm in arms])
    assert frechet_distances(recall) == {}
    told, whole = list(read_by(recall, but=("frechet_distance",))), list(read_by(recall))
    assert [line for line in whole if not line.startswith("FD of ")] == told
    assert len(told) == len(whole) - 1


def test_what_is_compared_differs_by_the_effect_as_fine_as_it_is_said(main):
    """Whatever is compared: a metric, its spread, its curve at equal seconds."""
    results, _ = main
    seen = set()
    for row in verdicts(results):
        said, quantity = themselves(row), row.claim.at_size
        for size in row.sizes:
            without, treated = itself(size, row.claim)
            difference = math.log(treated / without) if quantity.scale == "log" else treated - without
            assert difference == pytest.approx(size.measured.mean, rel=1e-9, abs=1e-12)
            shown = [float(word.replace(",", "").replace("−", "-")) for word in said[size.group.size].split(" → ")]
            assert shown == pytest.approx([without, treated], abs=0.51 if without > 50 else abs(difference) / 10)
            assert shown[0] != shown[1] or abs(treated - without) < 1e-9 or without > 50
            seen.add((row.claim.of, row.claim.reading))
    assert seen >= {("centre", "end"), ("spread", "end"), ("trend", "end"), ("centre", "equal_seconds")}


def of_factors(by_size, claim):
    """A verdict on `append` against `none`, of FD that is this factor of its control's by space and size, with a
    little noise of the same kind in each."""
    noise = np.exp(np.linspace(-0.02, 0.02, 8))

    found = {
        size: {
            arm: [
                {("end", space): 40.0 * (factor * noise[k] if arm == "append" else 1) for space, factor in of.items()}
                for k in range(8)
            ]
            for arm in ("none", "append")
        }
        for size, of in by_size.items()
    }
    (row,) = verdicts(experiment(found, [CLAIM | claim | {"sizes": list(by_size)}]))
    return row


@pytest.mark.parametrize(("label_free", "said"), [(1.0, False), (1.3, True), (0.7, True)])
def test_beside_no_effect_stands_what_another_space_finds_and_nothing_else(label_free, said):
    row = of_factors({500: {"classifier": 1.0, "self_supervised": label_free}}, {"smallest_effect": 0.1})
    assert row.outcome == "no effect"
    lines = list(other_looks(row))
    assert bool(lines) == said
    assert all("label-free features" in line for line in lines)
    assert bool(row.limits) == said


def test_so_it_is_at_a_size_where_sizes_disagree():
    factors = {100: (0.7, 0.7), 500: (1.0, 1.3), 2000: (1.5, 1.5)}
    row = of_factors(
        {size: dict(zip(("classifier", "self_supervised"), of, strict=True)) for size, of in factors.items()},
        {"smallest_effect": 0.1},
    )
    assert [size.outcome for size in row.sizes] == ["supported", "no effect", "refuted"]
    said = [list(looks_at_size(size, row)) for size in row.sizes]
    assert said == [[], ["label-free features +30.0%"], []]
