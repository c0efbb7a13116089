"""The whole pipeline, in small, on every data set, and on one of other sizes than any has."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.networks import NETWORKS as AUTOENCODERS
from aeaug.classifier import MOST_CLASSES, ImageClassifier
from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.subset import fingerprint
from aeaug.evaluation import SPACES, FeatureNet, features, load_feature_nets
from aeaug.evaluation.leading_metric import leading_metric
from aeaug.faults import Fault
from aeaug.gan.networks import NETWORKS as GANS
from aeaug.gan.networks import build_discriminator, build_generator
from aeaug.randomness import seeded_init
from aeaug.report.results import results_of
from aeaug.report.terminal import terminal_table
from aeaug.run.again.finished_run import FinishedRun
from aeaug.run.again.image_set import FEWEST, ImageSet
from aeaug.run.debug import in_small
from aeaug.run.files import files_of
from aeaug.run.metrics import METRICS, OF_CLASSES
from aeaug.run.options import parse_options
from aeaug.run.pipeline import Run
from aeaug.run.resumption import untrained
from aeaug.run.table.rows import rows as table_rows
from tests.conftest import CLAIM, options, stand_in
from tests.data.by_content.drawing import draw
from tests.data.hf.making import rows
from tests.run.test_again import asked

SIDE, CLASSES = 20, 4  # MNIST's digits are within 20 by 20 pixels
"""Of the data set that there is not."""


@pytest.fixture
def strange(monkeypatch, tmp_path):
    """The embedded images as a data set of other sizes, in the place of their own, with untrained feature nets."""
    splits = MNIST_5K.load(tmp_path)
    edge = (28 - SIDE) // 2
    inner = {
        name: (part[:, edge:-edge, edge:-edge].contiguous() if name.endswith("images") else part % CLASSES)
        for name, part in splits._asdict().items()
        if name.endswith(("images", "labels"))
    }
    cut = splits._replace(**inner, sha256=fingerprint(*list(inner.values())[:6]))
    names = tuple("abcd")
    sizes = {"shape": (1, SIDE, SIDE), "class_names": names, "feature_nets": "strange", "load": lambda root: cut}
    data = replace(MNIST_5K, **sizes)
    monkeypatch.setitem(DATA_SETS, "mnist_5k", data)
    monkeypatch.setattr(features, "_PINNED", tmp_path / "nets")
    (tmp_path / "nets" / "strange").mkdir(parents=True)
    for space in SPACES:
        with seeded_init(0, space):
            net = FeatureNet(data.shape, CLASSES if space == SPACES[0] else 0)
        features.save_feature_net(net, {}, features.net_path(data, space))
    return data


@pytest.fixture(scope="module")
def strange_outputs(tmp_path_factory):
    """Outputs, where that data set is measured once: its images and nets are the same in every test."""
    return tmp_path_factory.mktemp("strange")


def read(experiment, name):
    return json.loads((experiment.folder.path / name).read_text())


@pytest.mark.parametrize("name", [name for name in DATA_SETS if name != "stacked_mnist"])
def test_every_data_set_goes_through_every_stage(name, tmp_path, monkeypatch):
    """``stacked_mnist``, to ``stacked_mnist_5k`` what ``mnist`` is to ``mnist_5k``, is among the long tests."""
    goes_through_every_stage(name, tmp_path, monkeypatch)


def goes_through_every_stage(name, tmp_path, monkeypatch):
    data, root = DATA_SETS[name], stand_in(name, tmp_path / "data", monkeypatch)
    there = [f"data.root={root}"] if data.files else []
    arm = "append_gaussian" if data.classes > MOST_CLASSES else "append_labels"
    size = f"data.n_train={max(100, data.classes)}"
    experiment = Run(in_small(options(tmp_path, f"data={name}", size, *there, f"arm={arm}", "gan=dcgan")))
    experiment.run()
    metrics = read(experiment, "metrics.json")
    assert read(experiment, "status.json")["state"] == "done"
    assert metrics["data"]["name"] == name
    assert metrics["feature_nets"] == {space: sha256 for space, (_, sha256) in load_feature_nets(data).items()}
    for reading in ("end", "best"):
        measured = metrics["readings"][reading]["spaces"]
        assert tuple(measured) == SPACES
        assert len(measured["classifier"]["class_histogram"]) == data.classes
        assert measured["self_supervised"]["frechet_distance"] > 0
        assert ("modes" in metrics["readings"][reading]) == bool(data.channels_of)
    assert experiment.module.sample(2, 0, "latents").shape == (2, *data.shape)
    row = tuple(METRICS[key].read(files_of(experiment.folder.path)) for key in ("modes_covered", "mode_kl"))
    if data.channels_of:
        modes = metrics["readings"]["end"]["modes"]
        assert modes["samples"] == metrics["data"]["n_test"]
        assert row == (modes["covered"], modes["kl"])
        assert metrics["readings"]["end"]["spaces"]["classifier"]["accuracy_score"] is None
        assert metrics["autoencoder"]["quality"]["probe_accuracy"] is None
    else:
        assert row == (None, None)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Drawn images in colour, of no class and of two, as files and as Hugging Face data sets, and where what is decoded
    of them is kept."""
    place = tmp_path_factory.mktemp("folders")
    for kind in ("flat", "sorted"):
        rows(draw(place / kind, 400, side=40, classes=kind == "sorted")).save_to_disk(place / f"{kind}_rows")
    return place


