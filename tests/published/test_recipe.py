"""What an experiment's file announces, and the commands that repeat its claims."""

import re
from dataclasses import replace

import pytest
from hydra import compose

from aeaug.published.commands import sweeps_of
from aeaug.published.recipe import recipe_of, recipes
from aeaug.run.claims import Claim
from aeaug.run.variant import arm_name
from aeaug.sweep.composition.composing import composed, hydra
from aeaug.sweep.composition.overrides import word
from aeaug.sweep.plan.announced import announced
from tests.conftest import REPOSITORY
from tests.published.conftest import HEAD
from tests.report.conftest import claim

EXPERIMENTS = REPOSITORY / "conf" / "experiment"
PUBLISHED = {one.name: one for one in recipes()}


def claimed(treatment, control="none", sizes=(100, 500)):
    return Claim.model_validate(claim(treatment, control=control, sizes=list(sizes)))


def test_lines_below_the_command_are_more_sweeps(recipe):
    assert recipe.sweeps == (
        ("experiment=mine",),
        ("experiment=mine", "data.n_train=500", "arm=append_fresh,append_noise"),
        ("experiment=mine", "data.n_train=500", "arm=append_gaussian", "autoencoder=pca"),
    )
    assert recipe.sizes == (100, 500)
    assert recipe.question == "Does it help?"


def test_what_was_looked_at_on_seeds_for_tuning_is_not_published():
    with hydra():
        for file in EXPERIMENTS.glob("*.yaml"):
            config = compose("train", [f"experiment={file.stem}"], return_hydra_config=True)
            seeds = str((config.hydra.sweeper.get("params") or {}).get("seed", ""))
            assert (file.stem in PUBLISHED) == (not re.search(r"\b9\d\d\d\b", seeds)), file.stem


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_command_of_a_published_experiment_is_valid(name):
    recipe = PUBLISHED[name]
    runs = announced(recipe.sweeps)
    assert {one.data.n_train for one in runs} == set(recipe.sizes)
    assert len({(one.variant, one.data.n_train, one.seed) for one in runs}) == len(runs)
    assert all(one.name == name for one in runs)


@pytest.mark.cases(3)
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_command_of_every_claim_makes_both_of_its_arms_at_all_of_its_sizes(name):
    """Composed as it is typed, where there are no runs yet, and with what is asked of claims."""
    recipe = PUBLISHED[name]
    claims = composed([f"experiment={name}", f"data.n_train={word(recipe.sizes[0])}", "seed=0"]).claims
    for sweeps, stated in {sweeps_of(recipe, stated): stated for stated in claims}.items():
        runs = announced(sweeps, sound=True)
        places = {(arm_name(run.variant), run.data.n_train) for run in runs}
        assert {size for _, size in places} == set(stated.sizes), stated.statement
        assert len(places) == 2 * len(stated.sizes), stated.statement
        assert len({run.seed for run in runs}) >= stated.seeds, stated.statement


def test_a_claim_is_repeated_by_its_two_arms_at_its_sizes(recipe):
    base = "experiment=mine"
    assert sweeps_of(recipe, claimed("append_gaussian")) == ((base, "arm=none,append_gaussian"),)
    assert sweeps_of(recipe, claimed("append_gaussian", sizes=[500])) == (
        (base, "arm=none,append_gaussian", "data.n_train=500"),
    )
    assert sweeps_of(recipe, claimed("append_gaussian,autoencoder=pca", "append_gaussian", [500])) == (
        (base, "arm=append_gaussian", "data.n_train=500"),
        (base, "arm=append_gaussian", "autoencoder=pca", "data.n_train=500"),
    )
    with_mlp = replace(recipe, chosen={"autoencoder": "mlp"})
    assert sweeps_of(with_mlp, claimed("append_gaussian,autoencoder=pca", "append_gaussian", [500])) == (
        (base, "arm=append_gaussian", "autoencoder=mlp,pca", "data.n_train=500"),
    )
    assert sweeps_of(with_mlp, claimed("append_gaussian,autoencoder.steps=75", "append_gaussian", [500])) == (
        (base, "arm=append_gaussian", "autoencoder.steps=auto,75", "data.n_train=500"),
    )
    assert sweeps_of(recipe, claimed("append_gaussian,gan.beta1=0", "append_gaussian,gan.beta1=1", [500])) == (
        (base, "arm=append_gaussian", "gan.beta1=1,0", "data.n_train=500"),
    )


def test_a_claim_one_of_whose_arms_has_an_option_of_its_own_is_repeated_by_one_command():
    weighted = "consistency_gaussian,augmentation.weight=1"
    assert sweeps_of(PUBLISHED["ledger"], claimed(weighted, "append_gaussian", [100, 500, 2_000])) == (
        ("experiment=ledger", "arm=append_gaussian,consistency_gaussian", "augmentation.weight=1"),
    )
    article = "autoencoder=article,gan.r1_gamma=0,gan=article"
    assert sweeps_of(
        PUBLISHED["networks"], claimed(f"append_reconstruct,{article}", "none,gan.r1_gamma=0,gan=article", [500])
    ) == (
        ("experiment=networks", "arm=none,append_reconstruct", "gan.r1_gamma=0", "gan=article", "autoencoder=article"),
    )


def test_a_file_without_a_command_is_named(tmp_path):
    (tmp_path / "mine.yaml").write_text("# @package _global_\n# Time: none\nname: mine\n")
    with pytest.raises(ValueError, match=r"mine\.yaml: its head has no line"):
        recipe_of(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mine.yaml is not readable (it holds no options): mend it"),
        ("question: What: is it?\n", "mine.yaml is not readable (mapping values are not allowed here"),
        (HEAD.replace("100,500", "[100, 500]"), "mine.yaml: data.n_train: [100, 500]: say sizes one by one"),
        (HEAD.replace("100,500", "range(100,500,100)"), "mine.yaml: data.n_train: range(100,500,100): say sizes one"),
    ],
)
def test_a_file_that_says_what_nobody_reads_is_named_in_one_line(text, says, tmp_path):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"mine\.yaml") as caught:
        recipe_of(tmp_path / "mine.yaml")
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{tmp_path}/{says}")
