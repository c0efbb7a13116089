import math
from types import SimpleNamespace

import pandas as pd
import pytest
from omegaconf import OmegaConf

from aeaug.gan import tuned
from aeaug.gan.options import GANOptions
from aeaug.gan.tuned import Tuned, tuned_r1_gamma
from aeaug.report.tuning import CURVES as COLUMNS
from aeaug.report.tuning import tunings
from tests.conftest import REPOSITORY, compose

MLP = {"network": "mlp", "loss": "non_saturating", "ema_rampup": 0.05}
DCGAN = MLP | {"network": "dcgan"}


@pytest.fixture
def planted(monkeypatch):
    """Two budgets of one network and one of another."""
    monkeypatch.setattr(
        tuned,
        "TUNED",
        (
            Tuned(MLP, 1000, 64, {100: 30.0, 500: 10.0, 50_000: 1.0}),
            Tuned(MLP, 200, 64, {100: 10.0, 500: 10.0}),
            Tuned(DCGAN, 1000, 64, {500: 3.0}),
        ),
    )


def gan(**changes):
    return SimpleNamespace(**(MLP | changes))


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(
    ("n_train", "images", "gamma"), [(100, 1000, 30), (500, 1000, 10), (100, 200, 10), (250, 200, 10)]
)
def test_what_was_measured_is_looked_up(n_train, images, gamma):
    assert tuned_r1_gamma(gan(), n_train, images, 64) == gamma
    assert tuned_r1_gamma(gan(network="dcgan"), 500, 1000, 64) == 3


@pytest.mark.usefixtures("planted")
def test_between_sizes_it_is_a_line_in_logarithms():
    # Half way from 500 to 50,000 is 5,000, and from 10 to 1 the square root of 10.
    assert tuned_r1_gamma(gan(), 5_000, 1000, 64) == pytest.approx(math.sqrt(10), abs=0.05)
    found = [tuned_r1_gamma(gan(), n, 1000, 64) for n in range(100, 50_001, 997)]
    assert found == sorted(found, reverse=True)
    assert all(float(f"{one:.2g}") == one for one in found)


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(
    ("changes", "n_train", "images", "batch_size", "said"),
    [
        ({"network": "article"}, 500, 1000, 64, r"tuned for gan\.network=mlp and dcgan, not article"),
        ({"loss": "minimax"}, 500, 1000, 64, r"tuned for gan\.loss=non_saturating, not minimax"),
        ({"ema_rampup": None}, 500, 1000, 64, r"tuned for gan\.ema_rampup=0\.05, not null"),
        ({}, 500, 500, 64, r"tuned for budget\.images=1000 and 200, not 500"),
        ({}, 500, 1000, 32, r"tuned for budget\.batch_size=64, not 32"),
        ({}, 99, 1000, 64, r"tuned for data\.n_train from 100 to 50000, not 99"),
        ({"network": "dcgan"}, 100, 1000, 64, r"tuned for data\.n_train=500, not 100"),
    ],
)
def test_elsewhere_it_is_refused_in_one_line(changes, n_train, images, batch_size, said):
    with pytest.raises(ValueError, match=rf"^gan\.r1_gamma=auto: {said}; give a number$"):
        tuned_r1_gamma(gan(**changes), n_train, images, batch_size)


# --- the table itself

CURVES = REPOSITORY / "docs" / "tuning"
FILES = {"mlp": CURVES / "r1_mlp.csv"}


@pytest.mark.parametrize("one", tuned.TUNED, ids=lambda one: f"{one.settings['network']} {one.images}")
def test_every_weight_is_the_best_of_the_curves_that_are_kept(one):
    """docs/tuning.md prints them: the smallest geometric mean over three subsets, with worse values on both sides."""
    found = pd.read_csv(FILES[one.settings["network"]])[list(COLUMNS)].astype(COLUMNS)
    found = found[found["n_train"].isin(one.gamma)]
    assert found["seed"].between(9_000, 9_999).all()
    tables = {table.n_train: table for table in tunings(found, "gan.r1_gamma", [one.images])}
    assert {size: table.chosen for size, table in tables.items()} == one.gamma
    assert all(table.inside for table in tables.values())
    assert all(len(each) == 3 for table in tables.values() for each in table.end.values())


@pytest.mark.parametrize("name", ["mlp"])
def test_the_defaults_are_what_was_tuned(name):
    """An option file whose defaults change is another GAN."""
    gan = GANOptions.model_validate(OmegaConf.to_container(compose([f"gan={name}"]).gan))
    for one in tuned.TUNED:
        if one.settings["network"] == name:
            for size, gamma in one.gamma.items():
                assert tuned_r1_gamma(gan, size, one.images, one.batch_size) == gamma
