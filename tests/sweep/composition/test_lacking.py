"""What is typed for all jobs of a sweep is for those that have such an option."""

import hydra
import pytest

from aeaug.option_files import CONF
from aeaug.options import flat
from aeaug.run.files import read_config
from aeaug.sweep.composition.command_line import for_hydra
from aeaug.sweep.composition.lacking import kept, lacking
from aeaug.sweep.composition.shared import read_shared
from aeaug.sweep.plan.plan import plan_of
from aeaug.sweep.plan.typed import jobs_of
from tests.conftest import TINY
from tests.terminal import typed

WEIGHTS = ["arm=append_gaussian,consistency_gaussian", "augmentation.weight=1,2"]


def planned(tmp_path, *overrides):
    """Arms with the flat options of each, one seed of each."""
    jobs = jobs_of(["data=mnist_5k", "data.n_train=100", "gan.r1_gamma=1", f"outputs={tmp_path}", *overrides])
    return {options.variant: flat(options.model_dump()) for options in jobs.values()}


@pytest.mark.parametrize(
    ("override", "signed"),
    [
        ("augmentation.weight=1", True),
        ("perturbation.gamma=0.25,1", True),
        ("data.root=a,b", True),
        ("gan.penalty.lecam.weight=0.1", True),
        ("trainer.profiler=simple", True),
        ("gan.beta1=0,0.5", False),  # all have it
        ("data.n_train=100,500", False),
        ("autoencoder=mlp,pca", False),
        ("gan/loss=hinge", False),
        ("hydra.launcher.n_jobs=2", False),
        ("seed=0,1", False),
    ],
)
def test_what_only_some_of_a_groups_choices_have_is_added_by_a_sweep_alone(override, signed):
    (swept, _) = for_hydra([override, "-m"], "train", ["arm"], sweeps=True)
    assert swept.startswith("++") is signed
    key, _, value = override.partition("=")
    assert swept.lstrip("+") in (override, f"{key}='{value}'")
    if "," not in override:
        (single,) = for_hydra([override], "train", ["arm"], sweeps=True)
        assert single.startswith("++") is (key == "trainer.profiler")


def test_what_a_jobs_choices_lack_is_told_with_who_has_it():
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        given = [
            "arm=append_gaussian",
            "++augmentation.weight=1",
            "++augmentation.ratio=0.5",
            "++trainer.profiler=simple",
        ]
        without = lacking(given)
        assert list(without) == ["augmentation.weight"]
        assert "augmentation=consistency" in without["augmentation.weight"]
        assert kept(given, without) == [given[0], *given[2:]]
        assert lacking(["arm=consistency_gaussian", "++augmentation.weight=1"]) == {}
        assert lacking(["arm=append_gaussian", "++gan.no_such=1"]) == {}, "it is misspelt, and refused as that"
        assert list(lacking(["arm=apa", "++gan.penalty.lecam.weight=1"])) == ["gan.penalty.lecam.weight"]


def test_the_arms_that_have_it_take_it_and_the_others_are_one_run(tmp_path):
    found = planned(tmp_path, *WEIGHTS)
    assert set(found) == {"append_gaussian", *(f"consistency_gaussian,augmentation.weight={w}" for w in (1, 2))}
    for weight in (1, 2):
        assert found[f"consistency_gaussian,augmentation.weight={weight}"]["augmentation.weight"] == weight
    assert "augmentation.weight" not in found["append_gaussian"]
    assert found["append_gaussian"] == planned(tmp_path / "alone", "arm=append_gaussian")["append_gaussian"] | {
        "outputs": str(tmp_path)
    }


def test_two_arms_that_both_have_it_are_swept_though_the_default_has_it_not(tmp_path):
    found = planned(tmp_path, "arm=append_consistency_gaussian,consistency_gaussian", "augmentation.weight=3")
    assert {values["augmentation.weight"] for values in found.values()} == {3}
    assert set(found) == {"append_consistency_gaussian", "consistency_gaussian"}, "all have it: it is in no name"


def test_what_only_one_of_two_arms_has_is_in_its_name(tmp_path):
    found = planned(tmp_path, "arm=append_gaussian,consistency_gaussian", "augmentation.weight=3")
    assert set(found) == {"append_gaussian", "consistency_gaussian,augmentation.weight=3"}


def test_what_no_job_has_is_refused_with_who_has_it(tmp_path):
    with pytest.raises(
        ValueError, match=r"^augmentation\.weight=1: only augmentation=append_consistency and \S+ and"
    ) as no:
        planned(tmp_path, "arm=none,append_gaussian", "augmentation.weight=1")
    assert "\n" not in str(no.value)


def test_what_is_typed_takes_the_place_of_what_the_experiment_sweeps_over(tmp_path):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", ["experiment=ledger_pilot", f"outputs={tmp_path}"], return_hydra_config=True)
        assert "augmentation.weight" in config.hydra.sweeper.params
        config.hydra.overrides.task = ["experiment=ledger_pilot", f"outputs={tmp_path}", "++augmentation.weight=5"]
        jobs = plan_of(config).jobs.values()
    assert {options.augmentation.weight for options in jobs} == {5}


def test_a_sweep_runs_what_it_has_planned(tmp_path):
    small = [*TINY, "evaluation.test=false", "name=both", f"outputs={tmp_path}", "hydra/launcher=basic"]
    small = [one for one in small if not one.startswith("evaluation.c")]
    for _ in range(2):  # the second finds all of it done
        ended = typed("train", "-m", *WEIGHTS, *small)
        assert ended.status == 0, ended.said
    runs = {run.parent.parent.name: read_config(run.parent) for run in tmp_path.glob("runs/both/*/*/config.yaml")}
    assert set(runs) == {"append_gaussian", *(f"consistency_gaussian,augmentation.weight={w}" for w in (1, 2))}
    assert "weight" not in runs["append_gaussian"]["augmentation"]
    assert "augmentation.weight" not in read_shared(tmp_path / "runs" / "both").constants
    assert "3 of 3 runs" in ended.said or "done" in ended.printed
