"""One run has one name, whatever else a sweep is about, and other runs have others."""

import json

import hydra
import pytest

from aeaug.sweep.composition.naming import Names, variant_name
from aeaug.sweep.composition.overrides import CONF, is_group, key_and_value
from aeaug.sweep.composition.shared import FILE, Shared, read_shared, settle
from aeaug.sweep.launchers import threads_each
from aeaug.sweep.plan.plan import plan_of
from tests.conftest import tiny

CONSTANT = ["data=mnist_5k", "data.n_train=100", "budget=short", "gan.r1_gamma=5"]


def planned(outputs, *overrides, begun=False):
    """The plan of a sweep of ``overrides``, into outputs as they are; ``begun``: and its experiments are begun."""
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        given = [f"outputs={outputs}", *overrides]
        plain = [one for one in given if "," not in one.partition("=")[2] or ("[" in one and "],[" not in one)]
        config = hydra.compose("train", plain, return_hydra_config=True)
        config.hydra.overrides.task = given
        found = plan_of(config)
    for experiment, shared in found.shared.items() if begun else ():
        settle(experiment, shared)
        for folder in found.jobs:
            folder.mkdir(parents=True, exist_ok=True)
    return found


def names(outputs, *overrides, begun=False):
    return {folder.parent.name for folder in planned(outputs, *overrides, begun=begun).jobs}


def test_constants_of_a_sweep_are_in_no_name(tmp_path):
    assert names(tmp_path, *CONSTANT, "arm=none,append_gaussian", "seed=0,1") == {"none", "append_gaussian"}


def test_what_an_arm_has_no_use_for_is_no_other_run(tmp_path):
    plan = planned(tmp_path, *CONSTANT, "arm=none,append_gaussian", "perturbation.gamma=0.1,1.0", "seed=0,1,2")
    found = [(folder.parent.name, folder.name) for folder in plan.jobs]
    assert len(found) == len(set(found)) == 9
    assert {arm for arm, _ in found} == {
        "none",
        "append_gaussian,perturbation.gamma=0.1",
        "append_gaussian,perturbation.gamma=1",
    }


def test_names_do_not_change_when_a_sweep_grows(tmp_path):
    first = names(tmp_path, *CONSTANT, "arm=none,append_gaussian", begun=True)
    grown = [*CONSTANT[:-1], "gan.r1_gamma=5,10", "arm=none,append_gaussian,two_sided_gaussian"]
    more = names(tmp_path, *grown, begun=True)
    assert first < more
    assert more - first == {"two_sided_gaussian"} | {
        f"{arm},gan.r1_gamma=10" for arm in ("none", "append_gaussian", "two_sided_gaussian")
    }
    assert names(tmp_path, *CONSTANT, "arm=none,append_gaussian") == first
    sizes = [one.replace("n_train=100", "n_train=100,500") for one in CONSTANT]
    assert names(tmp_path, *sizes, "arm=none") == {"none", "none,data.n_train=500"}


def test_another_value_of_a_constant_is_in_the_name_typed_or_not(tmp_path):
    names(tmp_path, *CONSTANT, "arm=none,append_gaussian", begun=True)
    other = planned(tmp_path, *CONSTANT[:-1], "gan.r1_gamma=10", "arm=none,append_gaussian")
    assert {folder.parent.name for folder in other.jobs} == {"none,gan.r1_gamma=10", "append_gaussian,gan.r1_gamma=10"}
    assert [line.partition(":")[0] for line in other.departures] == ["adhoc began with gan.r1_gamma=5"]
    untyped = planned(tmp_path, *(one for one in CONSTANT if one != "budget=short"), "arm=none")
    assert {folder.parent.name for folder in untyped.jobs} == {"none,budget=default"}
    assert [line.partition(":")[0] for line in untyped.departures] == ["adhoc began with budget=short"]
    assert not planned(tmp_path, *CONSTANT[:-1], "gan.r1_gamma=5,10", "arm=none").departures


