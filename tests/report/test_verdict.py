import json
import math

import numpy as np
import pytest
import yaml
from scipy import stats

from aeaug.report import statistics
from aeaug.report.collect import read_experiment
from aeaug.report.decision import decide
from aeaug.report.statistics import of_differences, with_holm
from aeaug.report.verdict import verdicts
from aeaug.run.claims import Claim
from tests.report.synthetic import CLAIM, experiment

GAUSSIAN = CLAIM | {"treatment": "append_gaussian", "control": "none"}
RECALL = CLAIM | {"metric": "recall", "direction": "higher", "smallest_effect": 0.02}


def planted(change, pairs=8, noise=0.05, seed=0):
    """FD by arm: seeds differ much, the treatment from its control by `change` (-0.2 is 20% less) and some noise."""
    rng = np.random.default_rng(seed)
    control = 40 * np.exp(rng.normal(0, 0.3, pairs))
    return {
        "none": control.tolist(),
        "append": (control * (1 + change) * np.exp(rng.normal(0, noise, pairs))).tolist(),
    }


def only(arms, *claims, **options):
    (verdict,) = verdicts(experiment(arms, claims or (CLAIM,), **options))
    return verdict


def with_state(arms, arm, seeds, state="diverged"):
    return arms | {arm: [state if seed in seeds else value for seed, value in enumerate(arms[arm])]}


def outcomes(differences, claim):
    """Outcomes of many sets of differences (R, n), each set a report of this one claim."""
    found = []
    for sample in differences.tolist():
        (pair,) = with_holm([of_differences(dict(enumerate(sample)))])
        found.append(decide(claim, pair, 1)[0])
    return np.array(found)


def holds(count, repetitions, level=0.05):
    """Whether so many of the repetitions are compatible with a rate of at most `level`."""
    return stats.binomtest(int(count), repetitions, level, alternative="greater").pvalue > 0.01


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(statistics, "_RESAMPLES", 999)


# What is planted is found.


def test_twenty_percent_less_is_supported():
    verdict = only(planted(-0.2))
    assert verdict.outcome == "supported"
    assert verdict.paired.median == pytest.approx(math.log(0.8), abs=0.05)
    assert verdict.paired.interval[1] < 0
    assert verdict.p_holm == pytest.approx(1 / 128)
    assert verdict.sentence.startswith("append against none: FD −")
    assert "median of 8 pairs of seeds" in verdict.sentence
    assert "lower in 8 of 8" in verdict.sentence
    assert "all 8 planned pairs" in verdict.sentence


def test_the_wrong_way_is_refuted():
    assert only(planted(0.2)).outcome == "refuted"
    assert only(planted(-0.2), CLAIM | {"direction": "higher"}).outcome == "refuted"


def test_a_null_is_not_decided_and_a_precise_null_is_no_effect():
    assert only(planted(0.0, noise=0.2, seed=1)).outcome == "inconclusive"
    verdict = only(planted(0.0, noise=0.02))
    assert (verdict.outcome, verdict.claim.smallest_effect) == ("no effect", 0.05)


def test_a_real_effect_too_small_to_matter_is_no_effect():
    verdict = only(planted(-0.02, noise=0.005))
    assert verdict.paired.interval[1] < 0
    assert verdict.outcome == "no effect"
    assert "smaller than 5%" in verdict.reason


def test_an_effect_that_may_or_may_not_matter_is_open():
    # Below zero for certain, at the median less than 5%, in some seeds more.
    arms = {
        "none": [40.0] * 8,
        "append": [40 * (1 - share) for share in (0.02, 0.07, 0.03, 0.06, 0.04, 0.1, 0.01, 0.03)],
    }
    verdict = only(arms)
    assert verdict.paired.interval[1] < 0
    assert verdict.words == "inconclusive: lower beyond chance, but by less than 5% at the median"


def test_an_interval_inside_what_does_not_matter_is_not_enough_for_no_effect():
    # The interval of seven pairs leaves out the highest; sign flips against +5% see it.
    arms = {"none": [40.0] * 7, "append": [40 * math.exp(difference) for difference in (0.04,) * 6 + (0.06,)]}
    verdict = only(arms, CLAIM | {"direction": "higher"})
    assert verdict.paired.interval[1] < math.log(1.05)
    assert verdict.words.startswith("inconclusive: the interval lies inside ±5%, but a test does not exclude so much")


