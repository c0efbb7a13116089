"""Rates that change over training, through the whole pipeline."""

import json

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aeaug.data import MNISTDataModule
from aeaug.data.mixture import mixture_plan
from aeaug.run.again.finished_run import FinishedRun
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.command_options import compose_reevaluation
from tests.conftest import compose, options
from tests.run.runs import UNTESTED, interrupted, metrics_of
from tests.run.runs import run as whole_run

pytestmark = pytest.mark.usefixtures("stocked")


def run(outputs, *overrides):
    return whole_run(outputs, UNTESTED, *overrides)


def work(experiment):
    return metrics_of(experiment)["work"]


R_T = ["schedule=r_t", "schedule.images=400", "schedule.target=0.1"]
R_V = ["schedule=r_v", "schedule.images=400", "schedule.target=0.0001", "gan.r1_gamma=0"]
FADING = ["schedule=linear", "schedule.begin=0", "schedule.until=400"]


@pytest.mark.parametrize("arm", ["append_gaussian", "replace_gaussian"])
def test_what_fades_out_is_gone_and_what_fades_in_comes(arm, tmp_path):
    overrides = [f"arm={arm}", *FADING]
    short = run(tmp_path, *overrides, "variant=short", "budget.images=400")
    long = run(tmp_path, *overrides, "variant=long", "budget.images=800")
    whole = run(tmp_path, f"arm={arm}", "variant=whole", "budget.images=400")
    assert 0 < work(short)["synthetic"] == work(long)["synthetic"] < work(whole)["synthetic"]
    into = run(tmp_path, *overrides, "variant=in", "budget.images=400", "schedule.start=0", "schedule.end=1")
    assert 0 < work(into)["synthetic"] < work(whole)["synthetic"]


def test_until_its_step_an_arm_is_what_it_is_without_a_schedule(tmp_path):
    """Bit for bit, where one block holds the whole epoch in both."""
    overrides = ["arm=append_gaussian", "budget.images_per_epoch=80", "budget.images=160", "evaluation.every=1"]
    plain = run(tmp_path, *overrides, "variant=plain")
    late = run(tmp_path, *overrides, "variant=late", "schedule=step", "schedule.at=80")
    readings = late.folder.read_history()
    assert [reading.pop("rates") for reading in readings] == [{"augmentation": 0.0}] * 2
    first, second = zip(readings, plain.folder.read_history(), strict=True)
    assert first[0] == first[1]
    assert second[0] != second[1]
    assert work(late)["synthetic"] == mixture_plan(100, 0, 80, ratio=1.0, seed=0).synthetic.sum()


def test_readings_say_what_is_in_force_and_what_penalties_come_to(tmp_path):
    """A linear share by its closed form, whatever it is of; a penalty that is faded out is one that was there."""
    of_penalties = [one.replace("schedule", "gan/penalty_schedule", 1) for one in FADING[:1]]
    of_penalties += [f"gan.penalty_{one}" for one in FADING[1:]]
    found = run(
        tmp_path,
        "arm=consistency_gaussian",
        *FADING,
        *of_penalties,
        "gan/r1_schedule=step",
        "gan.r1_schedule.at=300",
        "gan.r1_every=1",
        "gan/penalty=[lecam]",
        "gan/view=[instance_noise]",
        "gan.view.instance_noise.until=800",
        "budget.images=400",
        "budget.images_per_epoch=100",
        "evaluation.every=1",
    )
    readings = found.folder.read_history()
    assert [one["images"] for one in readings] == [100, 200, 300, 400]
    for one in readings:
        shown = one["images"]
        fading = pytest.approx(1 - shown / 400)
        assert one["rates"] == {
            "augmentation": fading,
            "penalty": fading,
            "r1": float(shown < 300),
            "instance_noise": pytest.approx(1 - shown / 800),
        }
        assert "signals" not in one
        assert one["penalties"].keys() == {"lecam", "consistency"} | ({"r1"} if shown <= 300 else set())
        assert all(value > 0 for value in one["penalties"].values())
    events = EventAccumulator(str(found.folder.path)).Reload()
    for tag, place in (("rate/penalty", ("rates", "penalty")), ("penalty/lecam", ("penalties", "lecam"))):
        shown = {event.step: event.value for event in events.Scalars(tag)}
        assert shown == {one["images"]: pytest.approx(one[place[0]][place[1]], rel=1e-6) for one in readings}


