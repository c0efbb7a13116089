"""What is kept comes back as it was, and is never taken for what it is not."""

import json
import shutil

import pytest
import torch

from aeaug.artifacts import ArtifactStore, file_sha256, recipe_version
from aeaug.data import to_float
from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import extract, kept, load_feature_net
from aeaug.evaluation.kept import DEFINING, PACKAGE, Kept
from aeaug.faults import Fault
from tests.conftest import imported_sources


@pytest.fixture
def store(tmp_path):
    return Kept(ArtifactStore(tmp_path))


def never():
    pytest.fail("computed again")


def test_features_are_those_of_the_net_whichever_form_the_images_have(store, embedded):
    net, sha256 = load_feature_net(MNIST)
    images = embedded.splits.val_images[:7]
    direct = extract(to_float(images), net)
    for given in (images, to_float(images)):
        for _ in range(2):
            found = store.features(given, net, sha256)
            assert found.features.equal(direct.features)
            assert found.logits.equal(direct.logits)


def test_features_of_other_images_or_another_net_are_others(store, embedded):
    net, sha256 = load_feature_net(MNIST)
    other, other_sha256 = load_feature_net(MNIST, space="self_supervised")
    images = embedded.splits.val_images[:4]
    first = store.features(images, net, sha256).features
    assert not store.features(images.flip(0), net, sha256).features.equal(first)
    assert not store.features(images, other, other_sha256).features.equal(first)
    assert store.features(images, other, sha256).features.equal(first)  # the key is the weights' hash


def test_numbers_come_back_to_the_last_bit_and_are_computed_once(store):
    numbers = {
        "fd": 0.1 + 0.2,
        "tiny": 5e-324,
        "histogram": [1 / 3, 2 / 3],
        "none": None,
        "count": 3,
        "by": {"a": 1e300},
    }
    assert store.numbers("floor", {"set": "copy"}, lambda: numbers) == numbers
    assert store.numbers("floor", {"set": "copy"}, never) == numbers
    assert store.numbers("floor", {"set": "pixels"}, lambda: {"fd": 1.0}) == {"fd": 1.0}
    assert store.numbers("other", {"set": "copy"}, lambda: {"fd": 2.0}) == {"fd": 2.0}


def test_tensors_come_back_as_they_were(store):
    tensors = {"radii": torch.rand(3, 2, dtype=torch.float64), "indices": torch.arange(3)}
    store.tensors("leak", {"seed": 1}, lambda: tensors)
    found = store.tensors("leak", {"seed": 1}, never)
    assert all(found[name].equal(tensor) and found[name].dtype == tensor.dtype for name, tensor in tensors.items())


def test_what_is_computed_of_a_tensor_is_kept_by_its_content_and_name(store):
    x = torch.rand(4)
    assert store.tensor("double", lambda of: 2 * of, x).equal(2 * x)
    assert store.tensor("double", lambda _: never(), x.clone()).equal(2 * x)
    assert store.tensor("triple", lambda of: 3 * of, x).equal(3 * x)
    assert store.tensor("double", lambda of: 2 * of, x + 1).equal(2 * x + 2)


def test_without_a_store_everything_is_computed():
    counted = iter(range(9))
    direct = Kept()
    assert [direct.numbers("floor", {}, lambda: {"n": next(counted)})["n"] for _ in range(2)] == [0, 1]
    assert [int(direct.tensors("leak", {}, lambda: {"n": torch.tensor(next(counted))})["n"]) for _ in range(2)] == [
        2,
        3,
    ]


