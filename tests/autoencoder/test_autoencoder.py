import json
import shutil

import pytest
import torch
from pydantic import TypeAdapter

from aeaug.artifacts import ArtifactStore, recipe_version
from aeaug.autoencoder import AutoencoderModule, networks, training
from aeaug.autoencoder.artifact import load_autoencoder
from aeaug.autoencoder.batches import ReconstructionData
from aeaug.autoencoder.objectives import OBJECTIVES, objective_of
from aeaug.autoencoder.options import AutoencoderChoice
from aeaug.autoencoder.training import DEFINING, PACKAGE, trained_autoencoder
from aeaug.data import Batch, MNISTDataModule, to_float
from aeaug.data.sets import DATA_SETS
from aeaug.training.divergence import Diverged
from tests.conftest import imported_sources, quiet_trainer

NETWORKS = ["article", "mlp", "conv", "denoising", "vae", "conv_vae", "rae"]
OWN = {"denoising": {"noise": 0.3}, "vae": {"beta": 1.0}, "conv_vae": {"beta": 1.0}, "rae": {"weight": 0.01}}


def options(**changes):
    settings = {
        "name": "article",
        "network": "article",
        "latent_dim": 32,
        "loss": "mse",
        "lr": 1e-3,
        "batch_size": 64,
        "steps": 8,
        "stopping": "fixed",
        "check_every": 4,
        "patience": 3,
        "hold_out": 0.1,
        "seed": 0,
    }
    chosen = settings | changes
    return TypeAdapter(AutoencoderChoice).validate_python(OWN.get(chosen["network"], {}) | chosen)


def batch(images):
    n = len(images)
    return Batch(images, torch.zeros(n, dtype=torch.bool), torch.arange(n))


@pytest.mark.parametrize("network", NETWORKS)
def test_shapes_and_range(network, embedded):
    module = AutoencoderModule(network, latent_dim=7, **OWN.get(network, {})).eval()
    images = to_float(embedded.train_images[:5])
    z = module.encode(images)
    assert z.shape == (5, 7)
    decoded = module.decode(100 * torch.randn(5, 7, generator=torch.Generator().manual_seed(0)))
    assert decoded.shape == (5, 1, 28, 28)
    assert decoded.min() >= -1
    assert decoded.max() <= 1
    assert module(images).equal(module.decode(z))


def test_the_article_network_is_the_articles():
    module = AutoencoderModule("article", 32)
    layers = [tuple(p.shape) for p in module.parameters() if p.ndim == 2]
    assert layers == [(64, 784), (32, 64), (64, 32), (784, 64)]
    assert module.encode(torch.rand(8, 1, 28, 28) * 2 - 1).min() == 0  # ReLU codes


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_every_parameter_gets_a_gradient(network, loss, embedded):
    module = AutoencoderModule(network, latent_dim=8, loss=loss, **OWN.get(network, {}))
    module._loss(to_float(embedded.train_images[:32])).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
    assert all(p.grad.abs().sum() > 0 for p in module.parameters())


def test_losses_against_their_formulas(embedded):
    images = to_float(embedded.train_images[:16])
    y = (images + 1) / 2
    for loss in ("mse", "bce"):
        module = AutoencoderModule("mlp", 8, loss=loss)
        p = (module(images) + 1) / 2
        expected = {
            "mse": (p - y).square().mean(),
            "bce": -(y * p.log() + (1 - y) * (1 - p).log()).mean(),
        }
        assert module.loss_on(images) == pytest.approx(expected[loss].item(), rel=1e-4)
        assert module.squared_error_on(images) == pytest.approx(expected["mse"].item(), rel=1e-4)