def of_folder(folders, kind, *overrides):
    return ["data=folder", f"data.root={folders / kind}", f"data.cache={folders / 'cache'}", *overrides]


def of_hf(folders, kind, *overrides):
    return ["data=hf", f"data.name={folders / f'{kind}_rows'}", f"data.cache={folders / 'cache'}", *overrides]


@pytest.mark.parametrize("source", [of_folder, of_hf], ids=["folder", "hf"])
@pytest.mark.parametrize(("kind", "arm"), [("flat", "append_interpolate"), ("sorted", "append_labels")])
def test_a_users_own_images_go_through_every_stage(kind, arm, source, folders, tmp_path):
    own = source(folders, kind, "data.size=32")
    given = [f"arm={arm}", "gan=dcgan", "autoencoder=conv", "autoencoder.steps=4"]
    experiment = Run(in_small(options(tmp_path, *own, *given)))
    experiment.run()
    metrics, classes = read(experiment, "metrics.json"), 2 if kind == "sorted" else 0
    assert read(experiment, "status.json")["state"] == "done"
    assert experiment.data.description.classes == classes
    assert metrics["data"]["name"] == ("folder" if source is of_folder else str(folders / f"{kind}_rows"))
    assert metrics["data"]["sha256"] == experiment.data.splits.sha256
    (measured,) = metrics["readings"]["end"]["spaces"].values()
    assert list(metrics["feature_nets"]) == ["random"]
    assert measured["frechet_distance"] > 0
    assert measured["frechet_distance"] != measured["kernel_distance"]
    assert not set(OF_CLASSES) & set(measured), "no net tells classes apart"
    assert_is_reported(experiment, measured["frechet_distance"])
    quality = metrics["autoencoder"]["quality"]
    assert quality["labels_kept"] is None
    assert (quality["probe_accuracy"] is None) == (not classes)
    assert experiment.module.sample(2, 0, "latents").shape == (2, 3, 32, 32)
    assert not list((folders / "cache").glob("autoencoder*")), "the cache holds images alone"
    there = [f"data.root={folders / kind}"] if source is of_folder else []
    again = FinishedRun(asked(f"run={experiment.folder.path}", f"outputs={tmp_path}", *there))
    assert again.data.splits.sha256 == metrics["data"]["sha256"]
    if source is of_folder:  # which was moved
        config = experiment.folder.path / "config.yaml"
        config.write_text(config.read_text().replace(str(folders / kind), str(tmp_path / "before")))
        moved = FinishedRun(asked(f"run={experiment.folder.path}", f"outputs={tmp_path}", *there))
        assert moved.data.splits.sha256 == metrics["data"]["sha256"]
        with pytest.raises(Fault, match=r"before: no such folder any more; data\.root=… says"):
            FinishedRun(asked(f"run={experiment.folder.path}", f"outputs={tmp_path}", "data.root=nowhere"))


