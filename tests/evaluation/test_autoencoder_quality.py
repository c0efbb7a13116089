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
