"""What every source has, and what holds for all of them: pure functions of indices and draw, in range, and named."""

import json
from contextlib import suppress
from types import SimpleNamespace
from typing import get_args

import pytest
import torch
from pydantic import ValidationError

from aeaug.augmentation.sources import SourceChoice
from aeaug.augmentation.sources.decoded import DecodedSource
from tests.conftest import REPOSITORY, compose

MODELS = list(get_args(get_args(SourceChoice)[0]))
NAMES = [get_args(model.model_fields["name"].annotation)[0] for model in MODELS]


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


def others(model, options):
    """The same options with another value of each that is a number, one at a time."""
    for key, value in options.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            for changed in (value + 1, value / 2, value * 2):
                with suppress(ValidationError):
                    yield key, model.model_validate({**options, key: type(value)(changed)}).model_dump()
                    break
            else:
                raise AssertionError(f"{key}: no other value was found")


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_option_is_part_of_its_identity(model, source_of):
    """By it decoded images, their floors and their leak are kept, and found again."""
    options = chosen(NAMES[MODELS.index(model)])
    for key, changed in others(model, options):
        assert dict(source_of(**changed).identity) != dict(source_of(**options).identity), key


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_what_is_shown_of_the_autoencoder_is_said(model, decoded, embedded, draw, monkeypatch):
    """What takes decoded images takes the snapshot that they depend on; what decodes nothing says that it does not."""
    called = []
    monkeypatch.setattr(decoded, "snapshot", SimpleNamespace(identity="of a training"))
    monkeypatch.setattr(type(decoded), "__call__", lambda self, indices, draw: called.append(1) or self.real(indices))
    source = model(**chosen(NAMES[MODELS.index(model)])).of(decoded, embedded.fresh_images)
    made = len(called)
    assert bool(made) <= model.decodes, "its dose is that of decoded images"
    if isinstance(source, DecodedSource):
        return
    source(torch.tensor([5, 17]), draw(3))
    if len(called) > made:
        assert model.decodes
        assert source.snapshot is decoded.snapshot, "it is shown what is decoded, and has to keep up with a training"
    assert (len(called) > 0) == model.decodes


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_what_it_makes_of_training_images_it_makes_of_any(model, source_of, draw):
    """Where it says that it transforms: what it injects is what it would make of these images in the GAN's step, by the
    same draws; and a gradient passes to them. Where it does not say so, there is nothing to ask."""
    source = source_of(**chosen(NAMES[MODELS.index(model)]))
    transform = source.transform()
    assert (transform is not None) == model.transforms
    if transform is None:
        return
    indices = torch.tensor([5, 17, 199])
    images = source.real(indices)
    made = transform(images, draw(3))
    if not isinstance(source, DecodedSource):  # whose cached codes are of other batches
        assert made.equal(source(indices, draw(3)))
    assert made.shape == images.shape
    assert -1 <= float(made.detach().min()) <= float(made.detach().max()) <= 1
    assert transform(images[:0], draw()).shape == (0, 1, 28, 28)
    others = (torch.rand(4, 1, 28, 28, generator=draw(1)) - 0.5).requires_grad_()
    transform(others, draw(2)).sum().backward()
    assert others.grad is not None
    assert float(others.grad.abs().max()) > 0
    with torch.autocast("cpu", torch.bfloat16):
        assert transform(images.bfloat16(), draw(3)).dtype == torch.float32


def test_no_two_have_the_same_identity(source_of):
    said = [json.dumps(dict(source_of(**chosen(name)).identity), sort_keys=True) for name in NAMES]
    assert len(set(said)) == len(NAMES)
