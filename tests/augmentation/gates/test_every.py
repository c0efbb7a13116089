"""What every gate has: a file, an option file, a test, a place in the options; and what holds for all of them."""

from typing import get_args

import pytest

from aeaug.augmentation.gates import GateChoice
from aeaug.run.options import unused
from tests.conftest import REPOSITORY, options

NAMES = [get_args(model.model_fields["name"].annotation)[0] for model in get_args(get_args(GateChoice)[0])]
HOLD_OUT = ["autoencoder.stopping=hold_out", "autoencoder.check_every=2"]


def stems(folder, pattern):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def test_each_has_its_files():
    assert set(NAMES) == stems("conf/gate", "*.yaml")
    assert set(NAMES) == stems("src/aeaug/augmentation/gates", "*.py") - {"__init__", "gate"}
    assert {f"test_{name}" for name in NAMES} <= stems("tests/augmentation/gates", "test_*.py")


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"none"}))
def test_it_goes_together_with_whatever_uses_the_autoencoder_and_with_all_else_it_is_idle(name, tmp_path):
    for arm in ("append_gaussian", "replace_gaussian", "two_sided_gaussian", "consistency_gaussian", "append_noise"):
        assert "gate" not in unused(options(tmp_path, f"gate={name}", f"arm={arm}", *HOLD_OUT))
    for arm in ("none", "append_duplicates", "append_fresh"):
        assert unused(options(tmp_path, f"gate={name}", f"arm={arm}"))["gate"]
