"""What of a run's files says that today's program would not go on with it."""

import copy

import pytest

from aeaug.options import flat
from aeaug.run.identity.free import is_free
from aeaug.run.identity.identity import lacking
from aeaug.run.identity.provenance import changed_software, versions
from aeaug.sweep.status.staleness import changed_options
from tests.conftest import options

RICH = ["arm=append_interpolate", "gan/penalty=[r2,lecam]", "gan/view=ada", "autoencoder=vae", "schedule=r_t"]
RICH += ["budget.images=256000", "gan/r1_schedule=linear", "gan/penalty_schedule=step"]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return options(tmp_path_factory.mktemp("config"), *RICH).model_dump(mode="json")


def without(config, key):
    changed = copy.deepcopy(config)
    *path, last = key.split(".")
    section = changed
    for part in path:
        section = section[part]
    del section[last]
    return changed


def test_every_option_that_is_missing_is_named_and_wherever_a_start_would_miss_it(config):
    assert changed_options(config) == []
    for key in flat(config):
        changed = without(config, key)
        reasons = changed_options(changed)
        assert reasons == ([] if is_free(key) else [f"config.yaml has no {key}"]) or key.endswith(".name"), key
        if lacking(changed, config):
            assert reasons, key


@pytest.mark.parametrize("section", ["", "gan", "gan.penalty.lecam", "gan.view", "perturbation", "evaluation"])
def test_an_option_that_is_no_more_is_named(config, section):
    changed = copy.deepcopy(config)
    place = changed
    for part in filter(None, section.split(".")):
        place = place[part]
    place["spice"] = 3
    key = f"{section}.spice".removeprefix(".")
    assert changed_options(changed) == [f"config.yaml has {key}, which is no option today"]


@pytest.mark.parametrize("section", ["gan", "perturbation", "evaluation", "claims"])
def test_a_section_that_is_missing_or_of_another_kind_is_no_crash(config, section):
    for value in (None, [], "words"):
        assert is_free(section) or changed_options({**config, section: value})
    assert is_free(section) or changed_options({key: one for key, one in config.items() if key != section})
    assert changed_options({})


def test_a_users_own_choice_has_the_options_of_those_that_are_there(config):
    assert changed_options({**config, "gan": {**config["gan"], "name": "mine"}}) == []


def test_another_major_version_is_named_and_another_minor_one_is_not():
    here = versions()
    major = int(here["torch"].split(".")[0])
    assert changed_software({}) == changed_software(here) == changed_software({"torch": f"{major}.0.0+cpu"}) == []
    assert changed_software({"torch": f"{major - 1}.9"}) == [f"made with torch {major - 1}.9, here is {here['torch']}"]
    first, second, *_ = here["aeaug"].split(".")
    assert changed_software({"aeaug": f"{first}.{second}.999"}) == []
    assert bool(changed_software({"aeaug": f"{first}.{int(second) + 1}.0"})) is (first == "0")
    assert changed_software({"aeaug": f"{int(first) + 1}.{second}.0"})
    assert changed_software({"lightning": "0.1", "python": "2.7"}) == []  # which decide nothing by themselves
