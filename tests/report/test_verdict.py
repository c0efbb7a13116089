import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from aeaug.report import statistics
from aeaug.report.decision import decide
from aeaug.report.page import evidence_text
from aeaug.report.statistics import Paired, holm, of_differences
from aeaug.report.verdict import verdicts
from aeaug.run.claims import Claim
from tests.report.conftest import claim_in, results
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


def alone(differences) -> Paired:
    """Pairs that are the only ones tested."""
    pair = of_differences(differences)
    return replace(pair, p_holm=holm([pair.p])[0])


def outcomes(differences, claim):
    """Outcomes of many sets of differences (R, n), each set a report of this one claim."""
    found = []
    for sample in differences.tolist():
        pair = alone(dict(enumerate(sample)))
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
    assert evidence_text(verdict).startswith("FD −")
    assert evidence_text(verdict).endswith("%], 8 pairs")
    assert verdict.remarks == ()


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
    assert evidence_text(verdict).startswith("recall +0.0")
    assert verdict.reason.endswith("at the median by 0.02 or more")
    assert "%" not in evidence_text(verdict) + verdict.reason
    assert only(arms, RECALL | {"direction": "lower"}, metric="recall").outcome == "refuted"


@pytest.mark.parametrize("pairs", [1, 3, 5])
def test_below_six_pairs_there_are_too_few_seeds(pairs):
    verdict = only(planted(-0.9, pairs))
    assert verdict.words == "inconclusive: too few seeds"
    assert (verdict.pairs, verdict.p_holm) == (pairs, None)
    assert verdict.remarks == ("of 8 planned",)
    assert verdict.paired.interval is None
    assert evidence_text(verdict).endswith("1 pair" if pairs == 1 else f"], {pairs} pairs")


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
    assert [(v.claim.direction, v.group.size) for v in found] == [
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
    assert verdict.pairs == 8
    assert verdict.remarks == ("of 12 planned (1 of append running, 1 of none missing)",)


def test_more_pairs_than_planned_are_told():
    assert only(planted(-0.2, 10)).remarks[0].startswith("8 pairs were planned: ")


def test_an_arm_without_runs_is_named():
    verdict = only({"none": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append"
    assert (verdict.treatment, verdict.paired, verdict.pairs) == (None, None, 0)
    verdict = only({"other": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append and no runs of none"
    assert (evidence_text(verdict), verdict.remarks) == ("no pairs", ("of 8 planned",))


def test_a_number_that_was_not_measured_makes_no_pair():
    arms = {"none": [0.5] * 9, "append": [0.6] * 8 + [math.nan]}
    verdict = only(arms, RECALL | {"seeds": 9}, metric="recall")
    assert verdict.pairs == 8
    assert verdict.remarks == ("of 9 planned (1 done in both without this number)",)


# Diverged runs: what is said of the others holds wherever their pairs are placed.


def test_an_arm_that_diverges_often_is_not_supported_by_its_survivors():
    survivors = planted(-0.4, pairs=10)
    assert only(survivors).outcome == "supported"
    verdict = only(with_state(survivors, "append", {0, 3, 7}))
    assert verdict.outcome == "inconclusive"
    assert (verdict.pairs, verdict.diverged, verdict.found.diverged) == (10, (3, 0), (0, 3, 7))
    assert "diverged: 3 of 10 append, 0 of 10 none" in verdict.remarks
    # The same seeds not run at all leave seven pairs that agree: what counts is that these diverged.
    assert only(with_state(survivors, "append", {0, 3, 7}, "missing")).outcome == "supported"


@pytest.mark.parametrize("direction", ["lower", "higher"])
@pytest.mark.parametrize("metric", ["frechet_distance", "recall", "leak_share", "frechet_gap", "r_v"])
@pytest.mark.parametrize("lost", [7, 8])
def test_what_diverged_says_nothing_of_a_number_it_does_not_have(metric, direction, lost):
    """Eight of eight, of either arm, on any scale, with or without a better side."""
    claim = CLAIM | {"metric": metric, "direction": direction}
    arms = {"none": [0.5] * 8, "append": [0.5] * 8}
    for arm in arms:
        verdict = only(with_state(arms, arm, set(range(lost))), claim, metric=metric)
        assert (verdict.outcome, verdict.pairs) == ("inconclusive", 0 if lost > 8 else 8)
        assert evidence_text(verdict).endswith("8 pairs")
        assert f"{lost} of 8 {arm}" in verdict.remarks[-1]


def test_whether_a_run_diverged_is_a_number_that_a_claim_may_be_about():
    claim = CLAIM | {"metric": "diverged", "direction": "higher", "smallest_effect": 0.5}
    arms = with_state(planted(0.0), "append", set(range(8)))
    verdict = only(arms, claim)
    assert (verdict.outcome, verdict.paired.differences) == ("supported", (1.0,) * 8)
    assert (verdict.found.diverged, verdict.found.unmeasured) == ((), ())
    assert only(arms, claim | {"direction": "lower"}).outcome == "refuted"
    assert only(planted(0.0), claim).outcome == "no effect"
    # A run that never came to an end has not been seen not to diverge.
    assert only(with_state(planted(0.0), "append", {3}, "running"), claim).pairs == 7


@pytest.mark.parametrize("side", [-1, 1])
def test_a_verdict_given_with_diverged_pairs_holds_for_all_places(side):
    rng = np.random.default_rng(1)
    arms = {"none": [40.0] * 12, "append": (40 * np.exp(side * rng.uniform(0.3, 0.5, 12))).tolist()}
    verdict = only(with_state(arms, "append", {5}))
    assert verdict.outcome == ("supported" if side < 0 else "refuted")
    for place in np.linspace(-1, 1, 9):
        differences = verdict.found.measured | {5: place * verdict.found.reach}
        pair = alone(differences)
        assert decide(verdict.claim, pair, 1)[0] == verdict.outcome


def test_a_diverged_pair_may_be_as_far_off_as_the_largest_difference_and_as_what_matters():
    arms = {"none": [40.0] * 8, "append": ["diverged"] + [40 * factor for factor in (1.1, 0.5, 1, 1, 1, 1, 1)]}
    verdict = only(arms)
    assert verdict.found.reach == pytest.approx(math.log(2))
    assert verdict.found.placed(-1)[0] == -verdict.found.placed(1)[0] == pytest.approx(math.log(0.5))
    small = only({"none": [40.0] * 8, "append": ["diverged"] + [40.0] * 7})
    assert small.found.reach == pytest.approx(-math.log(0.95))


def test_seeds_at_which_both_diverge_say_nothing():
    arms = with_state(with_state(planted(-0.2, 10), "append", {4, 5}), "none", {4, 5})
    verdict = only(arms)
    assert (verdict.outcome, verdict.pairs, verdict.diverged) == ("supported", 8, (2, 2))
    assert verdict.found.diverged == ()
    assert "diverged: 2 of 10 append, 2 of 10 none" in verdict.remarks


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


def write_sweep(write_run, effects, seeds=8, skip=()):
    """Runs of two arms at several sizes, named and laid out as a sweep leaves them, each stating `GAUSSIAN`."""
    for n_train, change in effects.items():
        arms = planted(change, seeds, seed=n_train)
        for arm, injection, key in (("none", "none", "none"), ("append_gaussian", "append", "append")):
            for seed in range(seeds):
                write_run(
                    variant=f"{arm},data.n_train={n_train}",
                    injection=injection,
                    n_train=n_train,
                    subset_sha256=f"{n_train:064d}",
                    seed=seed,
                    frechet=arms[key][seed],
                    claims=[] if (arm, n_train, seed) in skip else [GAUSSIAN],
                    samples=False,
                )


def test_claims_in_run_folders_have_a_verdict_for_each_size(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2, 500: 0.3})
    small, large = verdicts(results(runs_dir))
    assert [(v.group.size, v.outcome, v.late) for v in (small, large)] == [
        ("100", "supported", ""),
        ("500", "refuted", ""),
    ]
    assert (small.treatment.name, small.tests) == ("append_gaussian", 2)


def test_a_claim_that_only_some_runs_state_is_flagged(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2}, skip={("none", 100, 0), ("none", 100, 1)})
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.late == verdict.remarks[-1] == "stated in 14 of 16 runs, so not before all of them"


def test_a_claim_stated_after_a_start_says_when_and_after_how_many_images(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    for seed, images in ((0, 24_000), (1, 12_000)):
        folder = runs_dir / "demo" / "append_gaussian,data.n_train=100" / f"seed={seed}"
        claim_in(folder, GAUSSIAN, f"2026-11-0{seed + 1}T00:00:00+00:00", images)
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.outcome == "supported"
    assert verdict.late == (
        "stated in 2 of 16 runs after they had begun, 2026-11-02T00:00:00+00:00 after 12,000 images at the earliest"
    )


def test_a_claim_that_later_starts_withdrew_is_still_judged(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    for arm in ("none", "append_gaussian"):
        for seed in range(8):
            folder = runs_dir / "demo" / f"{arm},data.n_train=100" / f"seed={seed}"
            claim_in(folder, GAUSSIAN | {"direction": "higher"}, "2026-11-01T00:00:00+00:00", 0)
    assert [verdict.outcome for verdict in verdicts(results(runs_dir))] == ["refuted"]


def test_a_claim_that_was_changed_between_runs_is_two(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    changed = runs_dir / "demo" / "none,data.n_train=100" / "seed=3"
    claim_in(changed, GAUSSIAN | {"smallest_effect": 0.01}, "", 0)
    found = verdicts(results(runs_dir))
    assert {(v.claim.smallest_effect, v.late[:21]) for v in found} == {
        (0.05, "stated in 15 of 16 ru"),
        (0.01, "stated in 1 of 16 run"),
    }


def test_without_claims_there_are_no_verdicts(finished):
    assert verdicts(results(finished)) == ()


def test_a_config_with_a_wrong_claim_is_named(runs_dir, write_run):
    write_run(claims=[GAUSSIAN | {"metric": "fid"}])
    claim_in(write_run(name="late"), GAUSSIAN | {"seeds": 0}, "", 0)
    with pytest.raises(ValueError, match=r"seed=0/config\.yaml: claims\.0: claims\.metric='fid'") as error:
        results(runs_dir)
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match=r"claims\.jsonl: claims\.0\.seeds=0"):
        results(runs_dir, "late")


def test_a_diverged_run_folder_counts(runs_dir, write_run):
    for seed in range(9):
        write_run(seed=seed, frechet=40.0 + seed, samples=False, claims=[GAUSSIAN])
        state = "diverged" if seed < 4 else "done"
        arm = {"variant": "append_gaussian", "injection": "append", "claims": [GAUSSIAN]}
        write_run(seed=seed, frechet=30.0 + seed, state=state, samples=False, **arm)
    (verdict,) = verdicts(results(runs_dir))
    assert (verdict.outcome, verdict.diverged, verdict.found.diverged) == ("inconclusive", (4, 0), (0, 1, 2, 3))


def test_an_override_that_all_runs_share_does_not_hide_the_claims_arms(runs_dir, write_run):
    """`experiment=demo gan.r1_gamma=2` names every variant after the override too."""
    for seed in range(8):
        for variant, injection, frechet in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            named = f"{variant},gan.r1_gamma=2"
            more = {"injection": injection, "frechet": frechet + seed, "samples": False, "claims": [GAUSSIAN]}
            write_run(variant=named, seed=seed, **more)
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.outcome == "supported"
    assert verdict.treatment.name == "append_gaussian"


def test_arms_that_are_equal_in_every_pair_are_said_to_be():
    verdict = only({"none": [40.0 + seed for seed in range(6)], "append": [40.0 + seed for seed in range(6)]})
    assert (verdict.outcome, verdict.reason) == ("no effect", "both arms have the same number in every pair")
