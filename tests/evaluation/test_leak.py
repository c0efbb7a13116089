import pytest
import torch
from torch.nn.functional import avg_pool2d

from aeaug.artifacts import ArtifactStore
from aeaug.classifier import ImageClassifier
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.data.subset import draw_subset
from aeaug.evaluation import extract, load_feature_net
from aeaug.evaluation import leak as module
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.leak import LeakInstrument, _grey_levels


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


def test_real_features_are_of_test_images_with_the_classes_of_the_subset_whatever_their_order(monkeypatch):
    """Of a test split that is sorted by class, the first images would be of one."""
    data = MNISTDataModule("mnist_5k", n_train=100)
    data.setup()
    splits, order = data.splits, data.splits.test_labels.argsort(stable=True)
    splits = splits._replace(test_images=splits.test_images[order], test_labels=splits.test_labels[order])
    data._take(splits, draw_subset(splits.pool_labels, 100, 0, unseen=splits.pool_unseen))
    extracted = []
    monkeypatch.setattr(module, "extract", lambda images, net: extracted.append(images) or extract(images, net))
    leak(to_float(splits.pool_images[1_000:1_100]), None, Blur(), data)
    test = to_float(splits.test_images)
    rows = [int((test == image).flatten(1).all(1).nonzero()[0]) for image in extracted[1]]
    assert splits.test_labels[rows].bincount().tolist() == [10] * 10


def test_the_classifier_is_tested_on_images_that_it_was_not_trained_on(data, monkeypatch):
    shown, judged = [], []

    def untrained(images, *_):
        shown.append(images)
        return ImageClassifier(2, data.description.shape)

    monkeypatch.setattr(module, "train_classifier", untrained)
    monkeypatch.setattr(module, "_share", lambda classifier, images: judged.append(images) or 0.5)
    leak(to_float(data.splits.pool_images[1_000:1_300]), None, Blur(), data)
    held_out = to_float(data.splits.val_images)
    assert [len(images) for images in shown] == [600]
    assert judged[0].equal(held_out)
    assert judged[1].equal(Blur()(held_out))


def test_real_images_have_their_grey_levels_already_and_what_lies_between_goes_to_the_nearest():
    levels = to_float(torch.arange(256, dtype=torch.uint8).view(1, 16, 16))
    for between in (-0.4, 0.0, 0.4):
        torch.testing.assert_close(_grey_levels(levels + between * 2 / 255), levels, rtol=0, atol=1e-6)


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
