import torch

from aeaug.autoencoder.objectives import Plain
from tests.autoencoder.objectives.conftest import networks


def test_it_is_the_error_of_what_is_decoded_from_the_code_of_the_image():
    y = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert Plain().loss(y, networks(), None) == ((y * 0.5 - y) ** 2).mean()
    assert not Plain.random
