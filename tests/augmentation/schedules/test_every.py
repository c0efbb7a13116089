"""What every schedule has: a file, an option file, a test, a place in the options; and what holds for all of them."""

from typing import get_args

import pytest

from aeaug.augmentation.schedules import ScheduleChoice, share_of
from aeaug.gan import GANModule
from aeaug.run.options import parse_options, unused
from tests.conftest import REPOSITORY, compose

NAMES = [get_args(model.model_fields["name"].annotation)[0] for model in get_args(get_args(ScheduleChoice)[0])]


def chosen(name, *more):
    return parse_options(compose([f"schedule={name}", "arm=append_gaussian", "variant=x", *more]))


def stems(folder, pattern):
    return {file.stem for file in (REPOSITORY / folder).glob(pattern)}


def test_each_has_its_files():
    assert set(NAMES) == stems("conf/schedule", "*.yaml")
    rooms = ("augmentation/schedules", "gan/schedules", "schedules")
    files = set().union(*(stems(f"src/aeaug/{room}", "*.py") for room in rooms))
    assert set(NAMES) == files - {"__init__", "schedule"}
    assert {f"test_{name}" for name in NAMES} <= set().union(*(stems(f"tests/{room}", "test_*.py") for room in rooms))


@pytest.mark.parametrize("name", NAMES)
def test_a_share_is_between_none_and_all(name):
    share = share_of(chosen(name).schedule, GANModule(generator_width=8, discriminator_width=8))
    if name == "constant":
        assert share is None
    else:
        found = [share(shown) for shown in (0, 1, 64, 64_000, 127_999, 128_000, 10**11)]
        assert all(0 <= one <= 1 for one in found)
        assert found == [share(shown) for shown in (0, 1, 64, 64_000, 127_999, 128_000, 10**11)]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"constant"}))
def test_it_goes_together_with_every_way_in_and_with_none_it_is_idle(name):
    for arm in ("append_gaussian", "replace_gaussian", "two_sided_gaussian", "consistency_gaussian"):
        options = parse_options(compose([f"schedule={name}", f"arm={arm}", "variant=x"]))
        assert "schedule" not in unused(options)
    assert unused(parse_options(compose([f"schedule={name}", "arm=none", "variant=x"])))["schedule"]
    with pytest.raises(ValueError, match=rf"^budget\.match=real: with schedule={name} it is not known beforehand"):
        chosen(name, "budget.match=real")
