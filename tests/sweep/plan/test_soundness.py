"""An experiment that cannot decide what it claims is refused before its first run."""

import pytest

from aeaug.run.folder.folder import RunFolder
from aeaug.run.options import parse_options
from aeaug.sweep.plan.soundness import require_sound
from tests.conftest import CLAIM, options


@pytest.fixture
def sweep(tmp_path):
    """Jobs of the arms, as a sweep over them would have, all with these claims and options."""

    def build(*claims, arms=("none", "append_gaussian"), overrides=(), name="adhoc", **changes):
        found = []
        for arm in arms:
            chosen = options(tmp_path, f"arm={arm}", f"name={name}", *overrides).model_dump()
            found.append(parse_options(chosen | {"claims": claims} | changes))
        return found

    return build


def refusal(jobs, *, as_sweep=True, announced=()):
    with pytest.raises(ValueError, match=r"^(claims|seed|data)") as caught:
        require_sound(jobs, sweep=as_sweep, announced=announced)
    return str(caught.value).splitlines()


def test_six_pairs_decide_one_claim_and_seven_two(sweep):
    other = CLAIM | {"direction": "higher"}
    require_sound(sweep(CLAIM), sweep=True)
    require_sound(sweep(CLAIM | {"seeds": 7}, other | {"seeds": 7}), sweep=True)
    assert refusal(sweep(CLAIM, other)) == [
        f"claims.{place}.seeds=6: can decide nothing, 7 pairs are the least for 2 claims; more of them, fewer claims, "
        "or exploratory=true"
        for place in (0, 1)
    ]
    assert "6 pairs are the least for 1 claim;" in refusal(sweep(CLAIM | {"seeds": 5}), as_sweep=False)[0]
    require_sound(sweep(CLAIM, other, exploratory=True), sweep=True)
    require_sound(sweep(arms=("none",)), sweep=True)


def crossed(sweep, pairs, claim=CLAIM, **changes):
    jobs = sweep(claim, **changes)
    return [
        job.model_copy(update={"seed": seed, "data": job.data.model_copy(update={"subset_seed": subset})})
        for subset, seed in pairs
        for job in jobs
    ]


def test_several_seeds_of_a_subset_are_one_unit(sweep):
    two_by_three = [(subset, seed) for subset in range(2) for seed in range(3)]
    (line,) = refusal(crossed(sweep, two_by_three))
    assert line.startswith("claims.0.seeds=6: 2 subsets are crossed with 3 seeds, which are 2 units; ")
    require_sound(crossed(sweep, two_by_three, exploratory=True), sweep=True)
    require_sound(crossed(sweep, [(subset, seed) for subset in range(6) for seed in range(2)]), sweep=True)
    require_sound(crossed(sweep, [(0, seed) for seed in range(3)]), sweep=True)  # over initialisations
    require_sound(crossed(sweep, [(seed, seed) for seed in range(3)]), sweep=True)  # more may come
    for job in crossed(sweep, [(subset, 0) for subset in range(2, 6)], name="parts"):
        earlier = RunFolder(job)
        earlier.open()
        earlier.close()
    require_sound(crossed(sweep, two_by_three, name="parts"), sweep=True)


def test_the_best_reading_is_the_best_of_twenty(sweep):
    best = CLAIM | {"reading": "best"}
    few = sweep(best, overrides=("budget.images=1900", "budget.images_per_epoch=100", "evaluation.every=1"))
    (line,) = refusal(few)
    assert line.startswith("claims.0.reading=best: of 19 readings, at least 20 are needed")
    enough = sweep(best, overrides=("budget.images=2000", "budget.images_per_epoch=100", "evaluation.every=1"))
    require_sound(enough, sweep=True)
    require_sound([job.model_copy(update={"exploratory": True}) for job in few], sweep=True)


