"""What every penalty has: a file, an option file, a test, and a place in the options."""

import pytest

from aeaug.gan.options import GANOptions
from aeaug.gan.penalties import PenaltyOptions
from aeaug.run.options import parse_options
from tests.conftest import REPOSITORY, compose

NAMES = sorted(PenaltyOptions.model_fields)


def stems(folder, pattern="*"):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def test_each_has_its_files():
    assert set(NAMES) == stems("conf/gan/penalty", "*.yaml")
    assert set(NAMES) == stems("src/aeaug/gan/penalties", "*.py") - {"__init__", "penalty", "r1"}
    assert {f"test_{name}" for name in NAMES} <= stems("tests/gan/penalties", "*.py")


@pytest.mark.parametrize("choice", [[], *([name] for name in NAMES), NAMES], ids="+".join)
def test_those_that_are_chosen_are_there_and_no_other(choice):
    gan: GANOptions = parse_options(compose([f"gan/penalty=[{','.join(choice)}]", "variant=x"])).gan
    assert sorted(gan.penalty.chosen()) == choice
    assert sorted(gan.model_dump()["penalty"]) == choice, "what is kept of a run"
