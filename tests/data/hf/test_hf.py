import os
import subprocess
import sys

import datasets
import numpy as np
import pytest
from datasets import ClassLabel, DatasetDict, Image, Value

from aeaug.data.by_content import building, stored
from aeaug.data.by_content.describing import describe
from aeaug.data.by_content.stored import store_images
from aeaug.data.folder.folder import Folder
from aeaug.data.hf import hf, opening
from aeaug.data.hf.hf import NONE, HFRows
from aeaug.faults import Fault
from tests.conftest import REPOSITORY
from tests.data.by_content.drawing import draw
from tests.data.hf.making import rows


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Folders of images without classes and with two, the latter in a Parquet file too; read only."""
    root = tmp_path_factory.mktemp("images")
    draw(root / "flat", 200, side=36)
    draw(root / "sorted", 200, side=36, classes=True)
    rows(root / "sorted").to_parquet(root / "parquet" / "train.parquet")
    return root


@pytest.fixture(autouse=True)
def another_process(monkeypatch, tmp_path):
    """Which has seen nothing yet, and keeps what it loads by itself."""
    monkeypatch.setattr(stored, "_seen", {})
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "loaded")
    opening._from_hub.cache_clear()


def of(name, config=None, split="train", image=None, label=None, revision=None):
    return HFRows(str(name), config, split, image, label, revision)


def described(source, cache, size=32, channels=None, skip=False):
    return describe(source, size, channels, cache, skip=skip)[0]


def fault(source):
    """Why nothing can be listed, in a line."""
    with pytest.raises(Fault) as caught:
        source.listing()
    line = str(caught.value)
    assert "\n" not in line
    return line


def on_disk(found, path):
    found.save_to_disk(path)
    return path


FORMS = {
    "one split on disk": lambda root, path: on_disk(rows(root), path),
    "splits on disk": lambda root, path: on_disk(DatasetDict(train=rows(root), test=rows(root)), path),
    "Parquet file": lambda root, path: (rows(root).to_parquet(path / "x.parquet"), path / "x.parquet")[1],
    "folder of Parquet files": lambda root, path: (rows(root).to_parquet(path / "train.parquet"), path)[1],
    "folder of images": lambda root, path: root,
}


@pytest.mark.parametrize("kind", ["flat", "sorted"])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_files_are_the_same_data_set_as_in_a_folder_to_the_bit(form, kind, place, tmp_path):
    (tmp_path / "there").mkdir()
    source = of(FORMS[form](place / kind, tmp_path / "there"))
    folder = Folder(place / kind, None)
    here, there = (store_images(one, 32, None, tmp_path / "cache") for one in (source, folder))
    assert (here.content, here.path) == (there.content, there.path)
    assert (here.class_names, here.labels, here.parts) == (there.class_names, there.labels, there.parts)
    one, other = (described(one, tmp_path / "cache") for one in (source, folder))
    assert one.load(place).sha256 == other.load(place).sha256
    assert (one.shape, one.class_names, one.pool, one.mean_intensity) == (
        other.shape,
        other.class_names,
        other.pool,
        other.mean_intensity,
    )


@pytest.mark.parametrize("kind", ["labels", "words", "numbers"])
def test_labels_are_classes_and_none_does_without(kind, place, tmp_path):
    path = on_disk(rows(place / "sorted", kind), tmp_path / "there")
    names = {"numbers": ("0", "1")}.get(kind, ("bars", "discs"))
    listing = of(path, label="kind").listing()
    assert listing.class_names == names
    numbers = rows(place / "sorted", "numbers")["kind"]
    assert [image.label for image in listing.images] == [names[one] for one in numbers]
    assert listing.found == {"image": "picture", "label": "kind"}
    without = of(path, label=NONE).listing()
    assert (without.class_names, without.found["label"]) == ((), NONE)
    left = of(path).listing()  # a column that says that it has classes is taken for one
    assert left.found["label"] == ("kind" if kind == "labels" else NONE)


def test_classes_are_in_the_order_of_their_column_and_have_images(place, tmp_path):
    found = rows(place / "sorted").cast_column("kind", ClassLabel(names=["discs", "bars", "none of these"]))
    assert of(on_disk(found, tmp_path / "there")).listing().class_names == ("discs", "bars")


def test_splits_are_named_as_the_package_names_them(place, tmp_path):
    whole = rows(place / "flat")
    splits = DatasetDict(train=whole.select(range(120)), test=whole.select(range(120, 200)))
    splits.save_to_disk(tmp_path / "there")
    counts = {"train": 120, "test": 80, "train+test": 200, "train[:50%]": 60, "train[-10:]+test[:5]": 15}
    for split, count in counts.items():
        assert len(of(tmp_path / "there", split=split).listing().images) == count
    both, all_ = (
        store_images(one, 32, None, tmp_path / "cache").content
        for one in (of(tmp_path / "there", split="train+test"), Folder(place / "flat", None))
    )
    assert both == all_
    for split, why in (("nothing", "no such split"), ("train+nothing", "no such split"), ("a b", "Unrecognized")):
        line = fault(of(tmp_path / "there", split=split))
        assert line.startswith(f"data.split={split}: {why}")
        assert line.endswith(f"data.name={tmp_path / 'there'} has train, test")
    assert fault(of(on_disk(DatasetDict(test=whole), tmp_path / "test"))).startswith("data.split=train: no such split")


def test_the_second_time_no_image_is_read_or_decoded(place, tmp_path, monkeypatch):
    before = store_images(of(place / "parquet"), 32, None, tmp_path)

    def fail(*args):
        raise AssertionError("read again")

    monkeypatch.setattr(building, "decoded", fail)
    monkeypatch.setattr(datasets.Dataset, "__getitem__", whole_columns_alone(datasets.Dataset.__getitem__))
    monkeypatch.setattr(stored, "_seen", {})
    after = store_images(of(place / "parquet"), 32, None, tmp_path)
    assert after == before
    assert after.images().equal(before.images())
    with pytest.raises(AssertionError, match="read again"):
        store_images(of(place / "parquet"), 32, None, tmp_path / "elsewhere")


def whole_columns_alone(reading):
    def read(self, key):
        assert isinstance(key, slice), "read again"
        return reading(self, key)

    return read


@pytest.mark.parametrize("form", ["one split on disk", "Parquet file", "folder of images"])
def test_what_changed_is_another_data_set(form, place, tmp_path):
    (tmp_path / "there").mkdir()
    root = draw(tmp_path / "root", 200, side=36)
    source = of(FORMS[form](root, tmp_path / "there"))
    data, before = describe(source, 32, None, tmp_path / "cache", skip=False)
    assert store_images(source, 32, None, tmp_path / "cache").content == before.content
    changed = sorted(root.iterdir())[3]
    draw(tmp_path / "other", 1, side=36, seed=1)
    changed.write_bytes(next((tmp_path / "other").iterdir()).read_bytes())
    if form == "one split on disk":
        rows(root).save_to_disk(tmp_path / "elsewhere")
        for file in (tmp_path / "elsewhere").iterdir():
            file.replace(tmp_path / "there" / file.name)
    else:
        FORMS[form](root, tmp_path / "there")
    after = store_images(source, 32, None, tmp_path / "cache")
    assert after.content == store_images(Folder(root, None), 32, None, tmp_path / "cache").content != before.content
    with pytest.raises(Fault, match="its images changed since the command began"):
        data.load(root)


def test_columns_that_are_not_there_are_said_with_those_that_are(place, tmp_path):
    found = rows(
        place / "sorted",
        second=(ClassLabel(names=["a", "b"]), [0] * 200),
        copy=(Image(), rows(place / "sorted")["picture"]),
        weight=(Value("float32"), [0.0] * 200),
    )
    path = on_disk(found, tmp_path / "there")
    there = "has picture (Image), kind (ClassLabel), second (ClassLabel), copy (Image), weight (float32)"
    for asked, start in (
        ({}, "data.image=auto: which column of images?"),
        ({"image": "kind"}, "data.image=kind: no column of images"),
        ({"image": "nothing"}, "data.image=nothing: no such column"),
        ({"image": "picture"}, "data.label=auto: which column of labels, or none?"),
        ({"image": "picture", "label": "copy"}, "data.label=copy: no column of labels"),
        ({"image": "picture", "label": "weight"}, "data.label=weight: no column of labels"),
        ({"image": "picture", "label": "nothing"}, "data.label=nothing: no such column"),
    ):
        line = fault(of(path, **asked))
        assert line.startswith(start)
        assert line.endswith(there)
    assert len(of(path, image="copy", label="kind").listing().images) == 200
    words = found.select_columns(["kind", "weight"])
    line = fault(of(on_disk(words, tmp_path / "words")))
    assert line == f"data.name={tmp_path / 'words'}: no column of images; it has kind (ClassLabel), weight (float32)"


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ([0] * 200, "the rows of .* are all of one class; data.label=none takes them as they are"),
        ([0, -1] * 100, "100 of the 200 rows of .* have no label; data.label=none does without"),
        ([0, 1, None, 1] * 50, "50 of the 200 rows of .* have no label; data.label=none does without"),
    ],
)
def test_labels_that_tell_no_classes_are_refused_in_one_line(labels, why, place, tmp_path):
    found = rows(place / "flat", kind=(ClassLabel(names=["a", "b"]), labels))
    with pytest.raises(Fault, match=f"^data.label=kind: {why}$"):
        of(on_disk(found, tmp_path / "there")).listing()


def test_a_column_that_tells_images_apart_is_no_column_of_labels(place, tmp_path):
    found = rows(place / "flat", number=(Value("int64"), list(range(200))))
    with pytest.raises(Fault) as caught:
        described(of(on_disk(found, tmp_path / "there"), label="number"), tmp_path / "cache")
    assert str(caught.value).startswith("data.label=number: 200 classes of 200 images in data.name=")
    assert str(caught.value).endswith("fewer than 3 a class; data.label=none takes them without")


def test_what_cannot_be_used_is_told_by_its_row_and_can_be_skipped(place, tmp_path, caplog):
    found = rows(place / "flat")
    whole = found.cast_column("picture", Image(decode=False))["picture"]
    broken = [whole[0] | {"bytes": whole[0]["bytes"][: len(whole[0]["bytes"]) // 2]}, None, *whole[2:]]
    path = on_disk(datasets.Dataset.from_dict({"picture": broken}, features=found.features), tmp_path / "there")
    with pytest.raises(Fault) as caught:
        described(of(path), tmp_path / "cache")
    head, *lines = str(caught.value).splitlines()
    assert head.startswith(f"data.name={path}: 2 of 200 images cannot be used; mend or remove them, or data.unusable=")
    assert sorted(line.partition(":")[0] for line in lines) == ["row 0", "row 1"]
    data = described(of(path), tmp_path / "cache", skip=True)
    assert "row 1: broken" in caplog.text
    splits = data.load(path)
    assert sum(len(one) for one in (*splits[:6:2], splits.for_nets[0])) == 198


def test_images_that_lie_elsewhere_are_not_fetched(monkeypatch):
    found = datasets.Dataset.from_dict(
        {"picture": [{"bytes": None, "path": "https://example.org/1.png"}] * 2},
        features=datasets.Features({"picture": Image()}),
    )
    monkeypatch.setattr(hf, "opened", lambda *asked: DatasetDict(train=found))
    line = fault(of("a/b"))
    assert line.endswith("row 0: its image is elsewhere, at https://example.org/1.png, and none is fetched")


def test_pixels_that_others_put_in_are_those_that_come_out(tmp_path):
    """Whoever makes a data set of arrays has them stored as PNG files by the package."""
    pixels = np.random.default_rng(0).integers(0, 256, (200, 28, 28), np.uint8)
    features = datasets.Features({"image": Image()})
    datasets.Dataset.from_dict({"image": list(pixels)}, features=features).save_to_disk(tmp_path / "there")
    found = store_images(of(tmp_path / "there"), 28, None, tmp_path / "cache")
    assert found.channels == 1
    rows_ = [int(name.removeprefix("row ")) for name in found.names]
    assert np.array_equal(found.images().numpy(), pixels[rows_])


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"name": "./nowhere"}, "data.name=./nowhere: no such file or folder, and no name on the hub"),
        ({"name": "a/b/c"}, "data.name=a/b/c: no such file or folder, and no name on the hub"),
        ({"name": str(REPOSITORY / "README.md")}, "data.name=.*README.md: neither a folder nor a .parquet file"),
        (
            {"name": "HERE", "revision": "main"},
            "data.revision=main: of a data set on the hub, and",
        ),
        ({"name": "HERE", "config": "other"}, "data.config=other: of data.name=.*: BuilderConfig 'other' not found"),
        ({"name": "SAVED", "config": "other"}, "data.config=other: data.name=.* is of save_to_disk, which keeps one"),
    ],
)
def test_names_that_lead_nowhere_are_said_in_one_line(asked, line, place, tmp_path):
    there = {"HERE": place / "parquet", "SAVED": tmp_path / "saved"}
    rows(place / "flat").save_to_disk(tmp_path / "saved")
    with pytest.raises(Fault, match=f"^{line}"):
        of(**{**asked, "name": there.get(asked["name"], asked["name"])}).listing()


@pytest.mark.parametrize("name", ["nobody/has-this", "nobody"])
def test_without_a_network_a_name_is_refused_in_one_line(name, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(opening, "_from_hub", opening._from_hub.__wrapped__)
    assert fault(of(name)).startswith(f"data.name={name}: the hub cannot be reached")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (datasets.exceptions.DatasetNotFoundError("It doesn't exist on the Hub."), "data.name=a/b: It doesn't exist"),
        (
            datasets.exceptions.DatasetNotFoundError("Revision 'x' doesn't exist."),
            "data.revision=x: of data.name=a/b: ",
        ),
        (
            ValueError("Config name is missing.\nPick one: ['c', 'd']"),
            "data.config=null: of data.name=a/b: ",
        ),
        (RuntimeError("Dataset scripts are no longer supported"), "data.name=a/b: Dataset scripts are no longer"),
        (KeyError(), "data.name=a/b: KeyError"),
    ],
    ids=["name", "revision", "configuration", "script", "without words"],
)
def test_what_goes_wrong_on_the_hub_is_said_in_one_line(error, line, monkeypatch):
    def fail(**asked):
        raise error

    monkeypatch.setattr(datasets, "load_dataset", fail)
    assert fault(of("a/b", revision="x")).startswith(line)


def test_without_the_package_the_line_says_how_to_install_it(place, monkeypatch):
    monkeypatch.setattr(opening.importlib.util, "find_spec", lambda name: None)
    assert fault(of(place / "parquet")).startswith("data=hf: the package datasets is not installed: pip install ")


@pytest.mark.long
def test_the_package_is_imported_for_this_choice_alone(place, tmp_path):
    program = f"""