def test_a_number_has_one_name_however_it_is_typed(tmp_path):
    spelt = ("10", "10.0", "1e1", "1.0e+1")
    found = {name for one in spelt for name in names(tmp_path, "arm=none", f"gan.r1_gamma=3,{one}", *CONSTANT[:-1])}
    assert found == {"none,gan.r1_gamma=3", "none,gan.r1_gamma=10"}
    for one in ("false,true", "False,True", "FALSE,TRUE"):
        found = names(tmp_path, "arm=none", f"evaluation.test={one}", *CONSTANT)
        assert found == {"none", "none,evaluation.test=false"}, "true is what the option file says"


def test_what_is_chosen_of_a_group_has_one_name_however_it_is_typed(tmp_path):
    """Of several options a list: none of them is an empty one."""
    names(tmp_path, *CONSTANT, "arm=none,append_gaussian", begun=True)
    views = names(tmp_path, *CONSTANT, "arm=none", "gan/view=[],[ada]")
    assert {one for one in views if "ada" not in one} == {"none"}
    assert len(views) == 2


def test_several_choices_of_a_group_are_one_run_in_any_order(tmp_path):
    names(tmp_path, *CONSTANT, "arm=none", begun=True)
    orders = [names(tmp_path, *CONSTANT, "arm=none", f"gan/penalty=[{one}]") for one in ("r2,lecam", "lecam,r2")]
    assert orders == [{"none,gan_penalty=lecam+r2"}] * 2
    chains = [
        f"perturbation.links=[{{name:{one},gamma:1}},{{name:{two}}}]"
        for one, two in (("gaussian", "interpolate"), ("interpolate", "gaussian"))
    ]
    assert len({variant_name([one]) for one in chains}) == 2, "of a chain's links the order matters"


def test_what_the_experiments_file_says_is_no_difference(tmp_path):
    experiment = ["experiment=demo", "arm=none", "seed=0"]
    assert names(tmp_path, *experiment, begun=True) == {"none"}
    assert names(tmp_path, *experiment, "data=mnist_5k", "data.n_train=100,200", "gan=mlp") == {
        "none",
        "none,data.n_train=200",
    }


def test_where_there_are_claims_a_part_that_is_typed_first_is_called_by_the_file(tmp_path):
    """Real images of another count, and another autoencoder, are not the claims' ``append_gaussian``."""
    part = ["experiment=ledger", "data.n_train=500", "seed=0", "arm=append_gaussian"]
    for more in ("budget.match=real", "autoencoder=pca"):
        own = tmp_path / more.partition("=")[2]
        assert names(own, *part, more, begun=True) == {f"append_gaussian,{more},data.n_train=500"}
        assert names(own, *part, begun=True) == {"append_gaussian,data.n_train=500"}
        assert names(own, "experiment=ledger", "seed=0", "arm=append_gaussian", "data.n_train=100,500") == {
            "append_gaussian,data.n_train=100",
            "append_gaussian,data.n_train=500",
        }


def test_a_claim_about_the_arm_without_a_name_keeps_constants_out_of_names_too(tmp_path):
    """Its ``default`` is what nothing was typed for."""
    typed = ["experiment=bf16", "evaluation.floor_draws=2", "seed=0", "trainer.precision=32-true,bf16-mixed"]
    assert names(tmp_path, *typed, begun=True) == {"default", "trainer.precision=bf16-mixed"}


def test_an_arm_without_a_name_is_called_after_its_strategy(tmp_path):
    assert names(tmp_path, *CONSTANT, "perturbation=uniform", "seed=0,1", begun=True) == {"perturbation=uniform"}
    both = names(tmp_path, *CONSTANT, "perturbation=uniform,gaussian", "seed=0,1")
    assert both == {"perturbation=uniform", "perturbation=gaussian"}
    assert names(tmp_path / "other", *CONSTANT, "seed=0,1") == {"default"}