@pytest.mark.parametrize(("changes", "fewest"), [({"reading": "equal_seconds"}, 10), ({"metric": "late_change"}, 5)])
def test_what_is_read_off_a_curve_needs_readings(sweep, changes, fewest):
    key, value = next(iter(changes.items()))

    def jobs(readings, **more):
        images = f"budget.images={100 * readings}", "budget.images_per_epoch=100", "evaluation.every=1"
        return sweep(CLAIM | changes, overrides=images, **more)

    require_sound(jobs(fewest), sweep=True)
    (line,) = refusal(jobs(fewest - 1))
    assert line.startswith(f"claims.0.{key}={value}: of {fewest - 1} readings")
    require_sound(jobs(fewest - 1, exploratory=True), sweep=True)


def test_sizes_that_neither_the_sweep_nor_earlier_runs_have_are_named(sweep):
    sized = CLAIM | {"sizes": [20, None]}
    (line,) = refusal(sweep(sized, overrides=("data.n_train=20",)))
    assert line == "claims.0.sizes=null: not in this sweep or earlier runs, which have 20"
    require_sound(sweep(sized, overrides=("data.n_train=20",)), sweep=False)  # the others may come later
    require_sound(sweep(sized, overrides=("data.n_train=20",)), sweep=True, announced=[20, None])
    assert refusal(sweep(sized, overrides=("data.n_train=20",)), announced=[20, 50])
    earlier = RunFolder(sweep(arms=("none",), overrides=("data.n_train=null",))[0])
    earlier.open()
    earlier.close()
    require_sound(sweep(sized, overrides=("data.n_train=20",)), sweep=True)


@pytest.mark.parametrize("key", ["seed", "data.subset_seed"])
@pytest.mark.parametrize(("seed", "kept"), [(8999, False), (9000, True), (9999, True), (10_000, False)])
def test_tuning_seeds_are_not_claimed_about(sweep, key, seed, kept):
    overrides = ("seed=1", "data.subset_seed=1", f"{key}={seed}")
    require_sound(sweep(overrides=overrides), sweep=True)
    if kept:
        assert refusal(sweep(CLAIM, overrides=overrides, exploratory=True))[0].startswith(f"{key}={seed}: ")
    else:
        require_sound(sweep(CLAIM, overrides=overrides), sweep=True)


@pytest.mark.parametrize(
    ("differs", "treatment", "message"),
    [
        (["augmentation"], "append_gaussian", None),
        (["augmentation", "perturbation"], "append_gaussian", None),  # the control perturbs nothing
        (["augmentation", "autoencoder", "perturbation"], "append_gaussian", None),
        (
            ["perturbation"],
            "append_gaussian",
            "augmentation differs too (augmentation.name=append, augmentation.ratio=",
        ),
        (["augmentation", "gan"], "append_gaussian", "every gan.… is the same in append_gaussian and none"),
        ([], "append_gaussian", "augmentation differs too"),
    ],
)
def test_treatment_and_control_differ_in_what_the_claim_says(sweep, differs, treatment, message):
    jobs = sweep(CLAIM | {"differs": differs, "treatment": treatment})
    if message is None:
        require_sound(jobs, sweep=True)
    else:
        (line,) = refusal(jobs)
        assert line.startswith(f"claims.0.differs=[{', '.join(differs)}]: {message}")
        assert "differs too" not in message or (" in append_gaussian, " in line and line.endswith(" in none)"))


def test_what_is_stated_differs_at_some_size_and_nothing_else_at_any(sweep):
    """A weight that is looked up for each arm may be the same for both at one size."""
    claim = CLAIM | {"sizes": [20, 50]}
    stated, alike = claim | {"differs": ["augmentation", "gan"]}, claim | {"differs": ["augmentation"]}

    def jobs(claim, *gammas):
        found = []
        for n_train, gamma in zip((20, 50), gammas, strict=True):
            found += sweep(claim, arms=("none",), overrides=(f"data.n_train={n_train}",))
            (treatment,) = sweep(claim, arms=("append_gaussian",), overrides=(f"data.n_train={n_train}",))
            found.append(treatment.model_copy(update={"gan": treatment.gan.model_copy(update={"r1_gamma": gamma})}))
        return found

    require_sound(jobs(stated, 3.0, 1.0), sweep=True)
    require_sound(jobs(stated, 3.0, 4.0), sweep=True)
    require_sound(jobs(alike, 1.0, 1.0), sweep=True)
    (line,) = refusal(jobs(stated, 1.0, 1.0))
    assert "every gan.… is the same in append_gaussian and none" in line
    (line,) = refusal(jobs(alike, 3.0, 1.0))
    assert "gan differs too (gan.r1_gamma=3.0 in append_gaussian, gan.r1_gamma=1.0 in none)" in line


