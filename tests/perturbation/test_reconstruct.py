import pytest
import torch
from pydantic import ValidationError

from aeaug.perturbation.reconstruct import Reconstruct
from tests.perturbation.conftest import draw


def test_codes_stay_as_they_are(codes):
    index = torch.tensor([5, 0, 399, 5])
    assert Reconstruct(name="reconstruct")(codes, index, draw()).equal(codes.z[index])


def test_nothing_can_be_chosen():
    with pytest.raises(ValidationError):
        Reconstruct(name="reconstruct", gamma=1.0)
