"""What an experiment's file announces, and the commands that repeat its claims."""

import pytest

from aeaug.published.commands import sweeps_of
from aeaug.published.recipe import recipe_of, recipes
from aeaug.run.claims import Claim
from aeaug.sweep.announced import announced
from tests.conftest import REPOSITORY
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
    for file in EXPERIMENTS.glob("*.yaml"):
        kept_for_tuning = any(9_000 <= one.seed < 10_000 for one in announced([(f"experiment={file.stem}",)]))
        assert (file.stem in PUBLISHED) == (not kept_for_tuning), file.stem


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_command_of_a_published_experiment_is_valid(name):
    recipe = PUBLISHED[name]
    runs = announced(recipe.sweeps)
    assert {one.data.n_train for one in runs} == set(recipe.sizes)
    assert len({(one.variant, one.data.n_train, one.seed) for one in runs}) == len(runs)
    assert all(one.name == name for one in runs)


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
    assert sweeps_of(recipe, claimed("append_gaussian,gan.beta1=0", "append_gaussian,gan.beta1=1", [500])) == (
        (base, "arm=append_gaussian", "gan.beta1=1,0", "data.n_train=500"),
    )


def test_a_file_without_a_command_is_named(tmp_path):
    (tmp_path / "mine.yaml").write_text("# @package _global_\n# Time: none\nname: mine\n")
    with pytest.raises(ValueError, match=r"mine\.yaml: its head has no line"):
        recipe_of(tmp_path / "mine.yaml")
