"""What makes a run another run, and what does not."""

import pytest
import yaml

from aeaug.run.identity.identity import differences, identity, science
from tests.conftest import REPOSITORY, options

# Each with a run that it is the same as: where, how and by whom it is run, and what it has no use for.
SAME = [
    ([], ["trainer.threads=3", "trainer.progress=true"]),
    ([], ["trainer=auto", "trainer.threads=null"]),
    ([], ["resume=false", "stale=redo", "fail_fast=true", "question=why"]),
    (["arm=none"], ["arm=none", "perturbation.gamma=0.1"]),
    (["arm=none"], ["arm=none", "autoencoder=conv"]),
    (["arm=none"], ["arm=none", "schedule=linear"]),
    (["arm=append_duplicates"], ["arm=append_duplicates", "perturbation.gamma=3"]),
    (["gan.r1_gamma=0"], ["gan.r1_gamma=0", "gan.r1_every=4"]),
    (["evaluation.test=false"], ["evaluation.test=false", "evaluation.classifier_steps=7"]),
]
OTHER = [
    ([], ["seed=1"]),
    ([], ["data.subset_seed=1"]),
    ([], ["data.n_train=50"]),
    ([], ["budget.images=800"]),
    ([], ["arm=none"]),
    ([], ["arm=replace_gaussian"]),
    ([], ["perturbation.gamma=0.1"]),
    ([], ["autoencoder=pca"]),
    ([], ["trainer.precision=bf16-mixed"]),
    ([], ["evaluation.test=false"]),
    (["arm=none"], ["arm=none", "evaluation.autoencoder=true"]),
    (["arm=none", "evaluation.autoencoder=true"], ["arm=none", "evaluation.autoencoder=true", "autoencoder=conv"]),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_where_and_how_and_what_is_of_no_use_make_no_other_run(one, other, tmp_path):
    first, second = options(tmp_path, *one), options(tmp_path / "elsewhere", *other, "name=other", "variant=x")
    assert science(first) == science(second)
    assert identity(first) == identity(second)
    there = {**first.model_dump(), "variant": second.variant, "name": second.name}
    assert differences(there, second, ()) == []


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_all_else_does(one, other, tmp_path):
    first, second = options(tmp_path, *one, "variant=x"), options(tmp_path, *other, "variant=x")
    assert science(first) != science(second)
    assert identity(first) != identity(second)
    assert differences(first.model_dump(), second, ())
    assert differences(second.model_dump(), first, ())


ARMS = sorted(file.stem for file in (REPOSITORY / "conf" / "arm").glob("*.yaml"))
LONG = ["budget.images=1280000", "budget.images_per_epoch=51200"]  # enough for every controller
NEEDS = {"append_posterior": ["autoencoder=vae"], "replace_posterior": ["autoencoder=vae"]}


@pytest.mark.cases(6)
@pytest.mark.parametrize("chosen", [["evaluation.spaces=[random,label_free]"], *([f"arm={name}"] for name in ARMS)])
def test_a_run_is_known_again_by_the_config_that_it_wrote(chosen, tmp_path):
    """Whatever kinds of values it has: a list is one in a file, and in options a tuple."""
    arm = chosen[0].partition("=")[2]
    run = options(tmp_path, *chosen, *NEEDS.get(arm, ()), "autoencoder.steps=100", "data.n_train=100", *LONG)
    written = yaml.safe_load(yaml.safe_dump(run.model_dump(), sort_keys=False, allow_unicode=True))
    assert differences(written, run, ()) == []


def test_a_chain_is_known_again(tmp_path):
    run = options(tmp_path, "arm=append_chain", "data.n_train=100")
    written = yaml.safe_load(yaml.safe_dump(run.model_dump(), sort_keys=False, allow_unicode=True))
    assert isinstance(written["perturbation"]["links"], list)
    assert differences(written, run, ()) == []
    written["perturbation"]["links"][0]["gamma"] = 3.25
    assert [line.partition(":")[0] for line in differences(written, run, ())] == ["perturbation.links"]


def test_other_software_is_another_run(tmp_path, monkeypatch):
    run = options(tmp_path)
    before = identity(run)
    monkeypatch.setattr("aeaug.run.identity.identity.majors", lambda: {"aeaug": "0.1", "torch": "3"})
    assert identity(run) != before


def test_an_identity_is_sixteen_hexadecimal_digits_and_repeats(tmp_path):
    found = {identity(options(tmp_path)) for _ in range(3)}
    (one,) = found
    assert len(one) == 16
    int(one, 16)
