"""An advice from the command to its one line, in small: what it runs, keeps, goes on with and refuses."""

import json

import pytest

from tests.conftest import tiny
from tests.terminal import typed

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture
def asking(tmp_path):
    """Ask for advice into tmp_path, in small."""

    def ended(*more, minutes=60.0):
        given = [one for one in tiny() if not one.startswith(("budget.images", "evaluation.every"))]
        small = ["advise.images=[400]", "advise.weights=[]", "advise.tuning_seeds=[9000]", "hydra.launcher.n_jobs=1"]
        small += ["autoencoder.stopping=fixed"]
        given = [*given, *small, f"advise.minutes={minutes}", f"outputs={tmp_path}", "name=mine"]
        merged = {one.partition("=")[0]: one for one in [*given, *more]}
        return typed("train", "-m", "experiment=advise", *merged.values())

    return ended


def stored(tmp_path):
    return json.loads((tmp_path / "runs" / "mine" / ".advise.json").read_text())


def test_all(asking, tmp_path):
    ended = asking("advise.arms=[none variant=twin]", "evaluation.classifier_steps=20")
    print(ended.printed, ended.said)
    assert ended.status == 0
    assert 0
