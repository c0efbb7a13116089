"""scripts/augment.py as it is typed: what it writes, of which images, and what it refuses before any work."""

import numpy as np
import pytest
import torch
from PIL import Image

from aeaug import LatentAugmenter
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule
from aeaug.data.image_files import open_images
from aeaug.data.sets.mnist import MNIST
from aeaug.export.pixels import to_bytes
from aeaug.run.parts import data_of
from tests.conftest import options
from tests.data.by_content.drawing import draw
from tests.data.hf.making import rows
from tests.export.test_shards import samples
from tests.terminal import content, typed

SMALL = ["data=mnist_5k", "data.n_train=50", "progress=false", "threads=1", "autoencoder.steps=5"]


def loaded(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture
def subset(embedded):
    """Images and labels for a file, fewer of one class than of others."""
    return embedded.train_images[:60].numpy(), embedded.train_labels[:60].numpy()


def test_it_writes_the_subset_of_a_run_and_what_the_library_makes_of_it(tmp_path):
    ended = typed("augment", *SMALL, f"out={tmp_path / 'a' / 'one.npz'}", "n=120", "seed=4", "perturbation.gamma=0.3")
    assert (ended.status, ended.said) == (0, ""), ended.said
    assert ended.printed == f"120 images of 50: {tmp_path / 'a' / 'one.npz'}\n"
    found = loaded(tmp_path / "a" / "one.npz")
    data = MNISTDataModule("mnist_5k", n_train=50, subset_seed=4)
    data.setup()
    made = found["synthetic"]
    assert np.array_equal(found["images"][~made], data.train_images.numpy())
    assert np.array_equal(found["source"][~made], np.arange(50))
    drawn = LatentAugmenter("mlp", gamma=0.3, steps=5, seed=4).fit(data.train_images).draw(120)
    assert np.array_equal(found["images"][made], to_bytes(drawn.images).numpy())
    assert np.array_equal(found["source"][made], drawn.sources.numpy())
    assert np.array_equal(found["labels"], data.train_labels.numpy()[found["source"]])
    assert list(content(tmp_path)) == ["a", "a/one.npz"]


def test_the_seed_alone_decides_and_every_kind_of_file_holds_the_same(tmp_path, subset):
    images, labels = subset
    np.savez(tmp_path / "mine.npz", images=images[:, None] / 255, labels=labels)
    common = [f"images={tmp_path / 'mine.npz'}", "range=unit", *SMALL[2:], "perturbation=interpolate"]
    common += ["perturbation.within=class", "perturbation.neighbours=2", "n=70", "seed=2"]
    for out in ("one.npz", "two.npz", "three", "four.tar"):
        more = ["shard=50"] if out.endswith("tar") else []
        ended = typed("augment", *common, *more, f"out={tmp_path / out}")
        assert ended.status == 0, ended.said
    one, two = loaded(tmp_path / "one.npz"), loaded(tmp_path / "two.npz")
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert np.array_equal(one["images"][:60], images)
    files = {path.name: path for path in (tmp_path / "three").rglob("*.png")}
    streamed = [sample for shard in sorted(tmp_path.glob("four-*.tar")) for sample in samples(shard)]
    assert len(files) == len(streamed) == 130
    for number, (image, label) in enumerate(zip(one["images"], one["labels"], strict=True)):
        file = files[f"{'synthetic' if number >= 60 else 'real'}_{number:06}.png"]
        assert np.array_equal(np.asarray(Image.open(file)), image)
        assert file.parent.name == str(label)
        assert streamed[number]["png"] == file.read_bytes()
        assert int(streamed[number]["cls"]) == label


def test_who_augments_what_was_augmented_takes_the_real_images_and_no_run_takes_it_for_real_ones(tmp_path, subset):
    images, _ = subset
    np.savez(tmp_path / "mine.npz", images=images)
    common = ["autoencoder=pca", "autoencoder.latent_dim=4", "progress=false", "threads=1"]
    for out in ("folder", "archive.npz"):
        assert typed("augment", f"images={tmp_path / 'mine.npz'}", f"out={tmp_path / out}", *common).status == 0
        again = typed("augment", f"images={tmp_path / out}", f"out={tmp_path / out.replace('.', '_')}.npz", *common)
        assert again.status == 0, again.said
        assert f"{len(images)} images were left out, which are synthetic by" in again.printed
        found = loaded(tmp_path / f"{out.replace('.', '_')}.npz")
        assert np.array_equal(found["images"][~found["synthetic"]], images)
    run = typed("train", "data=folder", f"data.root={tmp_path / 'folder'}", "arm=none", f"outputs={tmp_path}")
    assert run.status == 1
    assert f"{tmp_path / 'folder'}: {len(images)} of its {2 * len(images)} images were made of the others" in run.said
    assert len(run.said.splitlines()) == 1


def test_images_without_labels_have_none_and_real_ones_can_be_left_out(tmp_path, subset):
    np.save(tmp_path / "mine.npy", subset[0])
    ended = typed("augment", f"images={tmp_path / 'mine.npy'}", *SMALL[2:], "real=false", f"out={tmp_path / 'o.npz'}")
    assert ended.status == 0, ended.said
    found = loaded(tmp_path / "o.npz")
    assert set(found) == {"images", "synthetic", "source"}
    assert found["synthetic"].all()
    assert sorted(found["source"]) == list(range(60))


def test_of_a_folder_that_it_wrote_it_takes_the_real_images(tmp_path, subset):
    np.savez(tmp_path / "mine.npz", images=subset[0], labels=subset[1])
    pca = ["autoencoder=pca", "progress=false", "threads=1"]
    first = typed("augment", f"images={tmp_path / 'mine.npz'}", *pca, "n=1", f"out={tmp_path / 'folder'}")
    second = typed("augment", f"images={tmp_path / 'folder'}", *pca, f"out={tmp_path / 'again.npz'}")
    assert (first.status, second.status) == (0, 0), first.said + second.said
    files, found = open_images(tmp_path / "folder", MNIST.shape, real=True), loaded(tmp_path / "again.npz")
    assert np.array_equal(found["images"][~found["synthetic"]], files.read(torch.arange(60)))


@pytest.mark.parametrize("perturbation", ["gaussian", "density"])
def test_of_a_file_that_it_wrote_it_takes_the_real_images(perturbation, tmp_path, subset):
    np.savez(tmp_path / "mine.npz", images=subset[0], labels=subset[1])
    pca = ["autoencoder=pca", "autoencoder.latent_dim=8", "progress=false", "threads=1"]
    own = [f"perturbation={perturbation}", *(["perturbation.components=2"] if perturbation == "density" else [])]
    for given, made in (("mine", "first"), ("first", "second")):
        ended = typed("augment", f"images={tmp_path / given}.npz", *pca, *own, "n=20", f"out={tmp_path / made}.npz")
        assert ended.status == 0, ended.said
        assert ended.printed.splitlines()[-1].startswith("20 images of 60: ")
    first, second = loaded(tmp_path / "first.npz"), loaded(tmp_path / "second.npz")
    assert np.array_equal(first["images"], second["images"])
    assert np.array_equal(first["synthetic"], second["synthetic"])


@pytest.mark.parametrize("classes", [False, True])
def test_folders_that_are_no_classes_here_are_said(tmp_path, classes):
    draw(tmp_path / "mine", 12, side=16, grey=True, classes=classes)
    out = f"out={tmp_path / 'one.npz'}"
    ended = typed("augment", f"images={tmp_path / 'mine'}", *SMALL[2:4], "autoencoder=identity", out)
    assert ended.status == 0, ended.said
    line = "its 2 folders are taken for one set of images without classes; of data=folder data.root=… each is a class"
    assert ended.printed.splitlines()[:-1] == [line] * classes
    assert "labels" not in loaded(tmp_path / "one.npz")


def test_images_in_colour_of_any_size_stay_what_they_are(tmp_path):
    """Through a file, a folder and back."""
    images = np.random.default_rng(0).integers(0, 256, (30, 3, 16, 24), dtype=np.uint8)
    np.savez(tmp_path / "mine.npz", images=np.moveaxis(images, 1, 3))
    pca = ["autoencoder=pca", "autoencoder.latent_dim=8", "progress=false", "threads=1"]
    first = typed("augment", f"images={tmp_path / 'mine.npz'}", *pca, "n=5", f"out={tmp_path / 'folder'}")
    second = typed("augment", f"images={tmp_path / 'folder'}", *pca, "n=40", f"out={tmp_path / 'again.npz'}")
    assert (first.status, second.status) == (0, 0), first.said + second.said
    found = loaded(tmp_path / "again.npz")
    assert found["images"].shape == (30 + 40, 3, 16, 24)
    assert np.array_equal(found["images"][:30], images)
    augmenter = LatentAugmenter("pca", latent_dim=8).fit(found["images"][:30])
    assert np.array_equal(found["images"][30:], to_bytes(augmenter.sample(40)).numpy())


def test_a_data_set_in_colour_is_augmented_too(tmp_path):
    few = ["data=stacked_mnist_5k", "data.n_train=1000", "autoencoder=pca", "progress=false", "threads=1", "n=3"]
    ended = typed("augment", *few, f"out={tmp_path / 'o.npz'}")
    assert ended.status == 0, ended.said
    assert loaded(tmp_path / "o.npz")["images"].shape == (1003, 3, 28, 28)


@pytest.mark.parametrize("kind", ["flat", "sorted"])
@pytest.mark.parametrize("data", ["folder", "hf"])
def test_photographs_are_augmented_as_a_run_sees_them(data, kind, tmp_path):
    """Its training subset, scaled and cut; what is kept for validation and test is not among them."""
    root = draw(tmp_path / kind, 240, side=40, classes=kind == "sorted")
    rows(root).save_to_disk(tmp_path / "rows")
    where = f"data.root={root}" if data == "folder" else f"data.name={tmp_path / 'rows'}"
    given = [f"data={data}", where, f"data.cache={tmp_path / 'cache'}", "data.size=28", "data.n_train=80"]
    pca = ["autoencoder=pca", "autoencoder.latent_dim=8", "progress=false", "threads=1", "n=100", "seed=3"]
    ended = typed("augment", *given, *pca, f"out={tmp_path / 'o.npz'}")
    assert ended.status == 0, ended.said
    place, written = ended.printed.splitlines()
    assert place.startswith(f"{where}: ")
    assert " images to train on, " in place
    assert written == f"100 images of 80: {tmp_path / 'o.npz'}"
    run = data_of(options(tmp_path, *given, "arm=none", "seed=3"))
    found = loaded(tmp_path / "o.npz")
    assert found["images"].shape == (180, 3, 28, 28)
    assert np.array_equal(found["images"][:80], run.train_images)
    if kind == "sorted":
        assert np.array_equal(found["labels"], run.train_labels[found["source"]])
    else:
        assert set(found) == {"images", "synthetic", "source"}


def test_density_makes_images_of_no_class(tmp_path, subset):
    np.savez(tmp_path / "mine.npz", images=subset[0], labels=subset[1])
    density = ["autoencoder=pca", "autoencoder.latent_dim=4", "perturbation=density", "perturbation.components=2"]
    ended = typed("augment", f"images={tmp_path / 'mine.npz'}", *density, "progress=false", f"out={tmp_path / 'o.npz'}")
    assert ended.status == 0, ended.said
    found = loaded(tmp_path / "o.npz")
    assert (found["labels"][found["synthetic"]] == -1).all()
    assert np.array_equal(found["labels"][:60], subset[1])


@pytest.mark.parametrize("out", ["one.npz", "one", "one.tar"])
@pytest.mark.parametrize(
    ("error", "status", "says"),
    [(KeyboardInterrupt(), 130, "interrupted"), (OSError(28, "No space left on device"), 1, "free some space")],
)
def test_nothing_is_left_where_it_ends_early(tmp_path, monkeypatch, out, error, status, says):
    decode, calls = AutoencoderModule.decode, []

    def fail(self, z):
        calls.append(len(z))
        if len(calls) == 4:
            raise error
        return decode(self, z)

    monkeypatch.setattr(AutoencoderModule, "decode", fail)
    ended = typed("augment", *SMALL, "n=5000", f"out={tmp_path / 'deep' / out}")
    assert ended.status == status
    assert says in ended.said
    assert "Traceback" not in ended.said
    assert len(calls) == 4
    assert content(tmp_path) == {}


def test_a_training_that_diverges_is_said_in_one_line(tmp_path):
    ended = typed("augment", *SMALL, "autoencoder.lr=1", f"out={tmp_path / 'one.npz'}")
    assert ended.status == 1
    assert ended.lines[-1].startswith("error: autoencoder=mlp: it has diverged, the autoencoder's training loss is ")
    assert "Traceback" not in ended.said
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "nowhere to write to: say out=<file>.npz, out=<folder> or out=<name>.tar"),
        ("out=one.jpg", "out=one.jpg: a name without a suffix is a folder, and files end in .npz or .tar"),
        ("out=there.npz", "out=there.npz: there.npz is there already, and nothing is overwritten; take another name"),
        (
            "out=there.tar",
            "out=there.tar: there-000002.tar is there already, and nothing is overwritten; take another name",
        ),
        ("out=o.npz n=0", "n=0: input should be greater than or equal to 1"),
        ("out=o.npz shard=5", "shard=5: it goes with out=<name>.tar, and this is out=o.npz"),
        ("out=o.npz range=unit", "range=unit: it is of images=…, data=mnist has its own"),
        (
            "out=o.npz data=mnist_5k data.root=here",
            "data.root='here': data=mnist_5k has no use for it, its images come",
        ),
        (
            "out=o.npz autoencoder.patience=3 data=mnist_5k",
            "autoencoder.patience=3: autoencoder.stopping=fixed has no use for it",
        ),
        ("out=o.npz images=x.npy data.n_train=50", "data.n_train=50: images=x.npy are what is augmented"),
        ("out=o.npz images=missing.npy", "images=missing.npy: no such file or folder"),
        (
            "out=o.npz images=missing.npz",
            "images=missing.npz: not readable as .npz (No such file or directory): save it again with ",
        ),
        (
            "out=o.npz images=there.npz",
            "images=there.npz: it has no array images, but x: numpy.savez(file, images=…) makes one",
        ),
        ("out=o.npz images=few.npy", "images=few.npy: 1 images, at least 2 are needed"),
        (
            "out=o.npz images=grey.npy",
            "images=grey.npy: floats from 0.5 to 0.5 may be in [0, 1] or in [-1, 1]: say range=",
        ),
        (
            "out=o.npz images=wide.npz",
            "images=wide.npz: images of shape (3, 32), expected (N, H, W), ",
        ),
        ("out=o.npz images=odd.npz", "images=odd.npz: labels: shape (2,), expected (3,), one for each image"),
        ("out=o.npz perturbation=hard", "perturbation=hard: it asks a discriminator, which there is none of here"),
        ("out=o.npz perturbation=posterior", "autoencoder=mlp: perturbation=posterior needs a variational one"),
        (
            "out=o.npz autoencoder.stopping=validation",
            "autoencoder.stopping=validation: there are no images here beyond",
        ),
        ("out=o.npz data=mnist_5k data.n_train=50", "autoencoder.steps=auto: measured for images from 100 to"),
        (
            "out=o.npz data=stacked_mnist_5k data.n_train=1000",
            "autoencoder.steps=auto: measured for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, "
            "not stacked_mnist_5k",
        ),
        (
            "out=o.npz data=mnist_5k perturbation.gamma=-1",
            "perturbation.gamma=-1: input should be greater than or equal",
        ),
        ("out=o.npz images=odd_sides.npz autoencoder=conv range=byte", "autoencoder.network=conv: "),
        ("out=o.npz data=folder", "data.root=null: say which folder, as in data=folder data.root=photographs"),
        ("out=o.npz data=folder data.root=nowhere", "data.root=nowhere: "),
        ("out=o.npz data=hf data.name=nowhere.parquet", "data.name=nowhere.parquet: "),
        ("out=o.npz device=nowhere", "device=nowhere: there is no such device here"),
        ("one.npz", "one.npz: say images=one.npz or out=one.npz"),
        ("out=o.npz gama=1", "gama=1: no such option; "),
    ],
)
def test_what_is_wrong_is_said_in_one_line_before_any_work(tmp_path, monkeypatch, line, says):
    monkeypatch.chdir(tmp_path)
    np.savez("there.npz", x=np.zeros(3))
    (tmp_path / "there-000002.tar").touch()
    np.save("few.npy", np.zeros((1, 28, 28), np.uint8))
    np.save("grey.npy", np.full((3, 28, 28), 0.5))
    np.savez("wide.npz", images=np.zeros((3, 32)))
    np.savez("odd_sides.npz", images=np.full((3, 30, 30), 9, np.uint8))
    np.savez("odd.npz", images=np.full((3, 28, 28), 7, np.uint8), labels=np.zeros(2, int))
    before = content(tmp_path)
    ended = typed("augment", *line.split(), "progress=false")
    assert ended.status == 1
    assert ended.lines[-1].startswith(f"error: {says}"), ended.said
    assert len(ended.lines) == 1
    assert content(tmp_path) == before
