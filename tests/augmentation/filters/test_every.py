"""What every filter has: files, an arm, an identity; and what it is to be a rule."""

import json
from typing import get_args

import pytest
import torch
from pydantic import TypeAdapter

from aeaug.augmentation.filters import FilterChoice, Filtering
from tests.conftest import REPOSITORY, compose

OPTIONS = TypeAdapter(FilterChoice)
MODELS = {get_args(model.model_fields["name"].annotation)[0]: model for model in get_args(get_args(FilterChoice)[0])}
RULES = sorted(name for name, model in MODELS.items() if issubclass(model, Filtering))


def chosen(name):
    return OPTIONS.validate_python(dict(compose([f"filter={name}"]).filter))


def stems(folder, pattern):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def test_each_has_its_files():
    assert set(MODELS) == stems("conf/filter", "*.yaml")
    assert set(MODELS) == stems("src/aeaug/augmentation/filters", "*.py") - {"__init__", "filter", "filtered"}
    assert {f"test_{name}" for name in RULES} <= stems("tests/augmentation/filters", "test_*.py")
    assert {f"append_{name}" for name in RULES} <= stems("conf/arm", "append_*.yaml")


def test_without_one_a_source_is_what_it_is(decoded):
    assert chosen("none").of(decoded, decoded, None, 0) is decoded


@pytest.mark.parametrize("name", RULES)
def test_it_judges_each_image_by_itself_and_draws_nothing(name, decoded, judging, draw):
    rule = chosen(name).rule(decoded, judging[1], 0)
    indices = torch.arange(60)
    images = decoded(indices, draw(1))
    elsewhere, given = torch.get_rng_state(), images.clone()
    found = rule(images, indices)
    assert found.dtype == torch.bool
    assert found.shape == (60,)
    assert images.equal(given)
    assert torch.get_rng_state().equal(elsewhere)
    order = torch.randperm(60, generator=draw(2))
    assert rule(images[order], indices[order]).equal(found[order])
    assert rule(images[:0], indices[:0]).shape == (0,)


@pytest.mark.parametrize("name", RULES)
def test_what_is_kept_knows_the_filter_its_seed_and_whom_it_asks(name, decoded, judging):
    module, snapshot = judging
    said = [dict(chosen(name).of(decoded, decoded, snapshot, seed).identity) for seed in (0, 1)]
    assert len({json.dumps(one, sort_keys=True) for one in said}) == 2
    one = chosen(name).of(decoded, decoded, snapshot, 0)
    assert one.identity == said[0] != decoded.identity
    with torch.no_grad():
        module.discriminator.factor.mul_(2)
    snapshot.take()
    assert (one.identity == said[0]) is not MODELS[name].asks
    assert (one.snapshot is snapshot) is MODELS[name].asks
