"""Which penalties are due, of what weight, and what they remember."""

from dataclasses import dataclass

import pytest
import torch

from aeaug.gan.terms import Terms
from aeaug.schedules.linear import Linear


@dataclass
class Every:
    every: int


def due(terms, step, shown=0):
    return {term.penalty.every: term.weight for term in terms.due(step, shown)}


def test_one_that_is_asked_for_rarely_weighs_as_much_on_average():
    terms = Terms({"a": Every(1), "b": Every(3)}, {})
    assert [due(terms, step) for step in range(4)] == [{1: 1, 3: 3}, {1: 1}, {1: 1}, {1: 1, 3: 3}]


def test_a_schedule_is_a_share_of_the_weight_and_nothing_is_asked_of_one_without():
    fades = Linear(name="linear", start=1.0, end=0.0, begin=0, until=100).share
    terms = Terms({"a": Every(1), "b": Every(2)}, {"a": None, "b": fades})
    assert due(terms, 0, 25) == {1: 1, 2: pytest.approx(1.5)}
    assert due(terms, 0, 100) == {1: 1}


def test_one_whose_weight_comes_to_0_forgets():
    share = {"now": 1.0}
    terms = Terms({"a": Every(1), "b": Every(2)}, {"b": lambda shown: share["now"]})
    terms.due(0, 0)[1].state["mean"] = torch.tensor(3.0)
    assert terms.due(2, 0)[1].state == {"mean": 3.0}
    share["now"] = 0.0
    assert due(terms, 1) == due(terms, 2) == {1: 1}
    share["now"] = 0.5
    assert terms.due(4, 0)[1].state == {}


def test_what_one_remembers_is_kept_by_its_name():
    terms = Terms({"a": Every(1), "b": Every(1)}, {})
    terms.due(0, 0)[1].state["mean"] = torch.tensor(3.0)
    assert terms.state_dict() == {"b": {"mean": torch.tensor(3.0)}}
    again = Terms({"a": Every(1), "b": Every(1)}, {})
    again.load_state_dict(terms.state_dict())
    assert [term.state for term in again.due(1, 0)] == [{}, {"mean": torch.tensor(3.0)}]