def test_five_percent_means_five_percent_either_way():
    for direction, share, outcome in (
        ("lower", 0.951, "inconclusive"),
        ("lower", 0.949, "supported"),
        ("higher", 1.049, "inconclusive"),
        ("higher", 1.051, "supported"),
    ):
        spread = np.linspace(-0.02, 0.02, 9)
        arms = {"none": [40.0] * 9, "append": (40 * share * np.exp(spread)).tolist()}
        assert only(arms, CLAIM | {"direction": direction}).outcome == outcome


def test_natural_scales_are_judged_in_their_units():
    rng = np.random.default_rng(0)
    control = rng.uniform(0.3, 0.7, 8)
    arms = {"none": control.tolist(), "append": (control + 0.05 + rng.normal(0, 0.005, 8)).tolist()}
    verdict = only(arms, RECALL, metric="recall")
    assert verdict.outcome == "supported"
    assert "recall +0.0" in verdict.sentence
    assert "the smallest effect that matters is 0.02" in verdict.sentence
    assert "%" not in verdict.sentence.replace("95%", "")
    assert only(arms, RECALL | {"direction": "lower"}, metric="recall").outcome == "refuted"


@pytest.mark.parametrize("pairs", [1, 3, 5])
def test_below_six_pairs_there_are_too_few_seeds(pairs):
    verdict = only(planted(-0.9, pairs))
    assert verdict.words == "inconclusive: too few seeds"
    assert (verdict.pairs, verdict.p_holm) == (pairs, None)
    assert f"{pairs} of 8 planned pairs" in verdict.sentence
    assert "95%" not in verdict.sentence


def test_six_pairs_that_agree_decide_one_claim_but_not_two():
    assert only(planted(-0.2, 6, noise=0.01)).outcome == "supported"
    claims = CLAIM, CLAIM | {"direction": "higher"}
    for verdict in verdicts(experiment(planted(-0.2, 6, noise=0.01), claims)):
        assert verdict.p_holm == pytest.approx(2 / 32)
        assert verdict.outcome == "inconclusive"
        assert "6 pairs are too few: 7 are the least" in verdict.reason
    seven = verdicts(experiment(planted(-0.2, 7, noise=0.01), claims))
    assert [verdict.outcome for verdict in seven] == ["supported", "refuted"]


def test_holm_runs_over_all_claims_and_sizes_that_have_a_p():
    sizes = {100: planted(-0.2), 500: planted(-0.2, 4), None: planted(0.01, seed=3)}
    found = verdicts(experiment(sizes, [CLAIM, CLAIM | {"direction": "higher"}]))
    assert [(v.claim.direction, v.size) for v in found] == [
        (direction, size) for direction in ("lower", "higher") for size in ("100", "500", "all")
    ]
    assert {verdict.tests for verdict in found} == {4}
    p = [verdict.paired.p for verdict in found if verdict.paired.p is not None]
    assert [verdict.p_holm for verdict in found if verdict.p_holm is not None] == pytest.approx(statistics.holm(p))
    assert [verdict.outcome for verdict in found][:2] == ["supported", "inconclusive"]


# Runs that are not there.


def test_fewer_pairs_than_planned_are_told_with_the_reason():
    arms = with_state(with_state(planted(-0.2, 10), "append", {1}, "running"), "none", {2}, "missing")
    verdict = only(arms, CLAIM | {"seeds": 12})
    assert verdict.outcome == "supported"
    assert "8 of 12 planned pairs (1 of append running, 1 of none missing)" in verdict.sentence


def test_more_pairs_than_planned_are_told():
    assert "10 pairs, 8 planned" in only(planted(-0.2, 10)).sentence


