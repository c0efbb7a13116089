"""What every source has, and what holds for all of them: pure functions of indices and draw, in range, and named."""

import json
from typing import get_args

import pytest
import torch

from aeaug.augmentation.sources import SourceChoice
from tests.conftest import REPOSITORY, compose

NAMES = [get_args(model.model_fields["name"].annotation)[0] for model in get_args(get_args(SourceChoice)[0])]


def chosen(name):
    return dict(compose([f"source={name}"]).source)


def stems(folder, pattern):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def test_each_has_its_files():
    assert set(NAMES) == stems("conf/source", "*.yaml")
    assert set(NAMES) == stems("src/aeaug/augmentation/sources", "*.py") - {"__init__", "source", "options", "changed"}
    assert {f"test_{name}" for name in NAMES} <= stems("tests/augmentation/sources", "test_*.py")
    assert {f"append_{name}" for name in NAMES if name != "decoded"} <= stems("conf/arm", "append_*.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_pure_function_of_indices_and_draw(name, source_of, draw):
    source = source_of(**chosen(name))
    indices, elsewhere = torch.tensor([5, 5, 17, 199, 0]), torch.get_rng_state()
    first = source(indices, draw(3))
    assert first.shape == (5, 1, 28, 28)
    assert first.dtype == torch.float32
    assert -1 <= float(first.min()) <= float(first.max()) <= 1
    assert first.equal(source(indices, draw(3)))
    assert source(indices[:0], draw()).shape == (0, 1, 28, 28)
    assert torch.get_rng_state().equal(elsewhere)
    assert source.sample(indices, seed=1).equal(source.sample(indices, seed=1))


def test_no_two_have_the_same_identity(source_of):
    said = [json.dumps(dict(source_of(**chosen(name)).identity), sort_keys=True) for name in NAMES]
    assert len(set(said)) == len(NAMES)
