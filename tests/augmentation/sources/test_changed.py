"""Changes of pixels have the dose of decoding, whatever it is."""

import pytest
import torch

from aeaug.augmentation.sources.changed import dose
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
