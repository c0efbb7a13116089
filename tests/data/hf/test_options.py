from hashlib import sha256

import datasets
import pytest
import yaml
from datasets import DatasetDict

from aeaug.data.by_content.shares import part_of
from aeaug.options import flat
from aeaug.run.identity.free import makes_no_other
from aeaug.run.identity.identity import differences, identity
from aeaug.run.options import parse_options
from aeaug.run.weight_of_r1 import weight_of_r1
from aeaug.sweep.composition.command_line import for_hydra
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.naming import variant_name
from aeaug.sweep.composition.used import require_used
from aeaug.sweep.status.staleness import changed_options
from tests.conftest import options
from tests.data.by_content.drawing import draw
from tests.data.hf.making import rows


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """Data sets without classes and with two, and a cache for both; read only. The first is called as one of the
    package's."""
    place = tmp_path_factory.mktemp("sets")
    whole = rows(draw(place / "images" / "flat", 240, side=32))
    DatasetDict(train=whole, test=whole.select(range(100))).save_to_disk(place / "mnist")
    rows(draw(place / "images" / "sorted", 240, side=32, classes=True)).save_to_disk(place / "sorted")
    return place


def of(roots, tmp_path, *overrides, name="mnist"):
    own = [f"data.name={roots / name}", f"data.cache={roots / 'cache'}"]
    return options(tmp_path, "data=hf", *own, *overrides)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mnist", {"channels": 3, "image": "picture", "label": "none", "balanced": False}),
        ("sorted", {"channels": 3, "image": "picture", "label": "kind", "balanced": True}),
    ],
)
def test_what_is_auto_is_found_and_kept(name, found, roots, tmp_path):
    data = of(roots, tmp_path, name=name).data
    assert {key: getattr(data, key) for key in found} == found
    assert len(data.content) == 16
    assert data.of.classes == (2 if name == "sorted" else 0)
    assert not [line for line in changed_options({"data": data.model_dump()}) if " data." in line]


def test_the_recorded_config_is_the_same_run(roots, tmp_path):
    asked = of(roots, tmp_path, "arm=append_gaussian")
    recorded = yaml.safe_load(yaml.safe_dump(asked.model_dump(mode="json")))
    again = parse_options(recorded)
    assert again == asked
    assert again.data.of == asked.data.of
    assert identity(again) == identity(asked)
    assert weight_of_r1(recorded).endswith("of which nothing was tuned here"), "whatever it is called"


def test_other_images_are_another_run(roots, tmp_path):
    asked = of(roots, tmp_path, "arm=append_gaussian")
    assert identity(of(roots, tmp_path, "arm=append_gaussian", f"data.content={asked.data.content}")) == identity(asked)
    part = of(roots, tmp_path, "arm=append_gaussian", "data.split='train[:220]'")
    assert identity(part) != identity(asked)
    told = differences(asked.model_dump(), part.model_copy(update={"variant": asked.variant}), [asked.budget.images])
    assert told == [
        f"data.content: {asked.data.content} there, {part.data.content} here",
        "data.split: train there, train[:220] here",
    ]


def test_a_data_set_of_the_package_is_another_one(roots, tmp_path):
    asked = of(roots, tmp_path, "arm=append_gaussian")
    own = options(tmp_path, "data=mnist_5k", "arm=append_gaussian")
    assert {"data.name", "data.content"} <= {
        line.partition(":")[0] for line in differences(own.model_dump(), asked, [asked.budget.images])
    }


def test_a_name_is_a_setting_and_the_machine_is_none(roots, tmp_path):
    asked = of(roots, tmp_path)
    assert {key for key in flat(asked.model_dump()) if key.startswith("data.") and makes_no_other(key)} == {
        "data.cache",
        "data.unusable",
    }
    assert variant_name(["data=hf", "data.name=a/b", "data.cache=x"]) == "data.name=a_b,data=hf"
    require_used([Job(asked, ["data=hf", f"data.name={roots / 'mnist'}"])])
    with pytest.raises(ValueError, match=r"data\.kind=hf: it is what the choice of data=… is called"):
        require_used([Job(asked, ["data.kind=hf"])])


def test_paths_and_parts_of_splits_are_typed_as_they_are():
    typed = ["data=hf", "data.name=my sets/a=b", "data.split=train[:50%]+test"]
    assert for_hydra(typed, "train", ["arm"]) == [
        "data=hf",
        "data.name='my sets/a=b'",
        "data.split='train[:50%]+test'",
    ]


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["data.balanced=true"], r"data\.balanced=true: the images in data\.name=.* have no classes"),
        (["arm=append_interpolate", "perturbation.within=class"], r"^perturbation\.within=class: the images of"),
        (["arm=append_gaussian", "filter=labels"], "^filter=labels: the images of data.name=.*mnist have no classes"),
        (
            ["gan.r1_gamma=auto"],
            "gan.r1_gamma=auto: tuned for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, not hf",
        ),
        (
            ["arm=append_gaussian", "gan.r1_gamma=own"],
            "gan.r1_gamma=own: tuned for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, not hf",
        ),
        (["arm=append_gaussian", "autoencoder.steps=auto"], "autoencoder.steps=auto: measured for .*, not hf"),
        (["augmentation=auto"], "augmentation=auto: measured for data=mnist and mnist_5k, not hf"),
        (["data.size=30"], r"^data\.size=30: input should be 28, 32 or 64"),
        (["data.channels=2"], r"^data\.channels=2: input should be 1 or 3"),
        (["data.label=picture"], r"^data\.label=picture: no column of labels"),
        (["data.split=nothing"], r"^data\.split=nothing: no such split; data\.name=.* has train, test"),
        (["data.split=test"], r"^data\.name=.*: 100 images are too few"),
        (["data.content=0123456789abcdef"], r"^data\.content=0123456789abcdef: the images in data\.name=.* are others"),
        (["data.content=short"], r"^data\.content=short: "),
        (["data.n_train=1000"], r"^data\.n_train=1000: must be between 10 \(a row of a picture\) and 1\d\d \(all\)"),
        (["data.name=null"], r"^data\.name=null: say which data set"),
        (["data.name=./nowhere"], r"^data\.name=\./nowhere: no such file or folder"),
        (["data.kind=folder"], r"^data\.kind=folder: input should be 'hf'"),
    ],
)
def test_what_it_cannot_have_is_refused_in_one_line(overrides, line, roots, tmp_path):
    with pytest.raises(ValueError, match=line) as caught:
        of(roots, tmp_path, *overrides)
    assert "\n" not in str(caught.value)


def test_classes_without_training_images_are_refused_in_one_line(roots, tmp_path):
    found = datasets.load_from_disk(str(roots / "sorted"))
    images = found.cast_column("picture", datasets.Image(decode=False))["picture"]
    parts = [part_of(sha256(one["bytes"]).hexdigest()) for one in images]
    labels = ["rare" if row == parts.index("test") else "many" for row in range(len(parts))]
    found.add_column("word", labels).save_to_disk(tmp_path / "there")
    with pytest.raises(ValueError, match=r"^data\.label=word: of the 1 images in rare none is") as caught:
        of(tmp_path, tmp_path, "data.label=word", name="there")
    assert str(caught.value).endswith("or data.label=none")
