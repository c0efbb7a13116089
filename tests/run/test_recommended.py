"""``augmentation=auto`` is the arm that was best with as many images, and is refused where nothing was measured."""

import json

import hydra
import pytest

from aeaug.run import recommended as module
from aeaug.run.identity.settings import settings
from aeaug.run.recommended import recommended
from aeaug.sweep.composition.composing import composed
from aeaug.sweep.composition.composition import names_of, overrides_of
from aeaug.sweep.composition.overrides import CONF, word
from aeaug.sweep.plan.plan import plan_of

SETTING = ["data=mnist_5k", "gan=mlp", "budget=default", "gan.r1_gamma=auto"]
ARMS = {100: ["arm=consistency_gaussian", "augmentation.weight=1"], 500: ["arm=append_gaussian"], 2000: ["arm=none"]}


def entry(n_train, overrides):
    options = composed([*SETTING, *overrides, f"data.n_train={n_train}"])
    change = None if overrides == ["arm=none"] else -0.2
    return {
        "overrides": overrides,
        "settings": {key: word(value) for key, value in settings(options.model_dump(mode="json")).items()},
        "control": "none",
        "pairs": 0 if change is None else 12,
        "change": change,
        "interval": None if change is None else [-0.3, -0.1],
        "elsewhere": {} if change is None else {"self_supervised": [-0.1, -0.25, 0.05]},
    }


@pytest.fixture(autouse=True)
def measured(tmp_path, monkeypatch):
    """A file as if these arms had been found best."""
    file = tmp_path / "recommended.json"
    file.write_text(json.dumps({size: entry(size, overrides) for size, overrides in ARMS.items()}))
    monkeypatch.setattr(module, "FILE", file)
    module._read.cache_clear()
    yield file
    module._read.cache_clear()


@pytest.mark.cases(3)
@pytest.mark.parametrize("n_train", [100, 120, 500, 300, 900, 2000])
def test_it_is_the_arm_that_was_measured_with_the_nearest_size(n_train):
    """On the log axis: 223.6 lies in the middle of 100 and 500, 1,000 in that of 500 and 2,000."""
    nearest = 100 if n_train < 223.6 else 500 if n_train < 1000 else 2000
    auto = composed([*SETTING, "augmentation=auto", f"data.n_train={n_train}"])
    typed = composed([*SETTING, *ARMS[nearest], f"data.n_train={n_train}"])
    assert auto.model_copy(update={"variant": ""}) == typed.model_copy(update={"variant": ""})


def test_it_is_called_as_the_arm_is():
    assert (
        composed([*SETTING, "augmentation=auto", "data.n_train=500"]).variant
        == composed([*SETTING, "arm=append_gaussian", "data.n_train=500"]).variant
    )


def test_a_sweep_may_have_it_beside_others(tmp_path):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        given = [f"outputs={tmp_path}", *SETTING, "augmentation=none,auto", "data.n_train=100,500", "seed=0,1"]
        config = hydra.compose("train", [given[0], *SETTING], return_hydra_config=True)
        config.hydra.overrides.task = given
        plan = plan_of(config)
        assert names_of(config.hydra).hydras == ()
        assert overrides_of(config.hydra) == given
    names = {folder.parent.name for folder in plan.jobs}
    assert len(plan.jobs) == 8
    assert {"append_gaussian,data.n_train=500", "consistency_gaussian,augmentation.weight=1,data.n_train=100"} < names


def test_what_it_rests_on_is_said():
    assert recommended("mnist_5k", 450).words == (
        "augmentation=auto: arm=append_gaussian; with 500 images −18.1% [−25.9%, −9.5%] of FD against none, 12 pairs"
        ", in label-free features −9.5% [−22.1%, +5.1%]"
    )
    assert recommended("mnist", 1900).words == "augmentation=auto: arm=none; with 2,000 images no arm is shown to help"


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["data.n_train=50"], "measured for data.n_train from 100 to 2000, not 50"),
        (["data.n_train=3000"], "measured for data.n_train from 100 to 2000, not 3000"),
        (["data.n_train=null"], "measured for data.n_train from 100 to 2000, not 3500"),
        (["data.n_train=500", "budget.images=512000"], "measured with budget.images=1280000, not 512000"),
        (["data.n_train=500", "gan=dcgan", "gan.r1_gamma=1"], "measured with gan.discriminator_depth=2, not 1"),
        (["data.n_train=500", "gan.r1_gamma=1"], r"measured with gan\.r1_gamma=auto, not 1\.0"),
        (["data.n_train=500", "autoencoder.steps=100"], r"measured with autoencoder\.steps=auto, not 100"),
        (["data.n_train=450", "gan.r1_gamma=30"], r"measured with gan\.r1_gamma=auto, not 30"),
        (["data.n_train=500", "arm=none"], "arm=none: augmentation=auto says that"),
        (["data.n_train=500", "perturbation=uniform"], "perturbation=uniform: augmentation=auto says that"),
        (["data.n_train=500", "filter=manifold"], "filter=manifold: augmentation=auto says that"),
        (["data.n_train=500", "augmentation.ratio=2"], "augmentation.ratio=2: only augmentation=append"),
        (["data.n_train=500", "gan/penalty=[lecam]"], r"gan\.penalty=\[lecam\]: augmentation=auto says that"),
    ],
)
def test_it_is_refused_where_nothing_was_measured(more, words):
    with pytest.raises(ValueError, match=words):
        composed([*SETTING, "augmentation=auto", *more])


def test_what_was_looked_up_may_be_typed_at_the_size_that_was_measured():
    typed = composed([*SETTING, "gan.r1_gamma=30", "augmentation=auto", "data.n_train=500"])
    auto = composed([*SETTING, "augmentation=auto", "data.n_train=500"])
    assert typed.model_copy(update={"variant": ""}) == auto.model_copy(update={"variant": ""})


def test_the_embedded_images_are_taken_for_those_that_were_measured(measured):
    """In the file of a main experiment stands ``mnist``."""
    content = json.loads(measured.read_text())
    for one in content.values():
        one["settings"]["data.name"] = "mnist"
    measured.write_text(json.dumps(content))
    module._read.cache_clear()
    assert composed([*SETTING, "augmentation=auto", "data.n_train=500"]).augmentation.name == "append"


def test_before_anything_was_measured_it_is_refused(measured):
    measured.write_text("{}")
    module._read.cache_clear()
    with pytest.raises(ValueError, match=r"^augmentation=auto: nothing is measured yet; choose an arm by its name"):
        composed([*SETTING, "augmentation=auto", "data.n_train=500"])
