"""Whole searches over tiny runs."""

import json
import re
import shutil
from typing import Any

import optuna
import pytest
import torch
import yaml
from filelock import Timeout
from omegaconf import OmegaConf
from optuna.trial import TrialState

from aeaug.options import flat
from aeaug.run.folder.folder import RunFolder
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.composing import composed
from aeaug.tune.claim import claimed, studies
from aeaug.tune.identity import _told_apart, require_same, settle
from aeaug.tune.journal import journal
from aeaug.tune.objective import measured
from aeaug.tune.options import parse_tune
from aeaug.tune.result import _of_a_machine
from aeaug.tune.search import asked
from aeaug.tune.tune import tuned
from aeaug.tune.weights import forget_weights
from aeaug.tune.work import work
from tests.conftest import REPOSITORY, options
from tests.terminal import content, typed
from tests.tune.searches import BASE, SPACE, arguments, searched

UNLIKE = {
    "name",
    "variant",
    "seed",
    "data.subset_seed",
    "autoencoder.seed",
    "evaluation.test",
    "outputs",
    "trainer.progress",
}


def study_of(outputs, arm, name="it"):
    return optuna.load_study(storage=journal(outputs / "tune" / name / "journal.log"), study_name=arm)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A search over two arms, two of three trials at random."""
    folder = tmp_path_factory.mktemp("both")
    ended = searched(folder, "tune.arms=none,append_shift", "tune.seeds=9000,9001", "trainer.precision=bf16-mixed")
    assert ended.status == 0, ended.said
    return folder, ended


@pytest.mark.long
def test_every_arm_has_equally_many_trials_of_the_same_values(both):
    folder, _ = both
    none, shift = (study_of(folder / "outputs", arm).trials for arm in ("none", "append_shift"))
    assert [one.state for one in none + shift] == [TrialState.COMPLETE] * 6
    assert [one.params for one in none[:2]] == [one.params for one in shift[:2]]  # the random ones
    assert none[0].params != none[1].params
    assert {*none[0].params} == {*SPACE}
    assert all(one.distributions == none[0].distributions for one in none + shift)


def test_a_trial_is_worth_the_median_of_its_seeds(both):
    folder, _ = both
    runs = folder / "outputs" / "runs" / "tune-it"
    for trial in study_of(folder / "outputs", "none").trials:
        place = runs / f"none,trial={trial.number:04d}"
        curves = [(place / f"seed={seed}" / "history.jsonl").read_text().splitlines() for seed in (9000, 9001)]
        ends = [json.loads(curve[-1]) for curve in curves]
        assert trial.value == pytest.approx(sum(one["frechet_distance"] for one in ends) / 2)
        curve = [*trial.intermediate_values.values()]
        assert len(curve) == 4
        assert [curve[1], curve[3]] == [one["frechet_distance"] for one in ends]


@pytest.mark.parametrize("arm", ["none", "append_shift"])
def test_the_option_file_makes_the_run_of_the_best_trial(both, arm):
    folder, ended = both
    best = study_of(folder / "outputs", arm).best_trial
    place = folder / "outputs" / "tune" / "it"
    file = place / "experiment" / f"{arm}.yaml"
    assert file.read_text().startswith("# @package _global_\n# Found by: python scripts/tune.py tune.space=")
    assert f"Trial {best.number} (the first is 0), the best of 3 of 3" in file.read_text()
    assert str(file) in ended.printed
    found = composed([f"experiment={arm}", "seed=3", "trainer=cpu"], [f"hydra.searchpath=[file://{place}]"])
    config = place.parents[1] / "runs" / "tune-it" / f"{arm},trial={best.number:04d}" / "seed=9000" / "config.yaml"
    trained = yaml.safe_load(config.read_text())
    here, there = flat(found.model_dump(mode="json")), flat(trained)
    assert {key for key in here if here[key] != there.get(key)} <= UNLIKE
    assert (found.name, found.variant, found.evaluation.test) == ("it", arm, True)
    assert here["gan.r1_gamma"] == best.params["gan.r1_gamma"]
    assert min(one.value for one in study_of(folder / "outputs", arm).trials) == best.value


def test_the_page_needs_no_other_file_and_has_every_figure(both):
    folder, ended = both
    page = folder / "outputs" / "tune" / "it" / "report.html"
    assert str(page) in ended.printed
    text = page.read_text()
    assert text.count("<script") == text.count("</script>")
    assert "src=" not in text.replace("plotly", "").split("<body>")[1]
    for title in ("Optimization history", "Intermediate values", "Slice", "Parallel coordinates"):
        assert title in text
    for arm in ("none", "append_shift"):
        assert f"{study_of(folder / 'outputs', arm).best_value:,.1f}" in text


def test_its_bar_ends_with_all_trials_and_the_best_of_each_arm(both):
    folder, ended = both
    (line,) = [one for one in ended.lines if one.startswith("search it: 100%")]
    assert "| 6.0 of 6 trials [" in line
    for arm in ("none", "append_shift"):
        best = study_of(folder / "outputs", arm).best_trial
        assert f"{arm}: FD {best.value:,.1f}, trial {best.number}" in line


def test_a_finished_trial_keeps_all_but_its_weights(both):
    folder, _ = both
    runs = [file.parent for file in (folder / "outputs" / "runs" / "tune-it").rglob("status.json")]
    assert len(runs) == 12
    for run in runs:
        there = {path.name for path in run.iterdir()}
        assert there >= {"status.json", "metrics.json", "history.jsonl", "config.yaml", "run.log"}
        assert "checkpoints" not in there
    assert not [*(folder / "outputs" / "runs").rglob("*.ckpt")]


def test_weights_that_a_killed_search_left_go_at_the_next_start(both):
    folder, _ = both
    left = folder / "outputs" / "runs" / "tune-it" / "none,trial=0001" / "seed=9000" / "checkpoints"
    other = folder / "outputs" / "runs" / "mine" / "none,trial=0001" / "seed=9000" / "checkpoints"
    for place in (left, other):
        place.mkdir(parents=True)
        (place / "last.ckpt").write_bytes(b"weights")
    ended = searched(folder, "tune.arms=none,append_shift", "tune.seeds=9000,9001", "trainer.precision=bf16-mixed")
    assert ended.status == 0
    assert not left.exists()
    assert (other / "last.ckpt").exists(), "of a run that is no trial's"
    shutil.rmtree(other.parents[2])


def test_the_same_command_again_trains_nothing(both):
    folder, _ = both
    before = content(folder / "outputs" / "runs")
    ended = searched(folder, "tune.arms=none,append_shift", "tune.seeds=9000,9001", "trainer.precision=bf16-mixed")
    assert ended.status == 0
    assert content(folder / "outputs" / "runs") == before
    assert len(study_of(folder / "outputs", "none").trials) == 3


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(both, tmp_path):
    ended = searched(tmp_path, "tune.arms=none,append_shift", "tune.seeds=9000,9001", "--dry-run")
    assert ended.status == 0, ended.said
    first, *lines, last = ended.printed.splitlines()
    assert first == "search it: 3 trials of each of 2 arms, a trial with seeds 9000, 9001: 12 runs"
    assert "  gan.r1_gamma: 0.5 to 100, logarithmic" in lines
    assert "  gan/loss: one of hinge, non_saturating" in lines
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == ["none", "append_shift"]
    assert last == f"folder: {tmp_path / 'outputs' / 'tune' / 'it'}"
    assert not (tmp_path / "outputs").exists()

    folder, _ = both
    more = ("tune.arms=none,append_shift", "tune.seeds=9000,9001", "trainer.precision=bf16-mixed")
    before = content(folder / "outputs" / "tune")
    ended = searched(folder, *more, "tune.trials=5", "dry_run=true")
    assert ended.printed.count("; 3 of 5 trials are begun") == 2
    other = searched(folder, *more, "tune.sampler_seed=1", "--dry-run")
    assert (other.status, len(other.lines)) == (1, 1)
    assert content(folder / "outputs" / "tune") == before


@pytest.mark.long
def test_another_search_of_that_name_is_refused_in_one_line(both):
    folder, _ = both
    before = content(folder / "outputs")
    for more, says in (
        (["tune.seeds=9000,9002"], "tune.seeds=[9000, 9002]: the search that is there has [9000, 9001]; another name"),
        (["tune.seeds=9000,9001", "data.n_train=200"], "none: data.n_train=200: the search that is there has 100"),
        (["tune.seeds=9000,9001", "tune.sampler_seed=1"], "tune.sampler_seed=1: the search that is there has 0"),
    ):
        ended = searched(folder, "tune.arms=none,append_shift", *more)
        (line,) = ended.lines
        assert says in line
        assert ended.status == 1
    assert content(folder / "outputs") == before


@pytest.mark.long
def test_more_trials_go_on_as_if_they_had_been_asked_for_at_first(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    assert searched(one, "arm=none", "tune.trials=3").status == 0
    assert searched(two, "arm=none", "tune.trials=1").status == 0
    assert searched(two, "arm=none", "tune.trials=3").status == 0
    at_once, later = (study_of(folder / "outputs", "none").trials for folder in (one, two))
    assert [(trial.params, trial.value) for trial in at_once] == [(trial.params, trial.value) for trial in later]


def test_a_worse_curve_is_pruned_and_a_better_one_is_not(tmp_path):
    """A learning rate with which nothing is learnt, against one with which something is."""
    none, some = 1e-8, 1e-2
    learning = ["gan.ema_halflife_images=0", "budget.images=2000", "budget.images_per_epoch=1000"]
    more = ["arm=none", "tune.pruning=median", "tune.pruning_trials=1", "tune.pruning_readings=0", "tune.trials=5"]
    order = ["tune.random_trials=5", "tune.sampler_seed=8"]
    ended = searched(tmp_path, *learning, *more, *order, space={"gan.lr_generator": [none, some]})
    assert ended.status == 0, ended.said
    trials = study_of(tmp_path / "outputs", "none").trials
    rates = [one.params["gan.lr_generator"] for one in trials]
    expected = [rate == none and some in rates[:place] for place, rate in enumerate(rates)]
    assert any(expected), "there is one to be pruned"
    assert [one.state == TrialState.PRUNED for one in trials] == expected
    assert {len(one.intermediate_values) for one in trials if one.state == TrialState.PRUNED} == {1}
    assert ended.printed.count("pruned, reading 1 of seed 9000 is worse than the median") == sum(expected)
    assert not [*(tmp_path / "outputs" / "runs").rglob("*.ckpt")]
    states = [json.loads(file.read_text())["state"] for file in (tmp_path / "outputs").rglob("status.json")]
    assert sorted(states) == ["done"] * expected.count(False) + ["pruned"] * expected.count(True)
    assert study_of(tmp_path / "outputs", "none").best_params["gan.lr_generator"] == some


def test_the_test_set_is_not_looked_at(tmp_path, monkeypatch):
    """Whatever is in it, the same is found; and no run has measured anything on it."""
    from aeaug.run import pipeline

    whole, found = pipeline.data_of, []
    for place, images in (("a", 1_000), ("b", 7)):

        def other(options, images=images):
            data = whole(options)
            pictures = torch.randint(0, 255, (images, 28, 28), dtype=torch.uint8)
            splits = data.splits
            data.splits = splits._replace(test_images=pictures, test_labels=splits.test_labels[:images])
            return data

        monkeypatch.setattr(pipeline, "data_of", other)
        folder = tmp_path / place
        folder.mkdir()
        assert searched(folder, "arm=append_gaussian", "tune.trials=2").status == 0
        trials = study_of(folder / "outputs", "append_gaussian").trials
        found.append([(one.params, one.value, one.intermediate_values) for one in trials])
        runs = [json.loads(file.read_text()) for file in folder.rglob("metrics.json")]
        assert len(runs) == 2
        for run in runs:
            assert run["data"]["n_test"] == images
            assert not {"readings", "floors", "leak"} & run.keys()
    assert found[0] == found[1]


def test_a_diverged_trial_is_told_and_counted(tmp_path, monkeypatch):
    from aeaug.gan import GANModule
    from aeaug.training.divergence import Diverged

    def lost(*given):
        raise Diverged("it is lost")

    monkeypatch.setattr(GANModule, "require_sound", lost)
    ended = searched(tmp_path, "arm=none", "tune.trials=1")
    assert ended.status == 0
    assert "validation FD inf, diverged" in ended.printed
    assert "none: diverged in all 1 complete trials, of 1" in ended.printed
    (trial,) = study_of(tmp_path / "outputs", "none").trials
    assert (trial.state, trial.value) == (TrialState.COMPLETE, float("inf"))
    assert not (tmp_path / "outputs" / "tune" / "it" / "experiment").exists()


@pytest.mark.long
def test_a_trial_that_fails_waits_for_the_same_command(tmp_path, monkeypatch):
    from aeaug.gan import GANModule

    healthy = GANModule.mean_losses

    def broken(module):  # after the first checkpoint
        if module.images_seen >= 400:
            raise MemoryError("no room")
        return healthy(module)

    with monkeypatch.context() as patch:
        patch.setattr(GANModule, "mean_losses", broken)
        ended = searched(tmp_path, "arm=none", "tune.trials=2")
    assert ended.status == 1
    assert ended.lines[-1] == "the same command goes on"
    assert [line for line in ended.lines if line.startswith("none, trial 0: out of memory")]
    left = [one.user_attrs for one in study_of(tmp_path / "outputs", "none").trials]
    assert all("failed" in attributes for attributes in left)
    assert len([*(tmp_path / "outputs" / "runs").rglob("last.ckpt")]) == 2, "what is gone on with keeps its weights"
    before = [one.params for one in study_of(tmp_path / "outputs", "none").trials]
    assert searched(tmp_path, "arm=none", "tune.trials=2").status == 0
    trials = study_of(tmp_path / "outputs", "none").trials
    assert [one.params for one in trials] == before
    assert [one.state for one in trials] == [TrialState.COMPLETE] * 2
    assert not [*(tmp_path / "outputs" / "runs").rglob("checkpoints")]


WRONG = [
    ([], ["tune.space=null"], "tune.space=null: say which options to search over"),
    ([], ["tune.trials=0"], "tune.trials=0: input should be greater than or equal to 1"),
    ([], ["tune.seeds=0,1"], "tune.seeds=0,1: seeds 9000 to 9999"),
    ([], ["tune.seeds=9000,9000"], "tune.seeds=9000,9000: one of them stands there twice"),
    ([], ["tune.sampler=grid"], "tune.sampler=grid"),
    ([], ["tune.trails=3"], "tune.trails=3"),
    ([], ["seed=3"], "seed=3: a search has its own; see tune.seeds"),
    ([], ["data.subset_seed=3"], "data.subset_seed=3: subsets 9000 to 9999 are kept for tuning"),
    ([], ["budget.extend=800"], "budget.extend=800: a search has its own; see budget.images"),
    ([], ["debug=true"], "debug=true: its numbers mean nothing, and a search goes by them; --dry-run says"),
    ([], ["variant=v"], "variant=v: a search has its own"),
    ([], ["evaluation.test=true"], "evaluation.test=true: a search never looks at the test set"),
    (["gan.betta1: [0.0, 0.5]"], [], "gan.betta1"),
    (["gan.beta1: [0.0, 2.0]"], [], "gan.beta1=2.0: "),
    (["gan.r1_gamma: {low: -1, high: 3}"], [], "gan.r1_gamma=-1"),
    (["gan/loss: [hinge, hinges]"], [], "gan/loss=hinges"),
    (["augmentation.ratio: [0.5, 1.0]"], ["arm=none"], "augmentation.ratio"),
    (["gan.beta1: {low: 0.0, high: 0.5, arms: [ada]}"], [], "gan.beta1.arms: ada is not searched, none are"),
    (["gan.beta1: [0.0, 0.5]"], ["gan.beta1=0.1"], "gan.beta1=0.1: tune.space searches over it"),
    ([], ["arm=none", "tune.arms=none,ada"], "arm=none: tune.arms=none,ada says that"),
    ([], ["tune.arms=none,adda", "~arm"], "tune.arms=adda: no such arm; did you mean ada?"),
    (
        ["augmentation.ratio: [0.5, 1.0]"],
        ["arm=append_rounded", "budget.match=real"],
        "budget.match=real: trials of append_rounded would be of different lengths",
    ),
    ([], ["experiment=tune_r1_mlp", "~data.n_train"], "experiment=tune_r1_mlp: it sweeps over data.n_train=100,500"),
]


@pytest.mark.parametrize(("space", "more", "says"), WRONG)
def test_what_is_wrong_is_said_in_one_line_before_anything_is_written(tmp_path, space, more, says):
    file = tmp_path / "space.yaml"
    file.write_text("\n".join(space) or yaml.safe_dump(SPACE))
    given = arguments(tmp_path, "arm=none", *(one for one in more if one[0] != "~"))
    ended = typed("tune", *(one for one in given if f"~{one.partition('=')[0]}" not in more))
    assert ended.status == 1, ended.printed
    (line,) = ended.lines
    assert line.startswith("error: ")
    assert says in line
    assert not (tmp_path / "outputs").exists()


def test_base_options_are_typed_as_for_a_run(tmp_path):
    """Misspelt ones are said as they are there."""
    ended = searched(tmp_path, "arm=none", "gan.betta1=0.5")
    assert "gan.betta1=0.5: no such option" in ended.said
    assert len(BASE) < len(arguments(tmp_path))


def a_search(folder, *base, space=SPACE, name="it"):
    """That is asked for, and begun nowhere."""
    file = folder / "space.yaml"
    file.write_text(yaml.safe_dump(space))
    given: Any = OmegaConf.to_container(OmegaConf.load(REPOSITORY / "conf" / "command" / "tune.yaml").tune)
    options = parse_tune(given | {"space": str(file), "trials": 3, "seeds": [9000], "sampler": "random"})
    return asked(options, name, folder / "outputs", [*BASE, *base])


def a_settled_search(folder):
    """Of none, and what its file holds."""
    search = a_search(folder, "arm=none")
    search.folder.mkdir(parents=True)
    settle(search)
    return search, (search.folder / "search.json").read_text()


@pytest.mark.parametrize("more", ["gan/view=[diffaugment]", "gan/penalty=[lecam]", "evaluation.spaces=[random]"])
def test_trials_with_an_option_more_are_another_search(tmp_path, more):
    """They could not be compared with those that are there."""
    first, written = a_settled_search(tmp_path)
    assert require_same(a_search(tmp_path, "arm=none"))[0] == json.loads(written)
    with pytest.raises(ValueError, match=r"^none: .*: the search that is there has .*; another name=… keeps both"):
        settle(a_search(tmp_path, "arm=none", more))
    assert (first.folder / "search.json").read_text() == written
    settle(a_search(tmp_path, "arm=append_shift"))  # another arm is another study of the same search
    assert json.loads(written).items() < json.loads((first.folder / "search.json").read_text()).items()


@pytest.mark.parametrize("other", ["budget.images=800", "data.n_train=200", "evaluation.every=2"])
def test_another_arm_is_searched_with_what_those_that_are_there_have(tmp_path, other):
    """Otherwise neither command would go on with both."""
    first, written = a_settled_search(tmp_path)
    key, _, value = other.partition("=")
    with pytest.raises(ValueError, match=f"^append_shift: {key}={value}: the search that is there has"):
        settle(a_search(tmp_path, "arm=append_shift", other))
    assert (first.folder / "search.json").read_text() == written


WITHOUT = "the search that is there was asked for without it; another name=…"
OTHERS = [
    (["arm=none", "gan.beta1=0.5", "data.subset_seed=9000"], f"data.subset_seed=9000: {WITHOUT}"),
    (["arm=append_shift", "gan.beta1=0.5", "data.subset_seed=9000"], f"data.subset_seed=9000: {WITHOUT}"),
    (["arm=append_shift", "gan.beta1=0.25"], "gan.beta1=0.25: the search that is there has 0.5; another name=…"),
    (["arm=append_shift"], "gan.beta1: the search that is there was asked for with gan.beta1=0.5; another name=…"),
    (["arm=append_shift", "gan.beta1=0.5", "gan.beta2=0.9"], f"gan.beta2=0.9: {WITHOUT}"),
]


@pytest.mark.parametrize(("more", "says"), OTHERS)
def test_arms_of_a_search_differ_in_nothing_that_is_typed(tmp_path, more, says):
    """Trials on one subset and on several could not be compared, nor could arms with other learning rates."""
    search = a_search(tmp_path, "arm=none", "gan.beta1=0.5")
    search.folder.mkdir(parents=True)
    settle(search)
    written = (search.folder / "search.json").read_text()
    with pytest.raises(ValueError, match=f"^{re.escape(says)}"):
        settle(a_search(tmp_path, *more))
    assert (search.folder / "search.json").read_text() == written
    settle(a_search(tmp_path, "arm=append_shift", "gan.beta1=0.5"))


def test_the_seed_of_an_autoencoder_that_is_typed_makes_another_search(tmp_path):
    search = a_search(tmp_path, "arm=append_gaussian")
    search.folder.mkdir(parents=True)
    settle(search)
    with pytest.raises(ValueError, match=r"^autoencoder\.seed=9000: the search that is there was asked for without it"):
        settle(a_search(tmp_path, "arm=append_gaussian", "autoencoder.seed=9000"))


def test_a_search_is_the_same_on_another_machine_and_however_a_number_is_written(tmp_path):
    search = a_search(tmp_path, "arm=none", "gan.beta1=0.5")
    search.folder.mkdir(parents=True)
    settle(search)
    there, here = require_same(a_search(tmp_path, "trainer.threads=2", "gan.beta1=5e-1", "arm=none", "resume=false"))
    assert there == here


SPACES = [
    (
        {"gan.r1_gamma": {"low": 0.5, "high": 200, "log": True}},
        "gan.r1_gamma=0.5 to 200, logarithmic: the search that is there has 0.5 to 100, logarithmic; another",
    ),
    (
        {"gan.beta1": [0.0, 0.5]},
        "gan.beta1=one of 0.0, 0.5: the search that is there was asked for without",
    ),
    (
        {"gan/loss": None},
        "gan/loss: the search that is there was asked for with gan/loss=one of hinge, non_saturating; another",
    ),
]


@pytest.mark.parametrize(("changed", "says"), SPACES)
def test_a_changed_space_is_told_by_the_parameter_that_changed(tmp_path, changed, says):
    a_settled_search(tmp_path)
    space = {key: value for key, value in (SPACE | changed).items() if value is not None}
    with pytest.raises(ValueError, match=f"^tune.space: {re.escape(says)}"):
        settle(a_search(tmp_path, "arm=none", space=space))


def test_two_long_values_are_told_from_where_they_differ():
    here, there = (f"one of {', '.join(map(str, [*range(1000, 1050), last]))}" for last in (1, 2))
    one, other = _told_apart(here, there)
    assert one != other
    assert here.endswith(one.lstrip("…"))
    assert there.endswith(other.lstrip("…"))
    assert _told_apart(0.5, None) == ("0.5", "null")


def test_who_deletes_a_search_is_told_of_its_runs(tmp_path):
    """They would stand in the way of those of the next search of that name."""
    search = a_search(tmp_path, "arm=none")
    search.folder.mkdir(parents=True)
    settle(search)
    with pytest.raises(ValueError, match="another name") as refused:
        settle(a_search(tmp_path, "arm=none", "data.n_train=200"))
    (search.folder / "search.json").write_text("[]")
    with pytest.raises(ValueError, match="not readable") as damaged:
        settle(search)
    for error in (refused, damaged):
        assert str(search.run("none", 0, search.first_values("none"), 9000).outputs) in str(error.value)
        assert str(error.value).endswith(str(search.runs_of("none", 0).parent))


class Halting(optuna.pruners.BasePruner):
    """Prunes whatever was told."""

    def prune(self, study, trial):
        return bool(trial.intermediate_values)


def test_the_curve_of_a_run_that_is_stale_is_neither_told_nor_pruned_by(tmp_path, monkeypatch):
    there, asked_for = (
        options(tmp_path, "arm=none", "evaluation.test=false", "stale=redo", "variant=it", f"gan.r1_gamma={weight}")
        for weight in (1, 2)
    )
    folder = RunFolder(there)
    folder.open()
    folder.append_history({"epoch": 1, "images": 200, "frechet_distance": 1e9})
    folder.close()
    trial = optuna.create_study(pruner=Halting()).ask()
    monkeypatch.setattr(Run, "run", lambda run: 7.0)
    assert measured(trial, [asked_for], 2) == 7.0
    assert not trial.storage.get_trial(trial._trial_id).intermediate_values
    (aside,) = folder.path.parent.glob("*.stale-*")
    assert (aside / "history.jsonl").exists()


def test_weights_of_a_stale_run_that_was_moved_aside_are_kept(tmp_path):
    search = a_search(tmp_path, "arm=none")
    one, aside = (
        search.runs_of("none", 0) / name / "checkpoints" for name in ("seed=9000", "seed=9000.stale-1a2b3c4d")
    )
    for place in (one, aside):
        place.mkdir(parents=True)
    study = optuna.create_study()
    study.add_trial(optuna.trial.create_trial(value=1.0))
    forget_weights(search, "none", study.trials)
    assert (one.exists(), aside.exists()) == (False, True)


def test_trials_wait_where_images_are_gone_that_were_there(tmp_path, monkeypatch):
    """Values that do not go together are refused for good: these are right, and their folder is away for a while."""
    search = a_search(tmp_path, "arm=none")
    search.folder.mkdir(parents=True)
    settle(search)
    with monkeypatch.context() as away:
        away.setattr("aeaug.tune.search.composed", raising("data.root=photographs: no such folder"))
        work(search, "first start")
    trials = study_of(tmp_path / "outputs", "none").trials
    assert [one.user_attrs["failed"] for one in trials] == [
        ["first start", "data.root=photographs: no such folder"]
    ] * 3
    assert not [one for one in trials if one.state.is_finished()]
    assert claimed(search, studies(search), "second start") is not None


def test_page_and_option_file_are_written_by_one_process_at_a_time_of_all_that_was_told(tmp_path, monkeypatch):
    """Another's last trial ends between the end of this one's work and its writing."""
    search = a_search(tmp_path, "arm=none")
    seen = []

    def told(search, start):
        with search.lock():
            study = studies(search)["none"]
        study.add_trial(optuna.trial.create_trial(value=7.0, params=VALUES, distributions=DISTRIBUTIONS))
        return 0

    def look(search, *given):
        with pytest.raises(Timeout):
            search.lock().acquire(timeout=0)
        seen.append(given)
        return search.folder

    monkeypatch.setattr("aeaug.tune.tune.worked", told)
    monkeypatch.setattr("aeaug.tune.tune.write_page", look)
    monkeypatch.setattr("aeaug.tune.tune.write_option_file", look)
    assert tuned(search) == []
    (found,), (_, (in_page,)) = seen
    assert found == in_page
    assert found.best.value == 7.0


VALUES = {"gan.r1_gamma": 1.0, "gan.lr_generator": 1e-3, "gan/loss": "hinge"}
DISTRIBUTIONS = {
    "gan.r1_gamma": optuna.distributions.FloatDistribution(0.5, 100, log=True),
    "gan.lr_generator": optuna.distributions.FloatDistribution(1e-4, 1e-2, log=True),
    "gan/loss": optuna.distributions.CategoricalDistribution(("hinge", "non_saturating")),
}


def raising(line):
    def raise_it(*arguments):
        raise ValueError(line)

    return raise_it


def test_an_option_file_finds_the_users_images():
    assert [one for one in ("data.root=photographs", "data.unusable=skip", "data=folder") if _of_a_machine(one)] == []
    assert all(map(_of_a_machine, ("outputs=here", "trainer=cpu", "data.cache=there", "name=mine")))
