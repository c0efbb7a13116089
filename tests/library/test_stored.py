"""Saved and loaded again, to the bit; and files that are damaged, foreign or hostile."""

import io
import json
import os
import zipfile
from copy import deepcopy

import pytest
import torch

from aeaug import LatentAugmenter
from aeaug.data import to_float
from aeaug.faults import Fault
from aeaug.library.stored import FORMAT, VERSION
from tests.terminal import content


@pytest.mark.parametrize(
    ("autoencoder", "perturbation"),
    [
        ("mlp", "gaussian"),
        ("article", {"name": "interpolate", "within": "class"}),
        (
            "vae",
            {"name": "chain", "links": [{"name": "posterior", "temperature": 1.0}, {"name": "dropout", "rate": 0.1}]},
        ),
        ("rae", "density"),
        ("pca", "mixup"),
    ],
)
def test_what_is_loaded_goes_on_as_what_was_saved_would(fitted, embedded, tmp_path, autoencoder, perturbation):
    one = fitted(autoencoder, perturbation, seed=3, labelled=True)
    one.sample(4)
    one.save(tmp_path / "one.pt")
    other = LatentAugmenter.load(tmp_path / "one.pt")
    assert other.options == one.options
    assert other.sample(30).equal(one.sample(30))
    assert other.state_dict().keys() == one.state_dict().keys()
    assert all(other.state_dict()[name].equal(value) for name, value in one.state_dict().items())
    if "density" not in str(perturbation) and "class" not in str(perturbation):
        images = to_float(embedded.splits.val_images[:4])
        assert other(images).equal(one(images))
    assert not any(weight.requires_grad for weight in other.parameters())
    other.fit(embedded.train_images, embedded.train_labels)  # and can be fitted again
    assert other.sample(3).isfinite().all()


def test_the_file_holds_no_training_image(fitted, tmp_path):
    fitted().save(tmp_path / "one.pt")
    tensors = torch.load(tmp_path / "one.pt", weights_only=True)["tensors"]
    assert not [name for name, one in tensors.items() if one.shape[:1] == (200,) and one.numel() > 200 * 32]


def test_saving_replaces_whole_files_and_leaves_nothing_beside_them(fitted, tmp_path):
    place = tmp_path / "one.pt"
    fitted(seed=1).save(place)
    first = place.read_bytes()
    fitted(seed=2).save(place)
    assert place.read_bytes() != first
    assert list(content(tmp_path)) == ["one.pt"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        fitted().save(tmp_path / "folder")
    assert sorted(content(tmp_path)) == ["folder", "one.pt"]


class Hostile:
    """What would run a program where it is loaded."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return (os.mkdir, (str(self.place),))


@pytest.fixture
def stored(fitted, tmp_path):
    """The content of a good file, and where to write another."""
    place = tmp_path / "one.pt"
    fitted("vae", "posterior", labelled=True).save(place)
    return torch.load(place, weights_only=True), place


def refused(place, *words):
    with pytest.raises(Fault) as caught:
        LatentAugmenter.load(place)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{place} is not readable (")
    for word in words:
        assert word in line
    return line


def harmless(place, whole):
    """Whether the file holds what the ``whole`` one does: a byte was padding between its parts."""
    try:
        with zipfile.ZipFile(place) as one, zipfile.ZipFile(io.BytesIO(whole)) as other:
            return all(one.read(name) == other.read(name) for name in other.namelist())
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError):
        return False


def test_a_damaged_byte_is_noticed_wherever_it_is(stored):
    place = stored[1]
    whole = place.read_bytes()
    for at in range(0, len(whole), len(whole) // 23):
        damaged = bytearray(whole)
        damaged[at] ^= 255
        place.write_bytes(damaged)
        if not harmless(place, whole):
            refused(place)
    for end in (0, 10, len(whole) // 2, len(whole) - 1):
        place.write_bytes(whole[:end])
        refused(place)


def test_foreign_files_are_refused_and_run_nothing(stored, tmp_path):
    content, place = stored
    refused(tmp_path / "missing", "missing")
    refused(tmp_path, "no file")
    place.write_text("a letter")
    refused(place)
    torch.save([1], place)
    refused(place, "list")
    torch.save({"state_dict": {}}, place)
    refused(place, "no LatentAugmenter")
    torch.save({**content, "tensors": Hostile(tmp_path / "made")}, place)
    refused(place, "more than tensors")
    assert not (tmp_path / "made").exists()


def changed(options):
    return lambda content: {**content, "options": json.dumps({**json.loads(content["options"]), **options})}


def without(name):
    return lambda content: {**content, "tensors": {k: v for k, v in content["tensors"].items() if k != name}}


def with_(name, change):
    return lambda content: {**content, "tensors": {**content["tensors"], name: change(content["tensors"][name])}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: {**content, "version": VERSION + 1}, ["of version 2, here it is 1"]),
        (lambda content: {"format": FORMAT, "version": VERSION}, ["options"]),
        (lambda content: {**content, "options": "{"}, []),
        (lambda content: {**content, "options": "[]"}, ["no options"]),
        (lambda content: {**content, "tensors": {"z": 1}}, ["more than tensors"]),
        (changed({"seed": -1}), ["seed=-1"]),
        (changed({"perturbation": {"name": "gaussian", "gamma": 1e9}}), ["perturbation.gamma=1000000000.0"]),
        (changed({"perturbation": {"name": "hard", "gamma": 1, "steps": 1}}), ["perturbation=hard"]),
        (changed({"perturbation": {"name": "density", "components": 201}}), ["perturbation.components=201"]),
        (changed({"calls": {"sample": -1, "transform": 0}}), ["how often it has drawn"]),
        (changed({"calls": 3}), ["how often it has drawn"]),
        (without("z"), ["codes"]),
        (without("deviation"), ["deviations"]),
        (without("autoencoder.decoder.0.weight"), ["decoder.0.weight"]),
        (with_("z", lambda z: z[:, :5]), ["codes are not of its autoencoder"]),
        (with_("z", lambda z: z.double()), ["codes are not of its autoencoder"]),
        (with_("z", lambda z: z * torch.inf), ["z is not finite"]),
        (with_("labels", lambda labels: labels[:7]), ["labels are not of its codes"]),
        (with_("labels", lambda labels: labels - 5), ["labels are not of its codes"]),
        (with_("autoencoder.decoder.0.weight", lambda w: w * torch.nan), ["decoder.0.weight is not finite"]),
        (with_("autoencoder.decoder.0.weight", lambda w: w.T), ["size mismatch"]),
    ],
)
def test_a_file_that_does_not_agree_with_itself_is_refused(stored, change, words):
    content, place = stored
    torch.save(change(deepcopy(content)), place)
    refused(place, *words)