import sys
import aeaug
from aeaug.run.pipeline import Run
from aeaug.data.options import FolderOptions
from aeaug.sweep.composition.composing import composed
own = ["data.cache={tmp_path}", "outputs={tmp_path}", "arm=none"]
composed(["data=mnist_5k", *own[1:]])
composed(["data=folder", "data.root={place / "flat"}", *own])
assert "datasets" not in sys.modules
composed(["data=hf", "data.name={place / "parquet"}", *own])
assert "datasets" in sys.modules
"""
    environment = {**os.environ, "HF_DATASETS_CACHE": str(tmp_path / "loaded")}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("embedded", [False, True])
def test_images_that_were_made_of_others_are_refused_as_in_a_folder(embedded, tmp_path):
    """What scripts/augment.py writes: decoded images would be validated and tested on."""
    folder = draw(tmp_path / "augmented", 20, side=32)
    for number, file in enumerate(sorted(folder.iterdir())):
        file.rename(folder / f"{'real' if number % 2 else 'synthetic'}_{number:06d}.png")
    path = folder
    if embedded:
        found = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train")
        path = on_disk(found, tmp_path / "there")
    with pytest.raises(
        Fault, match=r"^data.name=.*: 10 of its 20 images were made of the others, such as synthetic_000\d+.png: "
    ):
        of(path, image=None, label=NONE).listing()
