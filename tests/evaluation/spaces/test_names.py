"""What may be asked for by name, and what nets come of it."""

from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter, ValidationError

from aeaug.artifacts import ArtifactStore, artifact_key
from aeaug.data.images import to_float
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.evaluation import SPACES, load_feature_nets
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.kept import leading, telling_classes
from aeaug.evaluation.spaces import (
    NAMES,
    SpaceNames,
    fault_of_classes,
    fault_of_name,
    in_words,
    saw_training_images,
    spaces_of,
)
from aeaug.evaluation.spaces.nets import FeatureSpaces

NAMED = TypeAdapter(SpaceNames)


def test_without_a_word_the_spaces_are_the_packages(tmp_path, kept_for_nets):
    assert spaces_of(None, MNIST_5K) == SPACES
    found = FeatureSpaces(SPACES, MNIST_5K, kept_for_nets(0), ArtifactStore(tmp_path), "spaces").nets
    assert {space: sha256 for space, (_, sha256) in found.items()} == {
        space: sha256 for space, (_, sha256) in load_feature_nets(MNIST_5K).items()
    }
    assert tuple(found) == SPACES


def test_order_decides_which_leads_and_which_tells_classes(tmp_path, user_set):
    splits = user_set.load(None)
    asked = ("random", "label_free", "labels", "classifier")
    found = FeatureSpaces(asked, user_set, splits, ArtifactStore(tmp_path), "spaces", in_small=True).nets
    assert tuple(found) == asked
    assert (leading(found), telling_classes(found)) == ("random", "labels")
    assert len({sha256 for _, sha256 in found.values()}) == 4
    assert all(len(sha256) == 64 and int(sha256, 16) for _, sha256 in found.values())
    without = {space: found[space] for space in ("random", "label_free")}
    assert telling_classes(without) is None


def test_what_is_kept_of_one_order_is_not_taken_for_another(tmp_path):
    """Floors are found by the identity of what measures them, and the leading space has other metrics than the rest."""
    splits = MNIST_5K.load(None)
    test, labels = to_float(splits.test_images[::25]), splits.test_labels[::25]
    keys = set()
    for asked in (("random", "classifier"), ("classifier", "random")):
        nets = FeatureSpaces(asked, MNIST_5K, splits, ArtifactStore(tmp_path), "spaces").nets
        evaluator = FinalEvaluator(test, labels, test, nets)
        assert "prdc" not in evaluator.measures[asked[1]]
        assert "prdc" in evaluator.measures[asked[0]]
        assert "frechet_infinity" not in evaluator.measures[asked[0]]  # 40 images have no halves to fit Gaussians to
        keys.add(artifact_key(evaluator.identity))
    assert len(keys) == 2


def test_nothing_is_trained_before_it_is_asked_for_and_what_cannot_be_had_is_said_before(tmp_path, user_set):
    splits, store = user_set.load(None), ArtifactStore(tmp_path)
    FeatureSpaces(("random", "label_free"), user_set, splits, store, "spaces")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match=r"^spaces=torch_fidelity:nothing: torch-fidelity ") as caught:
        FeatureSpaces(("label_free", "torch_fidelity:nothing"), user_set, splits, store, "spaces")
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"^spaces: label_free is trained on .* leaves 0 of its pool of 3,500"):
        FeatureSpaces(("random", "label_free"), MNIST_5K, MNIST_5K.load(None), store, "spaces")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (
            ["inception"],
            "no feature space 'inception'; there are classifier, self_supervised, random, label_free, labels",
        ),
        (["random", "random"], "random is there twice"),
        (["torch_fidelity:"], "no feature space 'torch_fidelity:'"),
        (["torch_fidelity:a\nb"], "no feature space"),
        ([], "1 to 8 of them"),
        ([f"torch_fidelity:{n}" for n in range(9)], "1 to 8 of them"),
        ("x" * 1000, "no feature space 'xxx"),
        ([""], "no feature space ''"),
        ([3, 4], "a list of names"),
        ({"random": 1}, "tuple"),
    ],
)
def test_what_is_no_name_is_refused(asked, line):
    with pytest.raises(ValidationError, match=line) as caught:
        NAMED.validate_python(asked)
    message = caught.value.errors()[0]["msg"]
    assert "\n" not in message
    assert len(message) < 250


def test_a_single_name_need_be_no_list():
    assert NAMED.validate_python("random") == NAMED.validate_python(["random"]) == ("random",)
    assert NAMED.validate_python(["labels", "torch_fidelity:dinov2-vit-s-14"])[1].endswith("s-14")


def test_spaces_of_classes_are_of_images_that_have_some():
    unlabelled = SimpleNamespace(name="photographs", classes=0)
    for space in ("labels", "classifier"):
        assert (
            fault_of_classes(["random", space], unlabelled)
            == f"{space} needs classes, and data.name=photographs has none"
        )
    assert fault_of_classes(["random", "label_free", "torch_fidelity:vgg16"], unlabelled) is None
    assert fault_of_classes(NAMES, MNIST_5K) is None


def test_every_name_has_words_and_nets_say_whether_they_saw_training_images():
    assert len({in_words(space) for space in NAMES}) == len(NAMES)
    assert in_words("torch_fidelity:vgg16") == "vgg16's features"
    assert all(fault_of_name(space) is None for space in NAMES)
    assert {space: saw_training_images([space]) for space in (*NAMES, "torch_fidelity:vgg16")} == {
        **dict.fromkeys(NAMES, True),
        "random": False,
        "torch_fidelity:vgg16": False,
    }
