"""Changes of pixels have the dose of decoding, whatever it is."""

import pytest
import torch

from aeaug.augmentation.sources.changed import ChangedSource, dose
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.augmentation.sources.noise import Noise
from aeaug.faults import Fault
from aeaug.perturbation.gaussian import Gaussian
from tests.augmentation.sources.conftest import OPTIONS, Nearly

CHANGES = ["noise", "blur", "shift"]


def decoding(embedded, gamma):
    return DecodedSource(Nearly("mlp", 784), embedded.train_images, Gaussian(name="gaussian", gamma=gamma))


@pytest.mark.cases(2)
@pytest.mark.parametrize("gamma", [0.05, 0.5])
@pytest.mark.parametrize("name", CHANGES)
def test_the_dose_is_that_of_decoding(name, gamma, embedded):
    given = decoding(embedded, gamma)
    source = OPTIONS.validate_python({"name": name}).of(given, embedded.fresh_images)
    assert dose(source) == pytest.approx(dose(given), rel=0.01)
    images, indices = source.real(torch.arange(200)), torch.arange(200)
    change = float((source(indices, torch.Generator().manual_seed(9)) - images).square().mean())
    assert change == pytest.approx(dose(given), rel=0.1), "by other draws too"


def test_a_dose_beyond_a_change_is_one_line(embedded):
    class Inverted(Nearly):
        def decode(self, z):
            return -z.view(-1, 1, 28, 28).clamp(-1, 1)

    given = DecodedSource(Inverted("mlp", 784), embedded.train_images, Gaussian(name="gaussian", gamma=0.001))
    with pytest.raises(Fault, match=r"source=noise: it changes images by \S+ at most, and decoding changes them by"):
        Noise(name="noise").of(given, embedded.fresh_images)


@pytest.mark.parametrize("name", CHANGES)
def test_one_that_may_fall_short_is_the_strongest_there_and_no_other_elsewhere(name, embedded):
    class Inverted(Nearly):
        def decode(self, z):
            return -z.view(-1, 1, 28, 28).clamp(-1, 1)

    change = OPTIONS.validate_python({"name": name})
    beyond = DecodedSource(Inverted("mlp", 784), embedded.train_images, Gaussian(name="gaussian", gamma=0.001))
    assert change.falling_short().of(beyond, embedded.fresh_images).strength == change.strongest
    within = decoding(embedded, 0.5)
    found, same = (one.of(within, embedded.fresh_images) for one in (change, change.falling_short()))
    assert found.strength == same.strength < change.strongest
    assert found.identity == same.identity


class Plus:
    """A source and a change: what is black, brighter by so much; how many images it was asked for is counted."""

    name, strongest, identity = "plus", 10.0, {}

    def __init__(self, strength, count):
        self.strength, self.images, self.asked = strength, torch.zeros(count, 2, 2, dtype=torch.uint8), 0
        self.device = torch.device("cpu")

    def real(self, indices):
        return torch.zeros(len(indices), 1, 2, 2)

    def __call__(self, indices, draw):
        self.asked += len(indices)
        return self.changed(self.real(indices), self.strength, draw)

    def changed(self, images, strength, draw):
        return images + strength


@pytest.mark.parametrize(("count", "drawn"), [(100, 4_000), (300, 4_200), (1_000, 4_000), (3_000, 4_000)])
def test_a_dose_is_of_four_thousand_draws_at_least(count, drawn):
    source = Plus(0.5, count)
    assert dose(source) == pytest.approx(0.25, rel=1e-6)
    assert source.asked == drawn


def test_the_strength_is_found_to_a_millionth_of_the_strongest():
    found = ChangedSource(Plus(0.123456, 1_000), Plus(None, 0)).strength
    assert found == pytest.approx(0.123456, abs=10 / 1e6)
