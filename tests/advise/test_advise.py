"""An advice from the command to its one line, in small: what it runs, keeps, goes on with and refuses."""

import json
from pathlib import Path

import pytest

from aeaug.advise import advise as advising
from aeaug.advise import pace as pacing
from aeaug.advise.asked import NONE, asked, is_weight
from aeaug.advise.choice import tried
from aeaug.advise.claim import claim_of, typed_claim
from aeaug.advise.commands import measuring, tuning
from aeaug.advise.detection import is_asked_for
from aeaug.advise.kept import Kept, asked_of, keep, kept, would_change
from aeaug.advise.pace import Pace, measured_pace
from aeaug.artifacts import ArtifactStore
from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.spaces import trained
from aeaug.run.claims import Tried
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folders import run_path
from aeaug.run.parts import data_of, spaces_of_run
from aeaug.sweep.composition.command_line import for_hydra
from aeaug.sweep.composition.shared import settle
from aeaug.sweep.plan.typed import jobs_of
from tests.conftest import tiny
from tests.data.by_content.drawing import draw
from tests.terminal import typed

TWIN = "advise.arms=['none variant=twin']"  # an arm that differs in name only
SMALL = ("advise.images=[400]", "advise.weights=[]", "advise.tuning_seeds=[9000]", "hydra.launcher.n_jobs=1")
FAST = Pace(none=1e-4, candidates=(1e-4,), reading=0.1, each=0.1, subset=1.0, pair=9.5)  # 108 seconds for six pairs


def command(outputs, *more):
    """What is typed for an advice in small."""
    given = [one for one in tiny("arm=none") if not one.startswith(("arm=", "budget.images", "trainer.progress"))]
    given += [*SMALL, "advise.minutes=2", f"outputs={outputs}", "name=mine"]
    merged = {one.partition("=")[0]: one for one in [*given, *more]}
    return ["-m", "experiment=advise", *merged.values()]


def advice(outputs, *more):
    found, _ = asked(for_hydra(command(outputs, *more), "train", ["experiment"], sweeps=True))
    return found


def kept_with(found, chosen, tried=()):
    return Kept(
        asked=asked_of(found), minutes=2.0, workers=1, images=400, pairs=6, pace=FAST, chosen=chosen, tried=tried
    )


@pytest.fixture
def paced(monkeypatch):
    """A machine of known pace: what is measured of one is tested by itself."""
    monkeypatch.setattr(advising, "measured_pace", lambda _: FAST)
    return monkeypatch