@pytest.mark.parametrize(
    ("arm", "schedule"),
    [
        pytest.param(arm, schedule, marks=() if place == turn else pytest.mark.long)
        for turn, schedule in enumerate([FADING, R_T, R_V])
        for place, arm in enumerate(["append_gaussian", "two_sided_gaussian", "consistency_gaussian"])
    ],
    ids=lambda given: given if isinstance(given, str) else "-".join(given),
)
def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(arm, schedule, tmp_path, monkeypatch):
    """Ten batches an epoch: the second epoch begins between two decisions."""
    overrides = [f"arm={arm}", *schedule, "budget.images=600"]
    whole = run(tmp_path, *overrides, "variant=whole")
    interrupted(monkeypatch, tmp_path, UNTESTED, *overrides, "variant=halted")
    resumed = run(tmp_path, *overrides, "variant=halted")
    assert resumed.folder.read_history() == whole.folder.read_history()
    assert work(resumed) == work(whole)
    mine, undisturbed = (torch.load(one.folder.checkpoint, weights_only=True) for one in (resumed, whole))
    assert all(mine["state_dict"][key].equal(undisturbed["state_dict"][key]) for key in undisturbed["state_dict"])
    assert mine["progress"].keys() == undisturbed["progress"].keys()
    rates = [one["progress"].get("controllers", {}).get("rates") for one in (mine, undisturbed)]
    assert rates[0] == rates[1]
    if schedule is not FADING:
        assert 0 < rates[0]["augmentation"] <= 1


@pytest.mark.parametrize(
    ("controlled", "named"), [("schedule=r_t", r"schedule=r_t"), ("gan/view=[ada]", r"gan/view=ada")]
)
def test_where_the_sign_of_a_logit_means_nothing_nobody_follows_it(controlled, named, tmp_path):
    few = ["schedule.images=100"] if "r_t" in controlled else ["gan.view.ada.images=100"]
    with pytest.raises(ValueError, match=rf"^{named}: it follows the sign of the logits, which with gan\.loss=wasser"):
        options(tmp_path, "arm=append_gaussian", controlled, "gan/loss=wasserstein", *few)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["schedule=step"],
            r"schedule=step: over 400 images shown the share goes from 1 to 1, which is hardly a schedule",
        ),
        (
            ["schedule=step", "schedule.start=0", "schedule.end=1"],
            r"schedule=step: .* the share goes from 0 to 0, which is hardly",
        ),
        (  # the loader reads a rate before every fourth batch of an epoch, here the last time after 360 images
            ["schedule=step", "schedule.start=0", "schedule.end=1", "schedule.at=390"],
            r"schedule=step: .* the share goes from 0 to 0, which is hardly",
        ),
        (["schedule=linear", "schedule.begin=400"], r"schedule=linear: .* the share goes from 1 to 1, which is hardly"),
        (["schedule=linear", "schedule.until=20000"], r"schedule=linear: .* goes from 1 to 0\.98\d*, which is hardly"),
        (["schedule=r_t"], r"schedule\.images=8000: over 400 images shown the rate could not go from 0 to 1"),
        (["gan/view=[ada]"], r"gan\.view\.ada\.images=8000: over 400 images shown the rate could not go"),
    ],
)
def test_an_arm_whose_rate_does_not_change_within_the_budget_is_another_arm(given, said, tmp_path):
    with pytest.raises(ValueError, match=rf"^{said}"):
        options(tmp_path, "arm=append_gaussian", *given)
    options(tmp_path, "arm=append_gaussian", *given, "budget.extend=200000")  # over which it does


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (["budget.images=1280000", "budget.batch_size=64"], 25_600),
        (["budget.images=25000000", "budget.batch_size=64"], 500_000),  # as its authors have it
        (["budget.images=256000", "budget.batch_size=64", "budget.extend=25000000"], 25_600),
        (["budget.images=256000", "budget.batch_size=128"], 51_200),
    ],
)
def test_a_rate_has_a_fiftieth_of_the_budget_to_rise_in_or_a_hundred_decisions(budget, expected, tmp_path):
    for given, found in (
        (["arm=append_gaussian", "schedule=r_t"], lambda one: one.schedule),
        (["arm=none", "gan/r1_schedule=r_v"], lambda one: one.gan.r1_schedule),
        (["arm=lecam", "gan/penalty_schedule=r_t"], lambda one: one.gan.penalty_schedule),
        (["arm=ada"], lambda one: one.gan.view.ada),
        (["arm=apa_r_v"], lambda one: one.gan.pseudo.apa_r_v),
    ):
        assert found(options(tmp_path, *given, *budget)).images == expected
    assert options(tmp_path, "arm=ada", *budget, "gan.view.ada.images=3000").gan.view.ada.images == 3_000


def test_what_is_wrong_with_a_budget_is_said_of_the_budget_alone(tmp_path):
    with pytest.raises(ValueError, match=r"^budget\.images=many: input should be a number$"):
        options(tmp_path, "arm=ada", "budget.images=many")


def test_a_controller_needs_real_images_to_go_by(tmp_path):
    given = ["arm=replace_gaussian", "augmentation.probability=1", "schedule=r_t", "schedule.images=100"]
    with pytest.raises(ValueError, match=r"^augmentation\.probability=1: schedule=r_t would have no real images left"):
        options(tmp_path, *given)


