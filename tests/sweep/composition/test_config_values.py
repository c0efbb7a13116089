"""A config's values, with what references lead to: as OmegaConf itself has them."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from aeaug.sweep.composition.config_values import as_composed, values_of_config
from aeaug.sweep.composition.overrides import CONF
from tests.conftest import compose


@pytest.mark.cases(6)
@pytest.mark.parametrize("experiment", sorted(file.stem for file in Path(CONF, "experiment").glob("*.yaml")))
def test_values_are_those_that_omegaconf_looks_up(experiment):
    """Of every experiment: numbers, texts, lists, claims, environment."""
    config = compose([f"experiment={experiment}"])
    own = OmegaConf.masked_copy(config, [key for key in config if key != "advise"])
    looked_up = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    assert values_of_config(config, []) == looked_up
    assert list(values_of_config(config, [])) == list(looked_up)
    assert as_composed(config, []) == OmegaConf.to_container(own, resolve=False)


def test_references_lead_to_whatever_there_is():
    """To a number, a text, a text of several, a reference that leads on, nothing, one of a list, a group, upwards."""
    config = OmegaConf.create(
        {
            "seed": 3,
            "name": "some",
            "none": None,
            "on": True,
            "listed": [1, "${seed}", {"within": "${name}"}],
            "group": {"here": "${seed}", "above": "${..name}", "beside": "${.here}", "set": {"a": 1}},
            "taken": "${group.set}",
            "through": "${group.here}",
            "second": "${listed[1]}",
            "joined": "${name} of ${seed}",
            "nothing": "${none}",
            "is_on": "${on}",
            "whole": "${listed}",
            "escaped": r"\${seed}",
            "decoded": "${oc.decode:'[1, 2]'}",
        }
    )
    values = values_of_config(config, [])
    assert values == OmegaConf.to_container(config, resolve=True)
    assert [values[key] for key in ("through", "is_on", "escaped")] == [3, True, "${seed}"]
    assert values["whole"][2] == {"within": "some"}


def test_a_changed_value_is_seen_through_every_reference_to_it():
    """A sweep sets values in one config, job by job."""
    config = compose(["data=mnist_5k"])
    for seed in (4, 5):
        OmegaConf.update(config, "seed", seed)
        values = values_of_config(config, [])
        assert values["seed"] == values["data"]["subset_seed"] == seed
