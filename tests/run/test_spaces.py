"""A run in other feature spaces than those of the package, from its options to its rows, and measured again."""

import json

import numpy as np
import pytest

from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.evaluation import SPACES
from aeaug.evaluation.leading_metric import leading_metric
from aeaug.evaluation.spaces import trained
from aeaug.run.again.evaluation import Evaluation
from aeaug.run.again.finished_run import FinishedRun
from aeaug.run.again.image_set import FEWEST, ImageSet
from aeaug.run.identity.identity import differences, identity, lacking, science
from aeaug.run.metrics import METRICS, OF_CLASSES
from aeaug.run.options import parse_options
from aeaug.run.pipeline import Run
from aeaug.run.records import records
from aeaug.run.table.rows import rows
from tests.conftest import CLAIM, options
from tests.run.test_again import asked

FD, RECALL, CLASS_KL = (METRICS[key] for key in ("frechet_distance", "recall", "class_kl"))
ASKED = ("random", "label_free", "classifier")
TYPED = f"evaluation.spaces=[{','.join(ASKED)}]"


@pytest.fixture(scope="module")
def experiment(user_set, tmp_path_factory):
    """A finished run of a user's images, of which 500 are kept for nets; its net without labels is hardly trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATA_SETS, "mnist_5k", user_set)
        patch.setitem(trained.STEPS, "label_free", 4)
        run = Run(options(tmp_path_factory.mktemp("outputs"), "arm=append_gaussian", TYPED))
        run.run()
        yield run


@pytest.fixture(scope="module")
def metrics(experiment):
    return json.loads(experiment.folder.metrics.read_text())


def test_numbers_stand_beside_the_names_and_hashes_of_their_spaces(experiment, metrics):
    assert tuple(metrics["feature_nets"]) == tuple(metrics["num_features"]) == ASKED
    assert metrics["feature_nets"] == {space: sha256 for space, (_, sha256) in experiment.nets.items()}
    assert metrics["num_features"] == dict.fromkeys(ASKED, 96)
    for measured in (metrics["readings"]["end"], metrics["floors"]["real"], metrics["floors"]["decoded"]):
        of = measured["spaces"]
        assert tuple(of) == ASKED
        assert set(of["label_free"]) == {"frechet_distance", "kernel_distance"}
        assert set(of["classifier"]) - set(of["label_free"]) == {*OF_CLASSES, "class_histogram"}
        assert {"recall", "vendi_score", "authenticity", "frechet_distance_infinity"} <= set(of["random"])
        assert not set(OF_CLASSES) & set(of["random"])
        assert len({of[space]["frechet_distance"] for space in ASKED}) == 3
    assert list(metrics["validation_floor"]["spaces"]) == ["random"]
    assert metrics["autoencoder"]["quality"]["labels_kept"] is None  # the leading net tells no classes
    assert (
        experiment.folder.read_history()[-1]["frechet_distance"]
        > metrics["validation_floor"]["spaces"]["random"]["frechet_distance"]
    )


def test_rows_and_records_know_which_space_leads(experiment, metrics):
    (run,) = records(rows(experiment.folder.path))
    end = metrics["readings"]["end"]["spaces"]
    assert (run.spaces, run.lead) == (ASKED, "random")
    assert run.of(FD) == end["random"]["frechet_distance"] == run.of(FD, space="random")
    assert run.of(FD, space="label_free") == end["label_free"]["frechet_distance"]
    assert run.of(RECALL) == end["random"]["recall"]
    assert run.of(CLASS_KL) == end["classifier"]["class_kl"]  # where there are classes
    assert run.of(FD, "real") == metrics["floors"]["real"]["spaces"]["random"]["frechet_distance"]
    assert run.of(METRICS["leak_share"]) == metrics["leak"]["share_generated"]
    assert [value for _, value in run.curve] == [one["frechet_distance"] for one in experiment.folder.read_history()]
    for space in ASKED:
        assert run.words[f"feature_net.{space}"] == metrics["feature_nets"][space]
        assert run.counts[f"num_features.{space}"] == 96
    assert f"FD {end['random']['frechet_distance']:,.1f} (" in experiment.summary()


@pytest.mark.long
def test_the_run_measured_again_has_the_same_bits(experiment, metrics, monkeypatch):
    monkeypatch.setattr(trained.label_free, "train", None)  # its net is in the store
    again = FinishedRun(asked(f"run={experiment.folder.path}")).measure()
    assert again.record["agreement"]["different"] == {}
    assert again.record["readings"]["end"]["spaces"] == metrics["readings"]["end"]["spaces"]
    table = again.table()
    assert (
        f"feature spaces, the leading one first: random {metrics['feature_nets']['random'][:12]}…, label_free " in table
    )
    assert "FD, label-free" in table
    assert "class KL, classifier" in table


def test_images_are_measured_in_any_space_too(experiment, metrics, tmp_path):
    np.save(tmp_path / "images.npy", experiment.module.sample(FEWEST, 0, "latents").numpy())
    given = [f"images={tmp_path / 'images.npy'}", "data=mnist_5k", "data.n_train=100", "range=signed"]
    given.append(f"outputs={experiment.options.outputs}")
    found = ImageSet(asked(*given, "spaces=[random,label_free]")).spaces.nets
    assert {space: sha256 for space, (_, sha256) in found.items()} == {
        space: metrics["feature_nets"][space] for space in ("random", "label_free")
    }
    assert tuple(ImageSet(asked(*given)).spaces.nets) == SPACES
    with pytest.raises(ValueError, match=r"spaces=.*random is there twice"):
        asked(*given, "spaces=[random,random]")


def test_the_table_has_the_distance_that_leads_first_and_the_hashes():
    number = {"frechet_distance": 7.0, "kernel_distance": 0.5}
    columns = {"images": {"random": number | {"recall": 0.25}, "torch_fidelity:vgg16": number}}
    record = {"floors": {}, "feature_nets": {"random": "ab" * 32, "torch_fidelity:vgg16": "cd" * 32}}
    first = {"random": leading_metric(194, 96), "torch_fidelity:vgg16": leading_metric(2_000, 512)}
    lines = Evaluation("set", "Title", columns, record, first=first).table().splitlines()
    distances = [line.split("  ")[0].strip("↓ ") for line in lines if "  7.00" in line or "  0.5000" in line]
    assert distances == ["KID", "FD", "FD, vgg16", "KID, vgg16"]
    assert "KID leads in random: too few images for FD, which fits a Gaussian to its features" in lines
    assert not [line for line in lines if "leads in torch_fidelity" in line]
    behind = "random abababababab…, torch_fidelity:vgg16 cdcdcdcdcdcd…"
    assert f"feature spaces, the leading one first: {behind}" in lines
    assert [line for line in lines if line.startswith("↑ recall  ")]


def test_without_a_word_configs_and_runs_are_what_they_were(tmp_path):
    """A run from before there was a choice is the same run."""
    run = options(tmp_path, "arm=append_gaussian", "variant=x")
    config = run.model_dump()
    assert "spaces" not in config["evaluation"]
    assert not [key for key in science(run) if "spaces" in key]
    assert run.spaces == SPACES
    named = options(tmp_path, "arm=append_gaussian", "variant=x", "evaluation.spaces=null")
    assert identity(named) == identity(run)
    assert lacking(config, run.model_dump()) == []
    other = options(tmp_path, "arm=append_gaussian", "variant=x", "evaluation.spaces=[random]")
    assert identity(other) != identity(run)
    assert any("evaluation.spaces" in one for one in differences(config, other, ()))
    swapped = options(tmp_path, "arm=append_gaussian", "variant=x", "evaluation.spaces=[self_supervised,classifier]")
    assert identity(swapped) != identity(run)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (
            "evaluation.spaces=[inception]",
            r"evaluation\.spaces=\['inception'\]: no feature space 'inception'; there are",
        ),
        ("evaluation.spaces=[random,random]", r"evaluation\.spaces=.*: random is there twice"),
        ("evaluation.spaces=[]", r"evaluation\.spaces=\[\]: 1 to 8 of them"),
        ("evaluation.spaces=7", r"evaluation\.spaces=7: "),
        ("evaluation.spaces={random: 1}", r"evaluation\.spaces="),
        ("evaluation.space=random", "space"),
    ],
)
def test_what_is_no_space_is_refused_in_one_line(typed, line, tmp_path):
    with pytest.raises(Exception, match=line) as caught:
        options(tmp_path, typed)
    assert len(str(caught.value).splitlines()) == 1 or typed.startswith("evaluation.space=")


@pytest.mark.parametrize(
    ("spaces", "changes", "line"),
    [
        ("[random]", {}, "claims.0.space=classifier: evaluation.spaces has random"),
        ("[random,classifier]", {"metric": "recall"}, "claims.0.space=classifier: there are frechet_distance and"),
        ("null", {"space": "self_supervised", "metric": "recall"}, "claims.0.space=self_supervised: there are frechet"),
        (
            "null",
            {"space": "self_supervised", "reading": "equal_seconds"},
            "claims.reading=equal_seconds: frechet_distance in label-free features has no curve over training, only ",
        ),
        ("[random]", {"space": "random", "metric": "class_kl"}, "class_kl is measured where a space has classes"),
        ("[random,classifier]", {"space": "random", "metric": "class_kl"}, "class_kl is measured in the classifier's"),
        ("[random,classifier]", {"space": "classifier", "metric": "class_kl"}, None),
        ("[random]", {"space": "random", "metric": "recall"}, None),
        ("[random,classifier]", {}, None),
        ("[random]", {"metric": "seconds_gan"}, None),
    ],
)
def test_a_claim_is_of_a_space_that_is_measured(spaces, changes, line, tmp_path):
    config = options(tmp_path, f"evaluation.spaces={spaces}", "exploratory=true").model_dump()
    values = {**config, "claims": [CLAIM | changes]}
    if line is None:
        parse_options(values)
        return
    with pytest.raises(ValueError, match=line.replace("claims.0.", r"claims\.(0\.)?")) as caught:
        parse_options(values)
    assert "\n" not in str(caught.value)


def test_too_few_images_are_said_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(DATA_SETS, "mnist_5k", MNIST_5K)  # without images that are kept for nets
    line = r"^evaluation\.spaces: labels is trained on images that no subset has, at least 500; .* leaves 0 of"
    with pytest.raises(ValueError, match=line) as caught:
        Run(options(tmp_path, "evaluation.spaces=[random,labels]"))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "runs").exists()