def test_seed_determines_weights():
    first, same, other = (AutoencoderModule("mlp", 8, seed=s).encoder[1].weight for s in (0, 0, 1))
    assert first.equal(same)
    assert not first.equal(other)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"autoencoder\.network=vqvae: must be one of article, mlp, conv"):
        AutoencoderModule("vqvae", 8)
    with pytest.raises(ValueError, match=r"autoencoder\.loss=l1: must be mse or bce"):
        AutoencoderModule("mlp", 8, loss="l1")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, embedded):
    store = ArtifactStore(tmp_path_factory.mktemp("artifacts"))
    chosen = options(network="mlp", name="mlp", steps=300, loss="bce", lr=3e-3, batch_size=20)
    return store, chosen, trained_autoencoder(store, chosen, embedded, progress=False)


def test_training_learns_to_reconstruct_held_out_images(trained, embedded):
    _, _, artifact = trained
    images = to_float(embedded.splits.val_images)
    with torch.no_grad():
        mse = ((artifact.module(images) - images) / 2).square().mean().item()
    spread = (images / 2).var(0).mean().item()  # of the best constant image
    assert mse < 0.7 * spread
    assert artifact.report["val_mse"] == pytest.approx(mse, rel=1e-4)
    assert artifact.report["val_loss"] == pytest.approx(artifact.module.loss_on(images), rel=1e-4)


def test_the_same_request_trains_nothing(trained, embedded):
    store, chosen, artifact = trained
    before = {p: p.stat().st_mtime_ns for p in store.root.rglob("*") if p.is_file() and p.suffix != ".lock"}
    again = trained_autoencoder(store, chosen, embedded, progress=False)
    after = {p: p.stat().st_mtime_ns for p in store.root.rglob("*") if p.is_file() and p.suffix != ".lock"}
    assert again.key == artifact.key
    assert before == after
    assert all(a.equal(b) for a, b in zip(again.module.parameters(), artifact.module.parameters(), strict=True))


def test_the_key_holds_the_subset_and_the_manifest_says_so(trained, embedded):
    store, _, artifact = trained
    manifest = json.loads((store.root / "autoencoder" / artifact.key / "manifest.json").read_text())
    assert manifest["recipe"]["subset"] == embedded.subset_sha256


def test_other_subset_seed_or_option_is_another_artifact(tmp_path, embedded):
    store = ArtifactStore(tmp_path)
    other = MNISTDataModule("mnist_5k", n_train=199)
    keys = {
        trained_autoencoder(store, options(steps=4), embedded, progress=False).key,
        trained_autoencoder(store, options(steps=4, seed=1), embedded, progress=False).key,
        trained_autoencoder(store, options(steps=4, lr=2e-3), embedded, progress=False).key,
        trained_autoencoder(store, options(steps=4), other, progress=False).key,
    }
    assert len(keys) == 4


def test_other_code_is_another_artifact_and_the_old_one_is_still_there(tmp_path, embedded, monkeypatch):
    store = ArtifactStore(tmp_path)
    old = trained_autoencoder(store, options(steps=4), embedded, progress=False)
    monkeypatch.setattr(training, "VERSION", {**training.VERSION, "code": "0123456789abcdef"})
    new = trained_autoencoder(store, options(steps=4), embedded, progress=False)
    assert new.key != old.key
    found = load_autoencoder(store.find("autoencoder", old.key))
    assert (found.key, found.report, found.seconds) == (old.key, old.report, old.seconds)
    assert found.subset_sha256 == embedded.subset_sha256
    assert all(a.equal(b) for a, b in zip(found.module.parameters(), old.module.parameters(), strict=True))


def test_weights_that_do_not_fit_todays_networks_are_refused_in_one_line(tmp_path, embedded, monkeypatch):
    store = ArtifactStore(tmp_path)
    old = trained_autoencoder(store, options(steps=4), embedded, progress=False)
    monkeypatch.setattr("aeaug.autoencoder.module.build_encoder", lambda *sizes: torch.nn.Linear(3, 3))
    with pytest.raises(ValueError, match=f"{old.key} does not fit this version of the code") as caught:
        load_autoencoder(store.find("autoencoder", old.key))
    assert "\n" not in str(caught.value)