def test_an_arm_without_runs_is_named():
    verdict = only({"none": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append"
    assert (verdict.treatment, verdict.paired, verdict.pairs) == (None, None, 0)
    verdict = only({"other": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append and no runs of none"
    assert "0 of 8 planned pairs" in verdict.sentence


def test_two_variants_of_one_name_are_not_guessed_between():
    arms = planted(-0.2) | {"append,data.n_train=500": [1.0] * 8}
    assert only(arms).words == "inconclusive: 2 variants are called append"


def test_a_number_that_was_not_measured_makes_no_pair():
    arms = {"none": [0.5] * 9, "append": [0.6] * 8 + [math.nan]}
    verdict = only(arms, RECALL | {"seeds": 9}, metric="recall")
    assert verdict.pairs == 8
    assert "8 of 9 planned pairs (1 done in both without this number)" in verdict.sentence


# Diverged runs.


def test_an_arm_that_diverges_often_is_not_supported_by_its_survivors():
    survivors = planted(-0.4, pairs=10)
    assert only(survivors).outcome == "supported"
    diverging = with_state(survivors, "append", {0, 3, 7})
    verdict = only(diverging)
    assert verdict.outcome == "inconclusive"
    assert (verdict.pairs, verdict.diverged, verdict.stood_in) == (10, (3, 0), (0, 3, 7))
    assert "diverged: 3 of 10 append, 0 of 10 none" in verdict.sentence
    assert "3 pairs with one diverged run counted as +" in verdict.sentence
    # The same seeds not run at all leave seven pairs that agree: what counts is that these diverged.
    assert only(with_state(survivors, "append", {0, 3, 7}, "missing")).outcome == "supported"


def test_an_arm_that_always_diverges_is_refuted():
    verdict = only(with_state(planted(-0.2), "append", set(range(8))))
    assert verdict.outcome == "refuted"
    assert verdict.paired.differences == pytest.approx([-math.log(0.95)] * 8)


def test_a_control_that_diverges_speaks_for_the_treatment():
    assert only(with_state(planted(0.0), "none", set(range(7)))).outcome == "supported"
    arms = {"none": ["diverged"] * 7 + [0.5], "append": [0.5] * 8}
    assert only(arms, RECALL, metric="recall").outcome == "supported"
    arms = {"none": [0.5] * 8, "append": ["diverged"] * 7 + [0.5]}
    assert only(arms, RECALL, metric="recall").outcome == "refuted"


def test_a_stand_in_is_the_largest_difference_and_at_least_what_matters():
    arms = {
        "none": [40.0] * 7 + ["diverged"],
        "append": ["diverged"] + [40 * factor for factor in (1.1, 0.5, 1, 1, 1, 1, 1)],
    }
    (low, high) = min(only(arms).paired.differences), max(only(arms).paired.differences)
    assert (low, high) == pytest.approx((math.log(0.5), math.log(2)))


def test_seeds_at_which_both_diverge_say_nothing():
    arms = with_state(with_state(planted(-0.2, 10), "append", {4, 5}), "none", {4, 5})
    verdict = only(arms)
    assert (verdict.outcome, verdict.pairs, verdict.diverged, verdict.stood_in) == ("supported", 8, (2, 2), ())
    assert "diverged: 2 of 10 append, 2 of 10 none" in verdict.sentence


def test_a_diverged_run_beside_one_that_is_not_finished_makes_no_pair():
    arms = {"none": ["running"] + [40.0] * 7, "append": ["diverged"] + [32.0] * 7}
    assert only(arms).pairs == 7


@pytest.mark.parametrize("lost", range(7))
def test_survivors_are_never_better_evidence_than_a_sign_test(lost):
    rng = np.random.default_rng(lost)
    arms = {"none": [40.0] * 12, "append": (40 * np.exp(-rng.exponential(0.3, 12))).tolist()}
    verdict = only(with_state(arms, "append", set(range(lost))))
    on_the_claimed_side = statistics.sign_flip(verdict.paired.differences, "less")
    assert on_the_claimed_side >= stats.binom.cdf(lost, 12, 0.5) * (1 - 1e-9)
    assert verdict.outcome == "supported" or lost > 0
    assert verdict.outcome != "supported" or lost <= 2


def test_where_no_side_is_better_one_divergence_leaves_the_claim_open():
    claim = CLAIM | {"metric": "frechet_gap", "smallest_effect": 0.1}
    arms = {"none": [1.0] * 10, "append": [-1.0 - seed / 10 for seed in range(10)]}
    assert only(arms, claim, metric="frechet_gap").outcome == "supported"
    for arm in arms:
        verdict = only(with_state(arms, arm, {0}), claim, metric="frechet_gap")
        assert verdict.outcome == "inconclusive"
        assert "FD gap has no worse side" in verdict.reason
        assert verdict.pairs == 9
    few = {arm: values[:6] for arm, values in arms.items()}
    assert only(with_state(few, "none", {0}), claim, metric="frechet_gap").reason == "too few seeds"


# How often it errs. Repetitions are bounded by binomial tests, not by a chosen tolerance.


@pytest.mark.parametrize(("pairs", "repetitions"), [(6, 300), (7, 300), (8, 300), (12, 60)])
def test_a_null_is_decided_in_at_most_one_of_twenty(pairs, repetitions, quick):
    rng = np.random.default_rng(pairs)
    claim = Claim(**CLAIM | {"smallest_effect": 0.001})
    draws = {
        "normal": rng.normal(size=(repetitions, pairs)),
        "heavy": rng.standard_t(3, size=(repetitions, pairs)),
        "skewed": np.exp(rng.normal(size=(repetitions, pairs))) - 1,
    }
    for name, differences in draws.items():
        found = outcomes(0.1 * differences, claim)
        assert holds(np.isin(found, ["supported", "refuted"]).sum(), repetitions), name


def test_the_interval_alone_would_decide_too_often(quick):
    # Why the rule asks for a p-value too; should this fail, it is not needed.
    rng = np.random.default_rng(0)
    pairs = [of_differences(dict(enumerate(sample))) for sample in rng.normal(size=(300, 7)).tolist()]
    beyond = sum(pair.interval[0] > 0 or pair.interval[1] < 0 for pair in pairs)
    assert not holds(beyond, 300)


@pytest.mark.parametrize("pairs", [7, 9])
def test_an_effect_that_just_matters_is_called_none_in_at_most_one_of_twenty(pairs, quick):
    rng = np.random.default_rng(pairs)
    claim = Claim(**CLAIM)
    for end in claim.measure.bounds(claim.smallest_effect):
        found = outcomes(end + rng.normal(0, 0.02, (150, pairs)), claim)
        assert holds((found == "no effect").sum(), 150)


def test_a_real_effect_is_found_in_most_repetitions(quick):
    rng = np.random.default_rng(0)
    found = outcomes(math.log(0.8) + rng.normal(0, 0.1, (100, 8)), Claim(**CLAIM))
    assert (found == "supported").mean() > 0.9
    assert (found == "refuted").sum() == 0


def reports(repetitions, arms, claims):
    return [verdicts(experiment(arms(np.random.default_rng([7, n])), claims)) for n in range(repetitions)]


def test_of_reports_without_any_truth_one_in_twenty_decides_anything(quick):
    treatments = [f"arm{number}" for number in range(3)]
    claims = [CLAIM | {"treatment": name, "smallest_effect": 0.001} for name in treatments]

    def arms(rng):
        return {name: np.exp(rng.normal(3.7, 0.1, 9)).tolist() for name in ("none", *treatments)}

    found = reports(100, arms, claims)
    decided = sum(any(verdict.outcome in ("supported", "refuted") for verdict in report) for report in found)
    assert holds(decided, 100)


def test_a_toss_which_run_diverges_decides_nothing_more_often(quick):
    def arms(rng):
        values = np.exp(rng.normal(3.7, 0.1, (2, 9)))
        lost = rng.random((2, 9)) < 0.2
        return {
            name: ["diverged" if gone else value for gone, value in zip(out, row.tolist(), strict=True)]
            for name, row, out in zip(("none", "append"), values, lost, strict=True)
        }

    found = reports(200, arms, [CLAIM | {"smallest_effect": 0.001}])
    assert holds(sum(report[0].outcome in ("supported", "refuted") for report in found), 200)


def test_an_arm_that_loses_its_worst_runs_gains_nothing(quick):
    # No difference, but treatments worse than one in the upper third diverge: the survivors look 10% better.
    def arms(rng, state="diverged"):
        control, treatment = np.exp(rng.normal(3.7, 0.05, 10)), np.exp(rng.normal(3.7, 0.25, 10))
        lost = treatment > np.exp(3.7 + 0.25 * 0.43)
        return {
            "none": control.tolist(),
            "append": [state if gone else value for gone, value in zip(lost, treatment.tolist(), strict=True)],
        }

    claims = [CLAIM | {"smallest_effect": 0.01}]
    supported = sum(report[0].outcome == "supported" for report in reports(120, arms, claims))
    among_survivors = reports(120, lambda rng: arms(rng, "missing"), claims)
    assert holds(supported, 120, 0.025)
    assert not holds(sum(report[0].outcome == "supported" for report in among_survivors), 120, 0.025)


# Claims as runs state them.


def state_claims(path, *claims):
    config = yaml.safe_load((path / "config.yaml").read_text())
    config["claims"] = [dict(claim) for claim in claims]
    (path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def write_sweep(write_run, effects, seeds=8, skip=()):
    """Runs of two arms at several sizes, named and laid out as a sweep leaves them, each stating `GAUSSIAN`."""
    for n_train, change in effects.items():
        arms = planted(change, seeds, seed=n_train)
        for arm, injection, key in (("none", "none", "none"), ("append_gaussian", "append", "append")):
            for seed in range(seeds):
                path = write_run(
                    variant=f"{arm},data.n_train={n_train}",
                    injection=injection,
                    n_train=n_train,
                    subset_sha256=f"{n_train:064d}",
                    seed=seed,
                    frechet=arms[key][seed],
                    samples=False,
                )
                if (arm, n_train, seed) not in skip:
                    state_claims(path, GAUSSIAN)


def test_claims_in_run_directories_have_a_verdict_for_each_size(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2, 500: 0.3})
    small, large = verdicts(read_experiment(runs_dir, "demo"))
    assert [(v.size, v.outcome, v.late) for v in (small, large)] == [
        ("100", "supported", False),
        ("500", "refuted", False),
    ]
    assert small.treatment.variant == "append_gaussian,data.n_train=100"
    assert "after Holm's correction over 2 tests" in small.sentence
    assert "stated in" not in small.sentence


def test_a_claim_that_only_some_runs_state_is_flagged(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2}, skip={("none", 100, 0), ("none", 100, 1)})
    (verdict,) = verdicts(read_experiment(runs_dir, "demo"))
    assert verdict.late
    assert verdict.sentence.endswith("stated in 14 of 16 runs, so not before all of them.")


def test_a_claim_that_was_changed_between_runs_is_two(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    changed = runs_dir / "demo" / "none,data.n_train=100" / "seed=3"
    state_claims(changed, GAUSSIAN | {"smallest_effect": 0.01})
    found = verdicts(read_experiment(runs_dir, "demo"))
    assert {(v.claim.smallest_effect, v.stated, v.configs) for v in found} == {(0.05, 15, 16), (0.01, 1, 16)}


def test_without_claims_there_are_no_verdicts(demo):
    assert verdicts(read_experiment(demo, "demo")) == []


def test_a_config_with_a_wrong_claim_is_named(runs_dir, write_run):
    path = write_run()
    state_claims(path, GAUSSIAN | {"metric": "fid"})
    with pytest.raises(ValueError, match=r"seed=0/config\.yaml: claims\.0: claims\.metric='fid'"):
        verdicts(read_experiment(runs_dir, "demo"))


def test_a_diverged_run_directory_counts(runs_dir, write_run):
    for seed in range(9):
        state_claims(write_run(seed=seed, frechet=40.0 + seed, samples=False), GAUSSIAN)
        run = write_run(
            variant="append_gaussian",
            injection="append",
            seed=seed,
            frechet=30.0 + seed,
            state="diverged" if seed < 4 else "done",
            samples=False,
        )
        assert ("test" in json.loads((run / "metrics.json").read_text())) == (seed >= 4)
        state_claims(run, GAUSSIAN)
    (verdict,) = verdicts(read_experiment(runs_dir, "demo"))
    assert (verdict.outcome, verdict.diverged, verdict.stood_in) == ("inconclusive", (4, 0), (0, 1, 2, 3))


def test_an_override_that_all_runs_share_does_not_hide_the_claims_arms(runs_dir, write_run):
    """`experiment=demo gan.r1_gamma=2` names every variant after the override too."""
    for seed in range(8):
        for variant, injection, frechet in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            named = f"{variant},gan.r1_gamma=2"
            path = write_run(variant=named, seed=seed, injection=injection, frechet=frechet + seed, samples=False)
            state_claims(path, GAUSSIAN)
    (verdict,) = verdicts(read_experiment(runs_dir, "demo"))
    assert verdict.outcome == "supported"
    assert "gan.r1_gamma" not in verdict.sentence


def test_arms_that_are_equal_in_every_pair_are_said_to_be():
    verdict = only({"none": [40.0 + seed for seed in range(6)], "append": [40.0 + seed for seed in range(6)]})
    assert (verdict.outcome, verdict.reason) == ("no effect", "both arms have the same number in every pair")