def test_a_run_of_a_folder_is_measured_again_beside_itself_and_of_no_other_folder(folders, tmp_path, monkeypatch):
    """Wherever the command is typed, and though there is a folder of the package's data."""
    for place in ("first", "second", "data"):
        (tmp_path / place).mkdir()
    monkeypatch.setenv("AEAUG_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path / "first")
    root = shutil.copytree(folders / "flat", tmp_path / "images")
    experiment = Run(in_small(options("outputs", "data=folder", f"data.root={root}", "arm=none", "gan=mlp")))
    experiment.run()
    folder = tmp_path / "first" / experiment.folder.path
    monkeypatch.chdir(tmp_path / "second")
    assert FinishedRun(asked(f"run={folder}")).options.data.root == str(root)
    assert not list((tmp_path / "second").iterdir())

    copy = shutil.copytree(folder, tmp_path / "copy")
    FinishedRun(asked(f"run={copy}", f"outputs={tmp_path / 'typed'}"))
    assert (tmp_path / "typed" / "artifacts" / "images").is_dir()
    assert not list((tmp_path / "second").iterdir())

    root.rename(tmp_path / "moved")
    with pytest.raises(Fault, match=r"images: no such folder any more; data\.root=… says"):
        FinishedRun(asked(f"run={folder}"))
    moved = FinishedRun(asked(f"run={folder}", f"data.root={tmp_path / 'moved'}"))
    assert moved.options.data.root == str(tmp_path / "moved")


def test_images_are_measured_against_a_test_split_of_fewer_than_are_usual(folders, tmp_path):
    given = [*of_folder(folders, "flat"), f"outputs={tmp_path}", f"images={tmp_path / 'images.npy'}", "range=byte"]
    np.save(tmp_path / "images.npy", np.random.default_rng(0).integers(0, 256, (FEWEST - 1, 32, 32, 3), np.uint8))
    whole = ImageSet(asked(*given))
    count = len(whole.data.splits.test_images)
    assert whole.n == count < FEWEST - 1
    (measured,) = whole.measure().record["readings"]["end"]["spaces"].values()
    assert measured["frechet_distance"] > 0
    assert ImageSet(asked(*given, f"n_images={count}")).n == count
    for wrong in (count - 1, count + 1):
        with pytest.raises(ValueError, match=rf"^n_images={wrong}: must be {count} \("):
            ImageSet(asked(*given, f"n_images={wrong}"))
    np.save(tmp_path / "images.npy", np.zeros((count - 1, 32, 32, 3), np.uint8))
    with pytest.raises(ValueError, match=rf"npy: {count - 1} images, at least {count} are needed"):
        ImageSet(asked(*given))


def assert_is_reported(experiment, distance):
    """With its numbers, which are of the space that it was measured in."""
    results = results_of(table_rows(experiment.folder.path))
    (run,) = results.runs
    assert results.spaces == run.spaces == experiment.options.spaces
    assert run.of(METRICS["frechet_distance"]) == distance
    assert [fd for _, fd in run.curve] == [entry["frechet_distance"] for entry in experiment.folder.read_history()]
    assert f"{distance:,.3g}" in terminal_table(results)
    if run.lead == "random":  # of the package's nets it is known that the images of their data sets are enough
        count = len(experiment.data.splits.test_images)
        assert results.distance("random") is leading_metric(count, FeatureNet.num_features)


def test_the_same_images_give_the_same_numbers_wherever_they_are_from(folders, tmp_path):
    given = ["arm=none", "gan=mlp", "evaluation.test=false"]
    runs = [Run(options(tmp_path / own.__name__, *own(folders, "flat"), *given)) for own in (of_folder, of_hf)]
    for run in runs:
        run.run()
    one, other = (run.folder.read_history() for run in runs)
    assert [entry["frechet_distance"] for entry in one] == [entry["frechet_distance"] for entry in other]


def test_a_run_of_a_folder_that_changed_is_not_gone_on_with(folders, tmp_path):
    root = shutil.copytree(folders / "flat", tmp_path / "images")
    given = ["data=folder", f"data.root={root}", "arm=none", "gan=mlp", "evaluation.test=false"]
    first = Run(options(tmp_path / "out", *given, "budget.images=200"))
    first.run()
    begun = read(first, "status.json")
    next(root.iterdir()).unlink()
    with pytest.raises(ValueError, match=r"data\.content: \w{16} there, \w{16} here.*: stale=redo moves") as caught:
        Run(options(tmp_path / "out", *given, "budget.images=200"))
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"data\.content=\w{16}: the images in data\.root=.* are others by now"):
        options(tmp_path, *given, f"data.content={first.options.data.content}")
    assert read(first, "status.json") == begun