@pytest.mark.usefixtures("paced")
def test_too_few_minutes_are_refused_in_one_line_that_names_how_many_would_do(tmp_path):
    ended = typed("train", *command(tmp_path, TWIN, "advise.minutes=1"))
    assert ended.status == 1
    assert ended.lines == [
        "error: advise.minutes=1: too few minutes to tell: 6 pairs of runs of 400 images, and the choice among 1 "
        "before them, take 2 here; advise.minutes=2 would do"
    ]
    assert not (tmp_path / "runs").exists()
    enough = typed("train", *command(tmp_path, TWIN, "advise.minutes=2"), "--dry-run")
    assert enough.status == 0
    assert "6 pairs of runs of 400 images shown, sized to 2 minutes" in enough.printed
    assert "seeds 0 to 5, 12 runs" in enough.printed
    assert not (tmp_path / "runs").exists()


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["seed=3"], "seed=3: an advice sets it itself"),
        (["arm=none,bcr"], "arm=none,bcr: an advice sets it itself"),
        (["advise.arms=[]"], "advise.arms=[]: nothing to choose from; and no other weight of R1 in advise.weights"),
        (["advise.arms=[none]"], "arm=none: it is what everything is compared with"),
        (["advise.arms=[none, 'none gan.r1_gamma=1']"], "arm=none: it is what everything is compared with"),
        (["advise.minutes=soon"], "advise.minutes=soon: input should be a number"),
        (
            ["advise.images=[60]"],
            "budget.batch_size=20: must be at most budget.images_per_epoch=3, the images an epoch",
        ),
        (["autoencoder.latent_dim=3", TWIN], "autoencoder.latent_dim=3: augmentation=none has no use for it"),
        (
            ["gan.r1_gamma=auto", "data=stacked_mnist_5k", "data.n_train=1000"],
            "gan.r1_gamma=auto: tuned for data=mnist, mnist_5k",
        ),
        (["hydra.launcher.n_jobs=0"], "hydra.launcher.n_jobs=0: must be at least 1"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_measured(tmp_path, monkeypatch, more, line):
    monkeypatch.setattr(advising, "measured_pace", None)
    ended = typed("train", *command(tmp_path, *more))
    assert ended.status == 1
    assert line in ended.said
    assert not (tmp_path / "runs").exists()


def test_every_arm_and_weight_is_tried_on_the_tuning_seeds_and_none_of_them_on_the_test_images(tmp_path):
    found = advice(
        tmp_path,
        "advise.arms=[append_gaussian, 'consistency_gaussian augmentation.weight=1']",
        "advise.weights=[1, 3, 30]",
        "autoencoder.steps=500",
        "evaluation.classifier_steps=7",
        "gan.r1_gamma=1",
    )
    settle(found.folder("mine_tuning"), found.shared("mine_tuning", 400))
    jobs = [one for typed in tuning(found, kept_with(found, None)) for one in jobs_of(typed, found.hydras).items()]
    assert {str(path.relative_to(tmp_path / "runs")) for path, _ in jobs} == {
        f"mine_tuning/{arm}/seed=9000"
        for arm in ("none", "append_gaussian", "consistency_gaussian,augmentation.weight=1", "none,gan.r1_gamma=3",
                    "none,gan.r1_gamma=30")
    }  # fmt: skip
    for _, options in jobs:
        assert not options.evaluation.test
        assert options.budget.images == 400
        assert options.epochs == 20
        assert options.seed == 9000
    weights = {options.variant: options.gan.r1_gamma for _, options in jobs}
    assert weights["none,gan.r1_gamma=30"] == 30
    assert weights["append_gaussian"] == weights["none"] == 1
    encoders = {options.autoencoder.steps for _, options in jobs if options.augmentation.name != "none"}
    assert encoders == {500}


def test_sweeps_are_started_with_the_launcher_that_is_typed(tmp_path, monkeypatch):
    """By which the minutes were counted."""
    found, started = advice(tmp_path, TWIN, "hydra.launcher.n_jobs=3"), []
    monkeypatch.setattr(advising, "kept", lambda asked: kept_with(asked, None))
    monkeypatch.setattr(advising, "best_of", lambda asked, images: 0)
    monkeypatch.setattr(advising, "tried", lambda asked, images: ())
    monkeypatch.setattr(advising, "report", lambda *asked: None)
    advising.advise(found, started.append, dry_run=False)
    assert found.launcher[0] == 3
    assert len(started) >= 2
    for typed_to_sweep in started:
        assert "hydra.launcher.n_jobs=3" in typed_to_sweep


def test_the_weight_of_none_is_typed_whole_where_another_is_measured(tmp_path):
    """Rounded, it would be another arm than the claim is about."""
    found = advice(tmp_path, "advise.weights=[3]", "advise.arms=[]", "gan.r1_gamma=31.6227766")
    settle(found.folder("mine"), found.shared("mine", 400))
    kept = kept_with(found, 0)
    claim = claim_of(found, kept)
    jobs = {path: one for given in measuring(found, kept, claim) for path, one in jobs_of(given, found.hydras).items()}
    assert {path.parent.name for path in jobs} == {claim.treatment, claim.control}
    assert {one.gan.r1_gamma for one in jobs.values()} == {3, 31.6227766}


WITH_A_WEIGHT = "advise.arms=['append_gaussian gan.r1_gamma=30','none gan.r1_gamma=3']"


@pytest.mark.cases(1)
@pytest.mark.parametrize("chosen", [None, 0, 1])
def test_an_arm_with_a_weight_of_its_own_is_that_arm_and_no_weight_of_none(tmp_path, chosen):
    found = advice(tmp_path, "advise.weights=[]", WITH_A_WEIGHT)
    name = "mine_tuning" if chosen is None else "mine"
    settle(found.folder(name), found.shared(name, 400))
    kept = kept_with(found, chosen)
    sweeps = tuning(found, kept) if chosen is None else measuring(found, kept, claim_of(found, kept))
    made = {path.parent.name for given in sweeps for path in jobs_of(given, found.hydras)}
    arms = ["append_gaussian,gan.r1_gamma=30", "none,gan.r1_gamma=3"]
    assert made == {"none", *(arms if chosen is None else [arms[chosen]])}
    assert [is_weight(one) for one in found.candidates] == [False, True]


@pytest.mark.parametrize(
    ("place", "arms"),
    [
        (0, {"none", "none,gan.r1_gamma=30"}),
        pytest.param(1, {"none", "append_gaussian"}, marks=pytest.mark.long),
        (2, {"none", "consistency_gaussian,augmentation.weight=1"}),
    ],
)
@pytest.mark.parametrize("base", [(), pytest.param(("gan.r1_gamma=0",), marks=pytest.mark.long)])
def test_none_and_what_was_chosen_are_measured_with_one_claim_that_is_about_them(tmp_path, place, arms, base):
    arm_list = "advise.arms=[append_gaussian,'consistency_gaussian augmentation.weight=1']"
    found = advice(tmp_path, "advise.weights=[30]", arm_list, *base)
    settle(found.folder("mine"), found.shared("mine", 400))
    kept = kept_with(found, place, (Tried(arm="append_gaussian", change=-0.1), Tried(arm="it's", change=None)))
    claim = claim_of(found, kept)
    assert {claim.treatment, claim.control} == arms
    jobs = {path: one for typed in measuring(found, kept, claim) for path, one in jobs_of(typed, found.hydras).items()}
    assert {path.parent.name for path in jobs} == arms
    assert len(jobs) == 12
    for path, options in jobs.items():
        assert options.claims == (claim,)
        assert run_path(options) == path
        assert options.evaluation.test
        assert options.gan.r1_gamma == (30 if "30" in options.variant else 0 if base else 1)
    assert {options.seed for options in jobs.values()} == set(range(6))


def of_folder(root, count=220):
    """Overrides: an advice on the images in ``root``."""
    draw(root, count, side=32, grey=True)
    return (TWIN, "data=folder", f"data.root={root}", "data.n_train=100")


def test_a_folder_whose_images_change_on_the_way_is_refused(tmp_path):
    """What is chosen on some would be measured on others."""
    found = advice(tmp_path, *of_folder(tmp_path / "own"))
    assert [path.parent.name for path in found.runs("mine", NONE, [0], 400)] == ["none"]
    draw(tmp_path / "own", 3, side=32, grey=True, seed=1)
    for name in ("mine_tuning", "mine"):
        with pytest.raises(ValueError, match=r"^data\.content=\w+: the images in data\.root=.* are others by now"):
            found.runs(name, NONE, [0], 400)


def test_a_probe_finds_the_images_decoded(tmp_path):
    found = advice(tmp_path, *of_folder(tmp_path / "own"))
    probe = found.probe(NONE, tmp_path / "elsewhere", 400, 9000, test=False)
    assert probe.outputs == str(tmp_path / "elsewhere")
    assert probe.data.cache == found.plain.data.cache
    assert not (tmp_path / "elsewhere").exists()


def test_images_are_enough_for_the_features_that_lead(tmp_path, monkeypatch):
    """Of an extractor of others', as many as that has."""
    pytest.importorskip("torch_fidelity")
    from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

    from tests.evaluation.spaces.test_fidelity import Corners

    monkeypatch.setitem(FEATURE_EXTRACTORS_REGISTRY, "corners", Corners)
    monkeypatch.setattr(advising, "kept", lambda asked: kept_with(asked, None))
    enough = advice(tmp_path, TWIN)
    advising.advise(enough, lambda _: None, dry_run=True)
    assert min(enough.plain.data.of.test, enough.plain.data.of.validation) < 2 * (603 + 1)
    found = advice(tmp_path, TWIN, "evaluation.spaces=['torch_fidelity:corners',random]")
    with pytest.raises(
        SystemExit, match=r"^error: data=mnist_5k: too few images to tell: its .* FD needs 1208, for 603"
    ):
        advising.advise(found, lambda _: None, dry_run=True)


@pytest.mark.parametrize(("count", "enough"), [(220, False), (700, True)])
def test_few_images_are_measured_by_what_is_made_for_them(tmp_path, monkeypatch, capsys, count, enough):
    found = advice(tmp_path, *of_folder(tmp_path / "own", count))
    monkeypatch.setattr(advising, "kept", lambda asked: kept_with(asked, None))
    if enough:
        advising.advise(found, lambda _: None, dry_run=True)
        claim = claim_of(found, kept_with(found, 0))
        assert (claim.metric, claim.direction) == ("frechet_distance_few", "lower")
        assert "advice mine: 6 pairs" in capsys.readouterr().out
    else:
        said = r"too few images to tell: its test set has \d\d, and FD needs 77, for 96 features; 600 images would do$"
        with pytest.raises(SystemExit, match=said):
            advising.advise(found, lambda _: None, dry_run=True)


def test_many_images_are_measured_by_fd(tmp_path):
    found = advice(tmp_path, TWIN)
    assert claim_of(found, kept_with(found, 0)).metric == "frechet_distance"


def test_other_images_of_a_run_than_it_was_sized_to_are_said(tmp_path):
    there = kept_with(advice(tmp_path, TWIN), None)
    assert would_change(advice(tmp_path, TWIN, "advise.images=[400,800]"), there) == []
    (line,) = would_change(advice(tmp_path, TWIN, "advise.images=[800,1200]"), there)
    assert line == (
        "advise.images=[800, 1200]: it was sized to 2 minutes, 6 pairs of runs of 400 images, and goes on so, though "
        "that is none of these (name=… begins another)"
    )
    assert len(would_change(advice(tmp_path, TWIN, "advise.images=[800]", "advise.minutes=3"), there)) == 2


def another_run(found, name, candidate, seed):
    """A folder of the advice that holds a run with another weight of R1."""
    (options,) = found.runs(name, candidate, [seed], 400).values()
    folder = RunFolder(options.model_copy(update={"gan": options.gan.model_copy(update={"r1_gamma": 7.0})}))
    folder.open()
    folder.close()


def test_a_run_that_is_another_s_chooses_nothing_and_is_in_no_answer(tmp_path, monkeypatch):
    found = advice(tmp_path, TWIN)
    for name in ("mine_tuning", "mine"):
        settle(found.folder(name), found.shared(name, 400))
    another_run(found, "mine_tuning", NONE, 9000)
    with pytest.raises(ValueError, match="holds a run with another config"):
        tried(found, 400)
    keep(found, kept_with(found, 0))
    another_run(found, "mine", found.candidates[0], 3)
    monkeypatch.setattr(advising, "report", None)
    with pytest.raises(SystemExit, match=r"^error: \S+seed=3 holds a run with another config"):
        advising.advise(found, lambda _: None, dry_run=False)


@pytest.mark.parametrize("name", ["it's", r"it\'s", "${seed}", r"\${seed}", r"\\${seed", "ends in \\", "a, b: {c}=[d]"])
def test_a_claim_is_typed_as_it_is_whatever_the_folder_is_called(tmp_path, name):
    found = advice(tmp_path, TWIN)
    settle(found.folder("mine"), found.shared("mine", 400))
    claim = claim_of(found, kept_with(found, 0)).model_copy(update={"statement": f"folder {name}"})
    given = [*found.given("mine", 400, [NONE]), *NONE, "seed=0", typed_claim(claim)]
    (options,) = jobs_of(given, found.hydras).values()
    assert options.claims == (claim,)


def test_a_folder_that_is_renamed_on_the_way_is_measured_for_the_same_claim(tmp_path, monkeypatch):
    given = of_folder(tmp_path / "own")
    found = advice(tmp_path, *given)
    monkeypatch.setattr(advising, "kept", lambda asked: kept_with(asked, None))
    monkeypatch.setattr(advising, "_require_images", lambda asked: None)
    monkeypatch.setattr(advising, "best_of", lambda asked, images: 0)
    monkeypatch.setattr(advising, "tried", lambda asked, images: ())
    monkeypatch.setattr(advising, "report", lambda *asked: None)
    first, second = list[list[str]](), list[list[str]]()
    advising.advise(found, first.append, dry_run=False)
    (tmp_path / "own").rename(tmp_path / "other")
    renamed = advice(tmp_path, *given, f"data.root={tmp_path / 'other'}")
    monkeypatch.setattr(advising, "kept", kept)
    advising.advise(renamed, second.append, dry_run=False)
    assert "folder own" in first[-1][-1]
    assert second[-1][-1] == first[-1][-1]


@pytest.mark.parametrize(
    ("typed_words", "expected"),
    [
        (["-m", "experiment=advise"], True),
        (["--multirun", "experiment='advise'"], True),
        (["experiment=advise"], False),
        (["-m", "experiment=demo"], False),
        (["-m", "experiment=nothing"], False),
        (["-m", "arm=none"], False),
        (["experiment=advise", "--cfg", "job"], False),
    ],
)
def test_an_advice_is_known_by_its_experiment(typed_words, expected):
    assert is_asked_for(typed_words) is expected


@pytest.mark.long
def test_a_pace_is_measured_of_every_kind_of_candidate(tmp_path, capsys):
    found = advice(tmp_path, TWIN, "advise.weights=[3,30]")
    pace = measured_pace(found)
    assert len(pace.candidates) == 3
    assert pace.candidates[0] == pace.candidates[1]  # weights of R1 are of one kind
    assert min(pace.none, *pace.candidates, pace.reading, pace.pair) > 0
    assert pace.pair >= pace.each
    assert not (tmp_path / "runs").exists()
    assert "4/4" in capsys.readouterr().err


def test_a_net_that_all_runs_share_is_in_no_pace_and_is_there_when_they_need_it(tmp_path, monkeypatch, user_set):
    monkeypatch.setitem(DATA_SETS, "mnist_5k", user_set)
    monkeypatch.setitem(trained.STEPS, "label_free", 1)
    found, timed = advice(tmp_path, TWIN, "evaluation.spaces=[label_free]"), list[str]()

    def with_nets(options, bar, kind):
        monkeypatch.setattr(trained.label_free, "train", None)
        store = ArtifactStore(Path(options.outputs) / "artifacts")
        timed.extend(sha256 for _, sha256 in spaces_of_run(options, data_of(options), store).nets.values())
        return 1.0, {"gan": 0.5}

    monkeypatch.setattr(pacing, "_timed", with_nets)
    measured_pace(found)
    store = ArtifactStore(tmp_path / "artifacts")
    ((_, kept_sha256),) = spaces_of_run(found.plain, data_of(found.plain), store).nets.values()
    assert timed == [kept_sha256] * 3  # none, the twin, and what is measured on the test split


@pytest.mark.long
@pytest.mark.usefixtures("paced")
def test_another_command_s_runs_and_a_damaged_file_are_left_alone(tmp_path):
    (tmp_path / "runs" / "mine" / "none" / "seed=0").mkdir(parents=True)
    ended = typed("train", *command(tmp_path, TWIN))
    assert "has runs of another command; take another" in ended.lines[0]
    file = tmp_path / "runs" / "mine" / ".advise.json"
    for text in ("{", "[]", json.dumps({"minutes": 3})):
        file.write_text(text)
        ended = typed("train", *command(tmp_path, TWIN))
        assert (ended.status, len(ended.lines)) == (1, 1)
        assert ".advise.json is not readable" in ended.lines[0]
        assert file.read_text() == text