def test_other_code_or_libraries_keep_apart(store, monkeypatch):
    store.numbers("floor", {}, lambda: {"fd": 1.0})
    monkeypatch.setattr(kept, "_OF_NUMBERS", kept._OF_NUMBERS | {"code": "0" * 16})
    assert store.numbers("floor", {}, lambda: {"fd": 2.0}) == {"fd": 2.0}
    monkeypatch.setattr(kept, "_OF_NUMBERS", kept._OF_NUMBERS | {"scipy": "0.1"})
    assert store.numbers("floor", {}, lambda: {"fd": 3.0}) == {"fd": 3.0}


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff"])
def test_damage_is_one_line(tmp_path, content):
    store = Kept(ArtifactStore(tmp_path))
    store.numbers("floor", {}, lambda: {"fd": 1.0})
    (file,) = tmp_path.rglob("numbers.json")
    file.write_bytes(content)
    with pytest.raises(Fault, match=r"is damaged \(checksum of numbers\.json\): delete the folder to rebuild it"):
        store.numbers("floor", {}, never)
    manifest = json.loads(file.with_name("manifest.json").read_text())
    manifest["sha256"]["numbers.json"] = file_sha256(file)
    file.with_name("manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        Fault, match=r"numbers\.json is not readable .*delete the folder .*it is computed anew"
    ) as caught:
        store.numbers("floor", {}, never)
    assert "\n" not in str(caught.value)


# --- versions

# What measuring imports and kept numbers do not depend on: data, options and images are in the keys themselves.
INDIFFERENT = {
    "artifacts.py",
    "augmentation/append.py",
    "augmentation/append_consistency.py",
    "augmentation/augmentation.py",
    "augmentation/consistency.py",
    "augmentation/none.py",
    "augmentation/replace.py",
    "augmentation/replace_consistency.py",
    "augmentation/schedules/constant.py",
    "augmentation/transform.py",
    "augmentation/two_sided.py",
    "augmentation/two_sided_consistency.py",
    "data/datamodule.py",
    "data/loader.py",
    "data/mixture.py",
    "data/description.py",
    "data/idx.py",
    *(f"data/sets/{name}.py" for name in DATA_SETS),
    "data/splits.py",
    "evaluation/assess.py",
    "evaluation/kept.py",
    "evaluation/metric.py",
    "evaluation/modes.py",
    "evaluation/spread.py",
    "faults.py",
    "options.py",
    "schedules/cosine.py",
    "schedules/linear.py",
    "schedules/schedule.py",
    "schedules/step.py",
    "training/checkpoint.py",
    "training/devices.py",
    "training/divergence.py",
    "training/hooks.py",
    "training/progress.py",
    "writing.py",
}


def test_every_source_that_measuring_imports_is_in_the_version_or_known_to_be_indifferent():
    # Metrics, perturbations, sources and filters are found by their folders.
    folders = ("metrics/", "perturbation/", "sources/", "filters/")
    found = {name for name in DEFINING if any(folder in name for folder in folders)}
    seen = imported_sources("evaluation/assess.py") | {name for name in found if not name.endswith("__init__.py")}
    # Nothing that is kept is a GAN's, but its discriminator may be asked which images are shown.
    asked = {name for name in seen if name.startswith("gan/networks/")} | {"gan/regularised.py", "gan/snapshot.py"}
    assert asked <= seen
    assert len(asked) > 5
    seen = {name for name in seen if not name.startswith("gan/")} | asked
    assert seen == {name for name in set(DEFINING) | INDIFFERENT if not name.endswith("__init__.py")}


def test_every_metric_is_in_the_version():
    files = {f"evaluation/metrics/{path.name}" for path in (PACKAGE / "evaluation" / "metrics").glob("*.py")}
    assert len(files) > 10
    assert files <= set(DEFINING)


def test_a_changed_metric_is_another_version_and_a_comment_is_none(tmp_path):
    for name in DEFINING:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / name, tmp_path / name)
    sources, metric = [tmp_path / name for name in DEFINING], tmp_path / "evaluation" / "metrics" / "prdc.py"
    version = recipe_version(*sources)
    assert version.items() <= kept._OF_NUMBERS.items()
    text = metric.read_text()
    metric.write_text(text.replace("The four numbers", "Four numbers") + "\n# The end.\n")
    assert recipe_version(*sources) == version
    metric.write_text(text.replace("K_PRECISION, K_DENSITY = 3, 5", "K_PRECISION, K_DENSITY = 3, 4"))
    assert recipe_version(*sources) != version