@pytest.mark.parametrize("side", [28, 32, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_networks_are_of_every_size_that_a_folder_has(side, channels):
    """One step of each GAN, there and back of each autoencoder."""
    shape, z, images = (channels, side, side), torch.randn(2, 8), torch.rand(2, channels, side, side) * 2 - 1
    for network in GANS:
        generator = build_generator(network, 8, 8, 1, shape)
        discriminator = build_discriminator(network, 8, 1, shape=shape)
        made = generator(z)
        assert made.shape == images.shape
        discriminator(torch.cat([made, images])).sum().backward()
        assert all(bool(weights.grad.isfinite().all()) for weights in generator.parameters()), network
        assert any(bool(weights.grad.abs().sum() > 0) for weights in generator.parameters()), network
    for network in set(AUTOENCODERS) - {"identity"}:
        own = {"denoising": {"noise": 0.3}, "vae": {"beta": 1.0}, "conv_vae": {"beta": 1.0}, "rae": {"weight": 1e-3}}
        module = AutoencoderModule(network, latent_dim=8, shape=shape, **own.get(network, {})).eval()
        restored = module(images)
        assert restored.shape == images.shape, network
        assert restored.abs().max() <= 1, network
    assert FeatureNet(shape, 0)(images)[0].shape == (2, FeatureNet.num_features)
    assert ImageClassifier(3, shape)(images).shape == (2, 3)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "overrides",
    [
        ("arm=append_gaussian", "gan=mlp", "gate=labels", "gate.bar=0", "gate.steps=4"),
        ("arm=append_posterior", "gan=dcgan", "autoencoder=conv_vae", "autoencoder.steps=4", "gan/view=[ada]"),
        pytest.param(
            ("arm=append_labels", "gan=resnet", "autoencoder=conv", "autoencoder.steps=4", "gan/view=[diffaugment]"),
            marks=pytest.mark.long,
        ),
        pytest.param(("arm=two_sided_gaussian", "gan=article", "autoencoder=identity"), marks=pytest.mark.long),
    ],
    ids=lambda given: given[1],
)
def test_all_sizes_are_the_data_sets(overrides, strange, strange_outputs):
    """Images, networks, checks, pictures, classes: nothing is left that knows another size."""
    given = [*overrides, *(["gan.view.ada.images=200"] if "gan/view=[ada]" in overrides else [])]
    experiment = Run(options(strange_outputs, *given))
    experiment.run()
    metrics, artifact = read(experiment, "metrics.json"), experiment.artifact.module
    assert read(experiment, "status.json")["state"] == "done"
    assert len(metrics["readings"]["end"]["spaces"]["classifier"]["class_histogram"]) == CLASSES
    assert experiment.module.sample(3, 0, "latents").shape == (3, *strange.shape)
    assert artifact.decode(torch.zeros(2, artifact.latent_dim)).shape == (2, *strange.shape)
    picture = Image.open(experiment.folder.path / "samples" / "comparison.png")
    assert picture.size == (10 * (SIDE + 1) + 1, 3 * (SIDE + 2))  # three rows of ten, and the lines between them


@pytest.mark.long
def test_what_is_there_already_is_measured_at_its_size(strange, strange_outputs, tmp_path):
    experiment = Run(options(strange_outputs, "arm=append_gaussian", "gan=dcgan"))
    experiment.run()
    where = f"outputs={strange_outputs}"
    again = FinishedRun(asked(f"run={experiment.folder.path}", where, "data.root=nowhere")).measure()
    assert again.record["readings"]["end"]["spaces"] == read(experiment, "metrics.json")["readings"]["end"]["spaces"]
    images = experiment.module.sample(FEWEST, 0, "latents")
    np.save(tmp_path / "images.npy", images.numpy())
    of_images = [where, "data=mnist_5k", "range=signed"]
    assert ImageSet(asked(f"images={tmp_path / 'images.npy'}", *of_images)).images.equal(images)
    np.save(tmp_path / "others.npy", np.zeros((FEWEST, 28, 28), np.uint8))
    with pytest.raises(ValueError, match=rf"others\.npy: shape \(\d+, 28, 28\), expected \(N, {SIDE}, {SIDE}\)"):
        ImageSet(asked(f"images={tmp_path / 'others.npy'}", *of_images))


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (("autoencoder=pca", "autoencoder.latent_dim=401"), "autoencoder.latent_dim=401: must be at most 400"),
        (
            ("autoencoder=identity", "autoencoder.latent_dim=784"),
            "autoencoder.latent_dim=784: of .* it is 400, or auto",
        ),
        (
            ("gan/view=[diffaugment]", "gan.view.diffaugment.translation=0.02", "gan.view.diffaugment.cutout=0"),
            "neither",
        ),
        (("gate=labels", "data.n_train=10"), None),  # of four classes two each
    ],
)
def test_what_may_be_asked_for_follows_from_the_description(overrides, line, strange, tmp_path):
    if line is None:
        options(tmp_path, "arm=append_gaussian", *overrides)
        return
    with pytest.raises(ValueError, match=line) as caught:
        options(tmp_path, "arm=append_gaussian", *overrides)
    assert "\n" not in str(caught.value)