def test_a_changed_layer_is_another_version_and_a_comment_is_none(tmp_path):
    for name in DEFINING:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PACKAGE / name, tmp_path / name)
    sources, networks = [tmp_path / name for name in DEFINING], tmp_path / "autoencoder" / "networks.py"
    assert recipe_version(*sources) == training.VERSION
    text = networks.read_text()
    networks.write_text(text.replace("Encoders and decoders", "Pairs") + "\n# The end.\n")
    assert recipe_version(*sources) == training.VERSION
    networks.write_text(text.replace("nn.Linear(pixels, 512)", "nn.Linear(pixels, 256)"))
    assert recipe_version(*sources) != training.VERSION


# What the training imports and its weights do not depend on; data are in the key themselves.
INDIFFERENT = {
    "artifacts.py",
    "autoencoder/artifact.py",
    "autoencoder/options.py",
    "autoencoder/manifold.py",
    "autoencoder/pictures.py",
    "data/datamodule.py",
    "data/description.py",
    "data/idx.py",
    *(f"data/sets/{name}.py" for name in DATA_SETS),
    "data/splits.py",
    "data/subset.py",
    "faults.py",
    "options.py",
    "training/bar.py",
    "training/checkpoint.py",
    "training/devices.py",
    "training/divergence.py",
    "training/pictures.py",
    "training/progress.py",
    "writing.py",
}


def test_every_source_that_the_training_imports_is_in_its_version_or_known_to_be_indifferent():
    files = {name for name in DEFINING if not name.endswith("__init__.py")}
    assert imported_sources("autoencoder/training.py") == files | INDIFFERENT


def test_training_is_a_function_of_its_options(tmp_path, embedded):
    """Twice, in two stores, whatever the global stream: the same weights, bit for bit."""
    modules = []
    for name in ("a", "b"):
        torch.manual_seed(len(modules))
        modules.append(trained_autoencoder(ArtifactStore(tmp_path / name), options(), embedded, progress=False).module)
    assert all(a.equal(b) for a, b in zip(*(m.parameters() for m in modules), strict=True))


def reckless(lr, **changes):
    """Options beyond their ranges."""
    return options(**changes).model_copy(update={"lr": lr})


def artifacts(store):
    return [path.name for path in store.root.rglob("*") if path.suffix != ".lock" and path.name != "autoencoder"]


@pytest.mark.cases(7)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("lr", [1e3, 1e6])
def test_a_learning_rate_that_nothing_survives_leaves_no_artifact(tmp_path, network, loss, lr, embedded):
    """The mean squared error of a saturated sigmoid hides it: of a black image it is half that of a grey one."""
    store = ArtifactStore(tmp_path)
    chosen = reckless(lr, network=network, loss=loss, steps=26, batch_size=16)
    with pytest.raises(Diverged, match=r"autoencoder.* after \d+ steps"):
        trained_autoencoder(store, chosen, embedded, progress=False)
    assert artifacts(store) == []


@pytest.mark.cases(2)
@pytest.mark.parametrize("network", NETWORKS)
def test_five_times_the_learning_rate_is_no_divergence(tmp_path, network, embedded):
    chosen = options(network=network, loss="bce", lr=1e-2, steps=65, batch_size=16)
    report = trained_autoencoder(ArtifactStore(tmp_path), chosen, embedded, progress=False).report
    assert report["val_loss"] < 0.6


def test_an_autoencoder_that_unlearns_has_diverged(tmp_path, embedded):
    """Too few steps to grow, each too far to help: what is left is worse than nothing."""
    store = ArtifactStore(tmp_path)
    with pytest.raises(
        Diverged, match=r"the autoencoder's training loss is \S+ after 2 steps, and was 0\.\d+ untrained"
    ):
        trained_autoencoder(
            store, reckless(0.3, network="mlp", loss="bce", steps=2, batch_size=100), embedded, progress=False
        )
    assert artifacts(store) == []


