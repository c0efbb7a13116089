"""What every injection has: an option file, an arm, a test file, and rates that say what the datamodule does."""

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from aeaug.augmentation import AugmentationOptions, Injection
from aeaug.data import MNISTDataModule
from tests.conftest import REPOSITORY, compose

OPTIONS = TypeAdapter(AugmentationOptions)
MODELS = {
    get_args(model.model_fields["name"].annotation)[0]: model for model in get_args(get_args(AugmentationOptions)[0])
}


def chosen(name):
    return OPTIONS.validate_python(dict(compose([f"augmentation={name}"]).augmentation))


def test_each_has_its_files():
    options = {file.stem for file in (REPOSITORY / "conf" / "augmentation").glob("*.yaml")}
    assert options == {*MODELS, "auto"}, "auto is looked up (tests/run/test_recommended.py)"
    arms = {file.stem for file in (REPOSITORY / "conf" / "arm").glob("*.yaml")}
    for name in MODELS:
        assert name in arms or any(arm.startswith(f"{name}_") for arm in arms), name
        assert (REPOSITORY / "src" / "aeaug" / "augmentation" / f"{name}.py").is_file()
    tested = {file.stem.removeprefix("test_") for file in (REPOSITORY / "tests" / "augmentation").glob("test_*.py")}
    assert {name for name, model in MODELS.items() if not issubclass(model, Injection)} <= tested | {"none"}


@pytest.mark.parametrize("name", MODELS)
def test_an_option_file_is_the_model_of_its_name(name):
    assert type(chosen(name)) is MODELS[name]


@pytest.mark.parametrize("name", MODELS)
def test_real_images_have_the_share_that_is_promised(name):
    """Over whole passes; what enters in the GAN's step leaves what is handed out as it is."""
    augmentation = chosen(name)
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=100, images_per_epoch=20_000)
    if rates := augmentation.rates():
        data.inject(lambda indices, generator: data.train_images[indices].float().unsqueeze(1), **rates)
    synthetic = sum(int(batch.synthetic.sum()) for batch in data.train_dataloader())
    assert 1 - synthetic / 20_000 == pytest.approx(float(augmentation.real_share()), abs=0.015)


@pytest.mark.parametrize(
    ("options", "rates"),
    [
        ({"name": "none"}, {}),
        ({"name": "append", "ratio": 2}, {"ratio": 2.0}),
        ({"name": "replace", "probability": 0.25}, {"probability": 0.25}),
        ({"name": "two_sided", "probability": 0.25}, {}),
        ({"name": "consistency", "weight": 10}, {}),
    ],
)
def test_they_say_what_the_datamodule_needs(options, rates):
    assert OPTIONS.validate_python(options).rates() == rates


@pytest.mark.parametrize(
    "options",
    [
        {"name": "append", "ratio": 0},
        {"name": "append", "ratio": -1},
        {"name": "replace", "probability": 1.1},
        {"name": "replace", "probability": 0},
        {"name": "append", "probability": 0.5},
        {"name": "two_sided", "probability": 0.5},
        {"name": "two_sided", "probability": 0},
        {"name": "consistency", "weight": 0},
    ],
)
def test_rates_out_of_range_are_refused(options):
    with pytest.raises(ValidationError):
        OPTIONS.validate_python(options)
