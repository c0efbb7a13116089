"""What a sweep looks for before its first run starts: without what takes as long to import as the plan of hundreds."""

import re
import subprocess
import sys

import pytest

from aeaug.run.fitting_data import require_data
from aeaug.run.options import parse_options
from aeaug.run.parts import data_of
from tests.conftest import REPOSITORY, compose

UNEVEN = ["data.n_train=60", "data.balanced=false", "perturbation=difference", "perturbation.within=class"]
LOOKED = """
import sys
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from aeaug.run.options import parse_options
from aeaug.sweep.plan.needed import require_what_they_need
with initialize_config_dir(sys.argv[1], version_base="1.3"):
    config = OmegaConf.to_container(compose("train", sys.argv[2:]), resolve=True)
require_what_they_need([parse_options(config)])
print(sorted({"torch", "lightning", "torchvision", "torchmetrics"} & set(sys.modules)))
"""


@pytest.mark.parametrize("trainer", ["auto", "cpu"])
def test_it_is_looked_for_without_lightning(trainer):
    given = ["arm=append_gaussian", "data=mnist_5k", "data.n_train=100", "autoencoder.steps=1", "variant=x"]
    command = [sys.executable, "-c", LOOKED, str(REPOSITORY / "conf"), *given, f"trainer={trainer}"]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.stdout.strip() == "['torch']", finished.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["data.n_train=null", "source=fresh"], "source=fresh: data.n_train=null leaves no image of data=mnist_5k"),
        (
            ["data.n_train=25", "data.balanced=false", "perturbation=difference", "perturbation.within=class"],
            "perturbation.within=class: the smallest class of the subset has 1 image, and difference needs 2",
        ),
        (["data.n_train=100", "source=fresh"], None),
        (["data.n_train=100", "debug=true"], None),
        (
            [*UNEVEN, "schedule=r_v", "schedule.hold_out=0.5"],
            "perturbation.within=class: the smallest class of the subset has 1 image, and difference needs 2",
        ),
        (UNEVEN, None),
    ],
)
def test_it_says_of_data_what_the_run_itself_would_say(given, says):
    options = parse_options(
        compose(["augmentation=append", "data=mnist_5k", "autoencoder.steps=1", "variant=x", *given])
    )
    for look in (require_data, data_of):
        if says is None:
            look(options)
            continue
        with pytest.raises(ValueError, match=f"^{re.escape(says)}") as caught:
            look(options)
        assert "\n" not in str(caught.value)