def test_convolutions_refuse_sides_that_they_cannot_halve_twice(strange, monkeypatch, tmp_path):
    monkeypatch.setitem(DATA_SETS, "mnist_5k", replace(strange, shape=(1, 18, 18)))
    for given, key in (("gan=dcgan", "gan.network=dcgan"), ("autoencoder=conv", "autoencoder.network=conv")):
        with pytest.raises(ValueError, match=rf"^{key}: images have 18×18 pixels, and .* multiples of 4$"):
            options(tmp_path, "arm=append_gaussian", given)
    options(tmp_path, "arm=append_gaussian", "gan=mlp", "autoencoder=mlp")


@pytest.mark.parametrize(
    ("data", "overrides", "line"),
    [
        (
            "stacked_mnist_5k",
            ("arm=none", "gan.r1_gamma=auto"),
            "gan.r1_gamma=auto: tuned for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, not stacked_mnist_5k",
        ),
        (
            "stacked_mnist_5k",
            ("arm=append_gaussian", "gan.r1_gamma=own"),
            "gan.r1_gamma=own: tuned for data=mnist, mnist_5k, fashion_mnist and stacked_mnist, not stacked_mnist_5k",
        ),
        (
            "fashion_mnist",
            ("arm=append_gaussian", "autoencoder.steps=auto"),
            "autoencoder.steps=auto: measured for data.n_train=500, not 100; give a number",  # 250 of mnist's
        ),
    ],
)
def test_what_was_found_on_mnist_is_not_taken_for_other_images(data, overrides, line, tmp_path):
    size = ["data.n_train=1000"] * data.startswith("stacked")
    with pytest.raises(ValueError, match=r"auto|own") as caught:
        options(tmp_path, f"data={data}", *size, *overrides)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def in_colour(tmp_path_factory):
    """Outputs, whose images are measured once."""
    return tmp_path_factory.mktemp("in_colour")


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "overrides",
    [
        ("gan=mlp", "autoencoder=mlp", "gan/view=[ada]", "gan.view.ada.images=200"),
        ("gan=dcgan", "autoencoder=conv", "gan/view=[diffaugment]"),
        pytest.param(("gan=resnet", "autoencoder=pca"), marks=pytest.mark.long),
        pytest.param(("gan=article", "autoencoder=conv_vae"), marks=pytest.mark.long),
    ],
    ids=lambda given: given[0],
)
def test_networks_train_on_colours(overrides, in_colour):
    small = ("data=stacked_mnist_5k", "data.n_train=1000", "evaluation.test=false")
    experiment = Run(options(in_colour, *small, "arm=append_gaussian", *overrides))
    start = [one.clone() for one in untrained(experiment.options).generator.parameters()]
    experiment.run()
    assert read(experiment, "status.json")["state"] == "done"
    assert read(experiment, "metrics.json")["validation"]["frechet_distance"] > 0
    assert not all(one.equal(other) for one, other in zip(start, experiment.module.generator.parameters(), strict=True))
    shown = sorted((experiment.folder.path / "samples").glob("images=*.png"))
    pixels = np.asarray(Image.open(shown[-1]))
    assert pixels.shape[2] == 3
    assert not np.array_equal(pixels[..., 0], pixels[..., 1]), "channels are not the same"


