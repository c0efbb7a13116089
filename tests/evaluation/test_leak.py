import pytest
import torch
from torch.nn.functional import avg_pool2d

from aeaug.artifacts import ArtifactStore
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import extract, load_feature_net
from aeaug.evaluation import leak as module
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.leak import LeakInstrument


class Blur:
    """An autoencoder whose reconstructions are smoothed images."""

    device = torch.device("cpu")

    def __call__(self, images):
        return avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)


@pytest.fixture(scope="module")
def data():
    data = MNISTDataModule("mnist_5k", n_train=300)
    data.setup()
    return data


def leak(generated, decoded, autoencoder, data, kept=None, key="a" * 16, seed=0):
    net, sha256 = load_feature_net(MNIST)
    instrument = LeakInstrument(autoencoder, key, data, net, sha256, seed, kept=kept)
    fed = None if decoded is None else instrument.share_decoded({"of": "a test"}, lambda: decoded)
    return instrument(generated, extract(generated, net), fed)


def test_a_generator_of_smoothed_images_leaks_and_one_of_real_images_does_not(data):
    real = to_float(data.splits.pool_images[1_000:1_300])
    smoothed = Blur()(real)
    honest = leak(real, None, Blur(), data)
    leaking = leak(smoothed, smoothed, Blur(), data)
    for found in (honest, leaking):
        assert found["held_out_accuracy"] > 0.95
        assert found["held_out_accuracy"] == pytest.approx((1 - found["share_real"] + found["share_reconstructed"]) / 2)
        assert found["frechet_difference"] == pytest.approx(
            found["frechet_to_reconstructed"] - found["frechet_to_test"]
        )
    assert honest["share_generated"] < 0.05 < 0.95 < leaking["share_generated"]
    assert honest["frechet_difference"] > 0 > leaking["frechet_difference"]
    assert honest["share_decoded"] is None
    assert leaking["share_decoded"] == leaking["share_generated"]


def test_the_images_compared_have_the_same_classes_however_many_there_are(monkeypatch):
    """Of a subset that is larger than what is looked at, its first images, as of the test split."""
    monkeypatch.setattr(module, "LARGEST", 200)
    data = MNISTDataModule("mnist_5k", n_train=1_000)
    data.setup()
    assert data.even
    compared = []

    def watched(autoencoder, images):
        compared.append(images)
        return images

    monkeypatch.setattr(module, "_reconstruct", watched)
    leak(to_float(data.splits.pool_images[1_000:1_200]), None, Blur(), data)
    train = to_float(data.train_images)
    rows = [int((train == image).flatten(1).all(1).nonzero()[0]) for image in compared[0]]
    assert data.train_labels[rows].bincount().tolist() == [20] * 10


def test_an_autoencoder_that_changes_nothing_leaves_nothing_to_find(data):
    class Identity(Blur):
        def __call__(self, images):
            return images

    found = leak(to_float(data.splits.pool_images[1_000:1_300]), None, Identity(), data)
    assert found["held_out_accuracy"] == 0.5
    assert found["share_real"] == found["share_reconstructed"]


def test_missing_grey_levels_are_no_smoothing(data):
    """An autoencoder that is perfect but for what 8 bits cannot hold is not told from real images."""

    class Nearly(Blur):
        def __call__(self, images):
            return images.clamp(-1 + 1e-3, 1 - 1e-3)

    found = leak(to_float(data.splits.pool_images[1_000:1_300]), None, Nearly(), data)
    assert found["held_out_accuracy"] == 0.5


def test_an_instrument_that_was_kept_measures_the_same_and_is_not_built_again(data, tmp_path, monkeypatch):
    generated, kept = to_float(data.splits.pool_images[1_000:1_300]), Kept(ArtifactStore(tmp_path))
    direct = leak(generated, generated, Blur(), data)
    assert leak(generated, generated, Blur(), data, kept) == direct
    monkeypatch.setattr(module, "train_classifier", lambda *_: pytest.fail("trained again"))
    assert leak(generated, generated, Blur(), data, kept) == direct
    for other in ({"key": "b" * 16}, {"seed": 1}):
        with pytest.raises(pytest.fail.Exception, match="trained again"):
            leak(generated, None, Blur(), data, kept, **other)