def test_overfitting_is_no_divergence(tmp_path):
    """Held-out images may come out worse than untrained; the training images do not."""
    ten = MNISTDataModule("mnist_5k", n_train=10)
    chosen = options(network="mlp", loss="bce", lr=3e-2, steps=40, batch_size=10)
    report = trained_autoencoder(ArtifactStore(tmp_path), chosen, ten, progress=False).report
    assert report["steps"] == 40


def test_reconstructions_that_are_not_finite_have_diverged(tmp_path, embedded, monkeypatch):
    store = ArtifactStore(tmp_path)
    learn = AutoencoderModule._loss

    def loss(self, images, draw=None):
        return learn(self, images, draw) * (1 if torch.is_grad_enabled() else torch.nan)

    monkeypatch.setattr(AutoencoderModule, "_loss", loss)
    for stopping, which in (("fixed", "autoencoder's training loss"), ("hold_out", "held-out loss")):
        with pytest.raises(Diverged, match=rf"the {which} is not finite after [48] steps"):
            trained_autoencoder(store, options(stopping=stopping), embedded, progress=False)
    assert artifacts(store) == []


def test_it_is_frozen_and_rebuilds_from_its_checkpoint_alone(trained):
    store, _, artifact = trained
    assert not any(p.requires_grad for p in artifact.module.parameters())
    path = store.root / "autoencoder" / artifact.key / "autoencoder.ckpt"
    alone = AutoencoderModule.load_from_checkpoint(path, weights_only=True)
    assert all(a.equal(b) for a, b in zip(alone.parameters(), artifact.module.parameters(), strict=True))


def test_tensorboard_has_the_pictures_and_the_codes(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    store, _, artifact = trained
    folder = store.root / "autoencoder" / artifact.key / "tensorboard"
    events = EventAccumulator(str(folder)).Reload()
    assert set(events.Tags()["images"]) == {
        "samples/held-out originals beside reconstructions",
        "samples/decodes of random codes",
    }
    assert {"train_loss", "val_loss", "val_mse"} <= set(events.Tags()["scalars"])
    codes = (folder / "00000" / "codes" / "tensors.tsv").read_text().splitlines()
    assert len(codes) == 200
    assert len(codes[0].split("\t")) == 32


def test_weights_of_a_gpu_are_other_ones_than_those_of_the_cpu(embedded):
    """A run on the CPU does not depend on which of the two came first."""

    class AskedError(Exception):
        pass

    class Store:
        def get(self, kind, recipe, build):
            raise AskedError(json.dumps(recipe, sort_keys=True, default=str))

    recipes = {}
    for accelerator in ("cpu", "gpu"):
        with pytest.raises(AskedError) as asked:
            trained_autoencoder(Store(), options(), embedded, accelerator=accelerator)
        recipes[accelerator] = json.loads(str(asked.value))
    assert "accelerator" not in recipes["cpu"]
    assert recipes["gpu"] == recipes["cpu"] | {"accelerator": "gpu"}


def test_every_network_has_an_objective():
    """One that is in none of the lists would be trained as a plain one, under its own name."""
    assert set(OBJECTIVES) == set(networks.NETWORKS)
    with pytest.raises(ValueError, match=r"^autoencoder\.network=sparse: must be one of "):
        objective_of("sparse")


def test_it_trains_on_the_data_module_of_a_gan_and_on_images_of_which_none_are_held_out():
    """With nothing but a Trainer, as somebody's own script has it."""
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20)
    module = AutoencoderModule()
    fitted = quiet_trainer(max_epochs=1, limit_val_batches=1.0)
    fitted.fit(module, data)
    assert fitted.callback_metrics.keys() == {"growth", "train_loss", "held_out_loss"}
    own = ReconstructionData(data.train_images, None, batch_size=20, batches=5, seed=0)
    fitted = quiet_trainer(max_epochs=1, limit_val_batches=1.0)
    fitted.fit(AutoencoderModule(), own)
    assert fitted.callback_metrics.keys() == {"growth", "train_loss"}