def test_the_curve_says_what_the_rate_was(tmp_path):
    there = run(tmp_path, "arm=append_gaussian", *R_T)
    history = there.folder.read_history()
    assert [0 <= entry["rates"]["augmentation"] <= 1 for entry in history] == [True, True]
    assert [-1 <= entry["signals"]["augmentation"] <= 1 for entry in history] == [True, True]
    assert "rates" not in run(tmp_path, "arm=append_gaussian", "variant=plain").folder.read_history()[0]


def corrupted(monkeypatch):
    """From now on, the images that are held out are others: the same, upside down."""
    taken = MNISTDataModule._take

    def take(self, splits, positions, held_out=0):
        taken(self, splits, positions, held_out)
        self.held_out_images = self.held_out_images.flip(1)

    monkeypatch.setattr(MNISTDataModule, "_take", take)


@pytest.mark.parametrize("arm", ["append_gaussian", "two_sided_interpolate"])
def test_what_is_held_out_says_how_a_rate_goes_and_nothing_else(arm, tmp_path, monkeypatch):
    """As long as the rate stays 0, another hold-out changes no bit of what is trained."""
    overrides = [f"arm={arm}", *R_V, "schedule.target=0.99"]
    first = run(tmp_path, *overrides, "variant=first")
    corrupted(monkeypatch)
    second = run(tmp_path, *overrides, "variant=second")
    mine, others = (torch.load(one.folder.checkpoint, weights_only=True)["state_dict"] for one in (first, second))
    assert all(mine[key].equal(others[key]) for key in others)
    assert first.artifact.key == second.artifact.key
    one, other = (each.folder.read_history() for each in (first, second))
    signals = [[entry.pop("signals") for entry in history] for history in (one, other)]
    assert one == other
    assert signals[0] != signals[1]


@pytest.mark.long
def test_nothing_is_trained_on_what_is_held_out_and_metrics_are_of_the_whole_subset(tmp_path, stocked):
    experiment = Run(options(tmp_path, "arm=append_interpolate", *R_V))
    experiment.run()
    held, whole = experiment.fed, experiment.data
    assert (len(held.train_images), len(held.held_out_images), len(whole.train_images)) == (90, 10, 100)
    assert experiment.artifact.subset_sha256 == held.subset_sha256 != whole.subset_sha256
    assert experiment.source.images.equal(held.train_images)
    assert len(experiment.source.codes.z) == 90
    assert experiment.source.codes.labels.equal(held.train_labels)
    metrics = json.loads(experiment.folder.metrics.read_text())
    assert metrics["data"] == whole.summary | {"held_out": 10, "trained_on": 90}
    assert metrics["floors"].keys() == {"real", "copy", "pixels", "decoded"}
    plain = Run(options(tmp_path, "arm=append_gaussian", "variant=plain"))
    plain.run()
    beside = json.loads(plain.folder.metrics.read_text())
    assert beside["data"] == whole.summary
    assert beside["floors"]["copy"] == metrics["floors"]["copy"]
    assert beside["autoencoder"]["key"] != metrics["autoencoder"]["key"]
    config = compose([f"run='{experiment.folder.path}'", "trainer.progress=false"], "command/evaluate")
    again = FinishedRun(compose_reevaluation(config, ["run=it"])).measure().record["agreement"]
    assert (again["different"], again["new"]) == ({}, [])
    assert again["same"] > 100


@pytest.mark.parametrize(
    ("given", "key", "name"),
    [
        (["gan/view=[ada_r_v]", "gan.r1_gamma=0"], "gan.view.ada_r_v", "ada_r_v"),
        (["gan/pseudo=[apa_r_v]", "gan.r1_gamma=0"], "gan.pseudo.apa_r_v", "apa_r_v"),
        (["gan/r1_schedule=r_v", "gan.r1_gamma=1"], "gan.r1_schedule", "r1"),
        (["gan/penalty=lecam", "gan/penalty_schedule=r_v", "gan.r1_gamma=0"], "gan.penalty_schedule", "penalty"),
    ],
    ids=["ada", "apa", "r1", "lecam"],
)
def test_a_rival_that_follows_r_v_trains_no_autoencoder_and_holds_out_the_same(given, key, name, tmp_path):
    more = [f"{key}.images=400", f"{key}.target=0.0001"]
    there = run(tmp_path, "arm=none", *given, *more)
    assert len(there.fed.train_images) == 90
    assert there.artifact is None
    assert 0 < there.folder.read_history()[-1]["rates"][name] <= (0.8 if "apa" in name or "ada" in name else 1)


def test_r_v_follows_any_loss(tmp_path):
    options(tmp_path, "arm=append_gaussian", "gan/loss=wasserstein", "schedule=r_v", "schedule.images=100")
