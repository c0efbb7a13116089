"""What a report says of a run's weight of R1 is what the composition would have looked up."""

import pytest

from aeaug.run.weight_of_r1 import weight_of_r1
from aeaug.sweep.composition.composition import compose_options
from tests.conftest import compose

TUNED = ["data=mnist", "data.n_train=500", "budget.images=256000", "gan=mlp", "variant=v"]


def said(*overrides):
    return weight_of_r1(compose_options(compose([*TUNED, *overrides]), overrides).model_dump())


@pytest.mark.parametrize("data", ["mnist", "mnist_5k"])
def test_what_is_looked_up_is_said_to_be(data):
    assert said("arm=none", "gan.r1_gamma=auto", f"data={data}") == "10, as tuned for the arm that injects nothing"
    assert said("arm=append_gaussian", "gan.r1_gamma=own") == "3, as tuned for the arm itself"
    assert said("arm=append_gaussian", "gan.r1_gamma=auto") == "10, as tuned for the arm that injects nothing"
    assert said("arm=append_gaussian", "gan.r1_gamma=3") == "3, as tuned for the arm itself"


def test_what_is_typed_stands_beside_what_would_have_been():
    assert said("arm=none", "gan.r1_gamma=1") == "1, where 10 is the one tuned for the arm that injects nothing"
    assert said("arm=none", "gan.r1_gamma=1", "budget.images=51200") == "1, of which nothing was tuned here"
    assert said("arm=none", "gan.r1_gamma=1", "data.n_train=null") == "1, of which nothing was tuned here"
    assert weight_of_r1({}) == ""
    assert weight_of_r1({"gan": {"r1_gamma": 1.0}}) == ""