def test_runs_of_earlier_versions_keep_their_names(tmp_path):
    (tmp_path / "runs" / "adhoc" / "none,gan.r1_gamma=5" / "seed=0").mkdir(parents=True)
    assert names(tmp_path, *CONSTANT, "arm=none") == {variant_name([*CONSTANT, "arm=none"])}
    for shared in planned(tmp_path, *CONSTANT, "arm=none", begun=True).shared.values():
        assert shared is None
    assert not (tmp_path / "runs" / "adhoc" / FILE).exists()


def test_experiments_have_constants_of_their_own(tmp_path):
    names(tmp_path, *CONSTANT, "arm=none,append_gaussian", "name=first", begun=True)
    other = [*CONSTANT[:-1], "gan.r1_gamma=1"]
    assert names(tmp_path, *other, "arm=none,append_gaussian", "name=second") == {"none", "append_gaussian"}


def test_whoever_comes_second_is_told(tmp_path):
    experiment = tmp_path / "runs" / "mine"
    settle(experiment, Shared(constants={"a": 1}, threads=2))
    settle(experiment, Shared(constants={"a": 1}, threads=2))
    with pytest.raises(ValueError, match=r"^name=mine: another command has just begun it"):
        settle(experiment, Shared(constants={"a": 2}, threads=2))
    assert read_shared(experiment) == Shared(constants={"a": 1}, threads=2)


def test_the_first_sweep_settles_the_threads(tmp_path):
    experiment = tmp_path / "runs" / "mine"
    settle(experiment, Shared())  # by a single run
    names = Names("train", [], Shared(constants={"b": 1}, threads=3))
    assert names.shared(experiment) == Shared(threads=3)
    settle(experiment, names.shared(experiment))
    assert Names("train", [], Shared(threads=8)).shared(experiment) == Shared(threads=3)


def test_a_damaged_file_is_named(tmp_path):
    experiment = tmp_path / "runs" / "mine"
    for content in ("[", "[]", json.dumps({"threads": 0}), json.dumps({"threads": "2"})):
        experiment.mkdir(parents=True, exist_ok=True)
        (experiment / FILE).write_text(content)
        with pytest.raises(ValueError, match=FILE):
            read_shared(experiment)


def test_jobs_share_the_cores(monkeypatch):
    monkeypatch.setattr("aeaug.sweep.launchers._cores", lambda: 12)
    monkeypatch.setattr("aeaug.sweep.launchers._memory", lambda: 2**40)
    assert [threads_each({"n_jobs": jobs}) for jobs in (1, 2, 5, 12, 40, -1)] == [12, 6, 2, 1, 1, 1]
    assert threads_each({}) == 12
    assert threads_each({"cpus_per_task": 4}) == 4
    assert threads_each({"ray": {"remote": {"num_cpus": 3}}}) == 3


@pytest.mark.parametrize(
    ("override", "key", "value", "group"),
    [
        ("gan.r1_gamma='5'", "gan.r1_gamma", "5", False),
        ("+gan/view=[ada]", "gan.view", "[ada]", True),
        ("gan=dcgan", "gan", "dcgan", True),
        ("++a.b@c=x", "a.b", "x", False),
    ],
)
def test_overrides_are_read(override, key, value, group):
    assert key_and_value(override) == (key, value)
    assert is_group(override) is group


@pytest.mark.long
def test_a_job_finds_its_name_in_its_own_process(tmp_path, stocked):
    """Workers name their runs by what was written down; a plan that named them otherwise would wait for them."""
    from tests.terminal import typed

    given = [one for one in tiny("arm=append_gaussian") if not one.startswith("arm=")]
    ended = typed(
        "train", "-m", *given, "arm=none,append_gaussian", "perturbation.gamma=0.1,1.0", f"outputs={tmp_path}"
    )
    assert ended.status == 0, ended.said
    found = {folder.parent.name for folder in (tmp_path / "runs").rglob("seed=*")}
    gammas = {f"append_gaussian,perturbation.gamma={gamma}" for gamma in ("0.1", "1")}
    assert found == {"none", *gammas}
    assert "3 done of 3" in ended.said
