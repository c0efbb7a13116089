import pytest
import torch

from aeaug.autoencoder.closed_form import closed_form
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.data import to_float
from aeaug.data.sets.mnist_5k import MNIST_5K, load_mnist_5k
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.evaluator import Evaluator
from aeaug.signs.of_autoencoders import OF_AUTOENCODERS, Given, rows_of_autoencoders, slope, smallness, unseen
from aeaug.signs.row import SEEDS


def linear(name, dimensions, images):
    return closed_form(ClosedFormOptions(name=name, network=name, latent_dim=dimensions), images)


@torch.no_grad()
def size(module, given):
    """Of a code's entry, in the root mean square."""
    return float(module.encode(given.unseen).square().mean().sqrt())


@pytest.fixture(scope="module")
def images():
    return load_mnist_5k()[0][::5]


@pytest.fixture(scope="module")
def given(images):
    trained, others = images[::2], images[1::2]
    return Given(to_float(trained), to_float(others), lambda found: float(found.square().mean()))


def test_of_pixels_themselves_everything_is_known(images, given):
    module = linear("identity", 784, images[::2])
    assert unseen(module, given) == pytest.approx(0, abs=1e-9)
    at_an_end = float((given.unseen.abs() == 1).double().mean())  # whence half of the steps lead out of the image
    assert slope(module, given) / size(module, given) == pytest.approx((1 - at_an_end / 2) ** 0.5, abs=0.01)
    assert smallness(module, given) == pytest.approx(float(((given.trained + 1) / 2).square().mean()), rel=1e-5)


def test_of_components_a_step_within_them_is_as_long_in_the_image(images, given):
    """They are orthonormal; what leaves the range of intensities is cut off."""
    errors = []
    for dimensions in (1, 8, 64):
        module = linear("pca", dimensions, images[::2])
        assert 0.7 < slope(module, given) / size(module, given) < 1 + 1e-3
        errors.append(unseen(module, given))
    assert 1 > errors[0] > errors[1] > errors[2] > 0


def test_a_number_is_what_tells_one_from_another(images):
    """Every number of every sign, of an autoencoder that is all it is to be and one that is not."""
    pool = images[:400]
    evaluator = Evaluator(to_float(images[1::2][:200]), load_feature_nets(MNIST_5K)["classifier"][0])
    given = Given.of(pool, evaluator, images[1::2][:200])
    good, bad = linear("pca", 64, pool), linear("pca", 1, pool)
    for one in OF_AUTOENCODERS:
        value, other = one.number(good, given), one.number(bad, given)
        assert torch.tensor([value, other]).isfinite().all()
        assert value != other or one.number in (slope, smallness)


def test_rows_have_each_sign_once_with_what_it_stands_beside(given, images):
    asked = []

    def measured(told, seed):
        asked.append((told, seed))
        return linear("pca", 8, images[::2]), given

    rows = list(rows_of_autoencoders(measured))
    assert [row["choice"] for row in rows] == [",".join(one.told) for one in OF_AUTOENCODERS]
    assert {seed for _, seed in asked} == set(SEEDS)
    assert {row["seen"] for row in rows if row["than"].startswith("autoencoder")} == {"0 of 3"}  # it is the same