@pytest.mark.parametrize("key", ["filter", "gate"])
def test_a_small_classifier_is_not_asked_about_a_thousand_classes(key, tmp_path):
    given = ["data=stacked_mnist_5k", "data.n_train=2000", "arm=append_gaussian", f"{key}=labels"]
    with pytest.raises(ValueError, match=f"{key}=labels: data.name=stacked_mnist_5k has 1,000 classes, ") as caught:
        options(tmp_path, *given)
    assert "\n" not in str(caught.value)


def test_what_is_of_few_test_images_is_claimed_of_few_alone(tmp_path):
    given = options(tmp_path, "data.n_train=100", "arm=append_gaussian").model_dump()
    claim = {**CLAIM, "metric": "frechet_distance_few", "sizes": [100]}
    said = r"^claims.metric=frechet_distance_few: data=mnist_5k has 1,000 test images, take FD$"
    with pytest.raises(ValueError, match=said):
        parse_options({**given, "claims": [claim]})


@pytest.mark.parametrize("metric", ["modes_covered", "mode_kl"])
def test_modes_are_claimed_of_stacked_images_alone(metric, tmp_path):
    claim = {
        **CLAIM,
        "metric": metric,
        "sizes": [1000],
        "direction": "higher" if metric == "modes_covered" else "lower",
    }
    on_stacks = options(tmp_path, "data=stacked_mnist_5k", "data.n_train=1000", "arm=append_gaussian")
    given = {**on_stacks.model_dump(), "claims": [claim]}
    assert parse_options(given).claims[0].metric == metric
    given["data"] = options(tmp_path, "data.n_train=1000", "arm=append_gaussian").data.model_dump()
    with pytest.raises(ValueError, match=f"^claims.metric={metric}: data.name=mnist_5k has no stacked images"):
        parse_options(given)