def test_two_arms_that_inject_differ_in_their_perturbation_alone(sweep):
    arms = ("append_reconstruct", "append_gaussian")
    stated = CLAIM | {"control": "append_reconstruct", "differs": ["perturbation"]}
    require_sound(sweep(stated, arms=arms), sweep=True)
    (line,) = refusal(sweep(stated | {"differs": ["perturbation", "augmentation"]}, arms=arms))
    said = "every augmentation.… is the same in append_gaussian and append_reconstruct"
    assert line.endswith(f"{said}; claims=[] tries them without a claim")


def test_arms_are_compared_at_the_sizes_of_the_claim_alone(sweep):
    """Both differ in the weight of R1 at 100 images, and in nothing at 500."""
    stated = CLAIM | {"differs": ["augmentation", "gan"], "sizes": [100]}
    of_100 = [
        *sweep(stated, arms=("none",), overrides=("data.n_train=100", "gan.r1_gamma=3")),
        *sweep(stated, arms=("append_gaussian",), overrides=("data.n_train=100", "gan.r1_gamma=10")),
    ]
    of_500 = sweep(stated, overrides=("data.n_train=500", "gan.r1_gamma=3"))
    require_sound([*of_100, *of_500], sweep=True)
    require_sound(of_500, sweep=True, announced=[100])
    (line,) = refusal(sweep(stated | {"sizes": [500]}, overrides=("data.n_train=500", "gan.r1_gamma=3")))
    assert "every gan.… is the same" in line


def test_what_all_arms_share_is_not_part_of_the_names_that_a_claim_gives(sweep):
    jobs = sweep(CLAIM | {"differs": ["gan"]}, overrides=("gan.r1_gamma=3",))
    assert {job.variant for job in jobs} == {"none,gan.r1_gamma=3", "append_gaussian,gan.r1_gamma=3"}
    assert any("augmentation differs too" in line for line in refusal(jobs))


def test_a_single_run_is_checked_against_the_runs_that_stand_beside_it(sweep):
    stated = CLAIM | {"differs": ["gan"]}
    (treatment,) = sweep(stated, arms=("append_gaussian",))
    require_sound([treatment], sweep=False)  # nothing to compare with yet
    control = RunFolder(sweep(stated, arms=("none",))[0])
    control.open()
    control.close()
    lines = refusal([treatment], as_sweep=False)
    assert {line.partition(": ")[2].partition(" (")[0] for line in lines} == {
        "augmentation differs too",
        "every gan.… is the same in append_gaussian and none; claims=[] tries them without a claim",
    }


def test_what_is_not_measured_is_not_claimed_about(sweep):
    blind = sweep(CLAIM, overrides=("evaluation.test=false",), exploratory=True)
    assert refusal(blind) == ["claims.0.metric=frechet_distance: evaluation.test=false does not measure it"]
    for seen in ({"metric": "late_change"}, {"reading": "equal_seconds"}):  # these look at the validation slice alone
        require_sound(sweep(CLAIM | seen, overrides=("evaluation.test=false",), exploratory=True), sweep=True)
    spread = sweep(CLAIM | {"of": "spread"}, overrides=("evaluation.test=false",), exploratory=True)
    assert refusal(spread) == refusal(blind)
    require_sound(sweep(CLAIM | {"metric": "diverged"}, overrides=("evaluation.test=false",)), sweep=True)


def test_a_claim_says_its_sizes_before_there_are_results(sweep):
    unsaid = {key: value for key, value in CLAIM.items() if key != "sizes"}
    for as_sweep in (True, False):
        assert refusal(sweep(unsaid), as_sweep=as_sweep) == [
            "claims.0.sizes=null: say which sizes it is about, as in [100, 500]; all images are [null]"
        ]
    require_sound(sweep(unsaid, exploratory=True), sweep=True)
