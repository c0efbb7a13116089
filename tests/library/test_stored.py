"""Saved and loaded again, to the bit; and files that are damaged, foreign or hostile."""

import hashlib
import json
import os
from itertools import chain

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from aeaug import LatentAugmenter
from aeaug.data import to_float
from aeaug.faults import Fault
from aeaug.library import stored as kept
from aeaug.library.stored import FORMAT, VERSION, Stored
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
    one.save(tmp_path / "one.safetensors")
    other = LatentAugmenter.load(tmp_path / "one.safetensors")
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
    fitted().save(tmp_path / "one.safetensors")
    with safe_open(tmp_path / "one.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert tensors
    assert not [name for name, one in tensors.items() if one.shape[:1] == (200,) and one.numel() > 200 * 32]


def test_saving_replaces_whole_files_and_leaves_nothing_beside_them(fitted, tmp_path):
    place = tmp_path / "one.safetensors"
    fitted(seed=1).save(place)
    first = place.read_bytes()
    fitted(seed=2).save(place)
    assert place.read_bytes() != first
    assert list(content(tmp_path)) == ["one.safetensors"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        fitted().save(tmp_path / "folder")
    assert sorted(content(tmp_path)) == ["folder", "one.safetensors"]


class Hostile:
    """What would run a program where it is loaded."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return (os.mkdir, (str(self.place),))


@pytest.fixture
def stored(fitted, tmp_path):
    """The content of a good file, and where to write another."""
    place = tmp_path / "one.safetensors"
    fitted("vae", "posterior", labelled=True).save(place)
    return kept.read(place), place


def refused(place, *words):
    with pytest.raises(Fault) as caught:
        LatentAugmenter.load(place)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{place} is not readable (")
    for word in words:
        assert word in line
    return line


@pytest.mark.parametrize("place", [".", "", "folder"])
def test_a_folder_is_no_place_for_a_file(fitted, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        fitted().save(place)
    assert content(tmp_path) == {"folder": None}


def test_anybody_can_read_it_without_this_package(fitted, tmp_path):
    """Its weights by their names, and its options as JSON; the same augmenter makes the same bytes."""
    one = fitted("pca", "mixup", alpha=0.7)
    one.save(tmp_path / "one.safetensors")
    one.save(tmp_path / "other.safetensors")
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "other.safetensors").read_bytes()
    with safe_open(tmp_path / "one.safetensors", "np") as file:
        assert set(file.keys()) == set(one.state_dict())
        assert (file.get_tensor("z") == one.z.numpy()).all()
        options = json.loads(file.metadata()[FORMAT])["options"]
    assert options["perturbation"] == {"name": "mixup", **one.options.perturbation.model_dump(mode="json")}


def test_a_damaged_byte_is_noticed_wherever_it_is(stored):
    """In the header a digit that is another digit still, in the data a number that is another number."""
    place = stored[1]
    whole = place.read_bytes()
    data = 8 + int.from_bytes(whole[:8], "little")
    for at in chain(range(0, data, 7), range(data, len(whole), (len(whole) - data) // 23), [len(whole) - 1]):
        for change in (1, 255):
            damaged = bytearray(whole)
            damaged[at] ^= change
            place.write_bytes(damaged)
            refused(place)


def test_a_file_that_ends_early_or_late_is_refused(stored):
    place = stored[1]
    whole = place.read_bytes()
    data = 8 + int.from_bytes(whole[:8], "little")
    for end in (0, 1, 7, 8, 9, data // 2, data - 1, data, data + 1, len(whole) // 2, len(whole) - 1):
        place.write_bytes(whole[:end])
        refused(place)
    place.write_bytes(whole + b"\0")
    refused(place)
    for length in (0, 1, data - 9, data - 7, len(whole), 2**40, 2**64 - 1):  # what is said of the header is wrong
        place.write_bytes(length.to_bytes(8, "little") + whole[8:])
        refused(place)


def test_foreign_files_are_refused_and_run_nothing(stored, tmp_path):
    content, place = stored
    refused(tmp_path / "missing", "missing")
    refused(tmp_path, "no file")
    place.write_text("a letter")
    refused(place)
    torch.save({"tensors": Hostile(tmp_path / "made"), "options": dict(content.options)}, place)
    refused(place)
    assert not (tmp_path / "made").exists()
    place.write_bytes(save(dict(content.tensors)))
    refused(place, "no LatentAugmenter")
    place.write_bytes(save(dict(content.tensors), {"format": "pt"}))
    refused(place, "no LatentAugmenter")
    place.write_bytes(save(dict(content.tensors), {FORMAT: "[" * 100_000}))
    refused(place)
    place.write_bytes(save({}, {FORMAT: "[]"}))
    refused(place, "no options")


def test_a_file_of_another_version_or_without_its_checksum_is_refused(stored, monkeypatch):
    content, place = stored
    head = {"version": VERSION, "options": content.options}
    for checksum in ({}, {"sha256": None}, {"sha256": hashlib.sha256().hexdigest()}):
        place.write_bytes(save(dict(content.tensors), {FORMAT: json.dumps({**head, **checksum})}))
        refused(place, "checksum")
    monkeypatch.setattr(kept, "VERSION", VERSION + 1)
    kept.write(place, content)
    monkeypatch.undo()
    refused(place, f"of version {VERSION + 1}, here it is {VERSION}")


def changed(options):
    return lambda content: content._replace(options={**content.options, **options})


def without(name):
    return lambda content: content._replace(tensors={k: v for k, v in content.tensors.items() if k != name})


def with_(name, change):
    return lambda content: content._replace(tensors={**content.tensors, name: change(content.tensors[name])})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: Stored({}, content.tensors), ["calls"]),
        (lambda content: Stored([], content.tensors), ["no options"]),
        (lambda content: Stored(content.options, {}), ["Missing key"]),
        (changed({"seed": -1}), ["seed=-1"]),
        (changed({"perturbation": {"name": "gaussian", "gamma": 1e9}}), ["perturbation.gamma=1000000000.0"]),
        (changed({"perturbation": {"name": "hard", "gamma": 1, "steps": 1}}), ["perturbation=hard"]),
        (changed({"perturbation": {"name": "density", "components": 201}}), ["perturbation.components=201"]),
        (changed({"calls": {"sample": -1, "transform": 0}}), ["how often it has drawn"]),
        (changed({"calls": 3}), ["how often it has drawn"]),
        (changed({"shape": [2, 28, 28]}), ["its shape is [2, 28, 28], expected 1 or 3 channels"]),
        (changed({"shape": [1, 28.0, 28]}), ["its shape is [1, 28.0, 28]"]),
        (changed({"shape": [1, 10**9, 28]}), ["its shape is [1, 1000000000, 28]", "8 to 128 pixels"]),
        (changed({"shape": [1, 28, 32]}), ["size mismatch"]),
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
    kept.write(place, change(content))
    refused(place, *words)
