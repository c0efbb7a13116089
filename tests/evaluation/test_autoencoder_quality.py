from types import SimpleNamespace

import pytest
import torch

from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.evaluation.autoencoder_quality import GAMMAS, autoencoder_quality


class Linear(AutoencoderModule):
    """Codes are the pixels, decoding gives them back: what everything measured here has a known answer for."""

    def encode(self, images):
        return images.flatten(1)

    def decode(self, z):
        return z.clamp(-1, 1).view(-1, 1, 28, 28)


class Halves(AutoencoderModule):
    """Codes are two pixels in the middle; decoded, the left half is the first one, the right half the second."""

    def encode(self, images):
        return images.flatten(1)[:, [405, 378]]

    def decode(self, z):
        return z.view(-1, 1, 1, 2).repeat_interleave(14, 3).expand(-1, 1, 28, 28)


class Shown:
    """An evaluator that keeps the images that it is to measure."""

    def __init__(self, n):
        self.n, self.images = n, []

    def __len__(self):
        return self.n

    def features(self, images):
        self.images.append(images)
        return SimpleNamespace(logits=torch.zeros(len(images), 0))

    def frechet_distance(self, features):
        return 0.0


@pytest.fixture(scope="module")
def data():
    data = MNISTDataModule("mnist_5k", n_train=300)
    data.setup()
    return data


@pytest.fixture(scope="module")
def validation(data):
    return Evaluator(to_float(data.splits.val_images), load_feature_net(MNIST)[0])


def quality(data, validation, autoencoder):
    return autoencoder_quality(autoencoder.eval(), data, validation, 30.0, seed=0)


def test_a_perfect_autoencoder(data, validation):
    found = quality(data, validation, Linear(latent_dim=784))
    assert found["held_out_error"] == 0
    assert found["gammas"] == list(GAMMAS)
    copies = to_float(data.train_images[torch.arange(500) % 300])
    assert found["perturbed_frechet"][0] == pytest.approx(validation.evaluate(copies)["frechet_distance"], rel=1e-6)
    # The feature net names nearly all real digits, fewer under noise, and noise alone moves away from digits.
    assert found["labels_kept"][0] > 0.97
    assert found["labels_kept"][-1] < 0.8
    assert found["perturbed_frechet"] == sorted(found["perturbed_frechet"])
    assert found["random_frechet"] > found["perturbed_frechet"][2]
    assert found["probe_accuracy"] == found["pixel_probe_accuracy"] > 0.7
    assert 5 < found["intrinsic_dimension"] < 30  # of MNIST's digits; studies give 10 to 15
    assert (found["latent_dim"], found["real_frechet"]) == (784, 30.0)


def test_an_untrained_autoencoder_restores_nothing(data, validation):
    found = quality(data, validation, AutoencoderModule("mlp", latent_dim=4))
    assert found["held_out_error"] > 0.1  # grey images
    assert found["labels_kept"][0] < 0.3
    assert found["perturbed_frechet"][0] > 1_000
    assert found["latent_dim"] == 4


def test_the_error_is_of_intensities_and_random_latents_have_the_mean_and_spread_of_codes():
    """In [0, 1], where an image's values in [-1, 1] are twice as far apart; and of a decoded random latent both numbers
    can be read off the image."""
    few = MNISTDataModule("mnist_5k", n_train=100)
    few.setup()
    few.train_labels = torch.zeros(100, dtype=torch.long)  # without probes, which take longest
    autoencoder, shown = Halves("mlp", latent_dim=2), Shown(4_000)
    found = quality(few, shown, autoencoder)
    held_out = to_float(few.splits.val_images)
    wrong = (autoencoder.decode(autoencoder.encode(held_out)) - held_out) / 2
    assert found["held_out_error"] == pytest.approx(float(wrong.square().mean()), rel=1e-5)
    codes, random = autoencoder.encode(to_float(few.train_images)), shown.images[-1][:, 0, 0, [0, 27]]
    spread = codes.std(0, correction=0)
    assert ((random.mean(0) - codes.mean(0)).abs() < 5 * spread / 4_000**0.5).all()
    torch.testing.assert_close(random.std(0), spread, rtol=5 / (2 * 4_000) ** 0.5, atol=0)


def test_a_subset_of_one_class_has_no_probes(validation):
    """Drawn at random, a few images may be of one class; all else is measured."""
    few = MNISTDataModule("mnist_5k", n_train=20, balanced=False)
    few.setup()
    few.train_images, few.train_labels = few.train_images[:12], few.train_labels[:12].fill_(3)
    found = quality(few, validation, AutoencoderModule("mlp", latent_dim=4))
    assert (found["probe_accuracy"], found["pixel_probe_accuracy"]) == (None, None)
    assert found["held_out_error"] > 0


def test_nothing_of_it_depends_on_what_ran_before(data, validation):
    autoencoder = AutoencoderModule("mlp", latent_dim=4)
    first = quality(data, validation, autoencoder)
    torch.rand(7)
    assert quality(data, validation, autoencoder) == first
