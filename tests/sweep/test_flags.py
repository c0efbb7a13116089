"""The flags that are known here are Hydra's own."""

import pytest
from hydra._internal.utils import get_args_parser

from aeaug.sweep.composition.command_line import flags, for_hydra


def described(parser):
    return {
        tuple(action.option_strings): (action.dest, action.nargs, action.const, action.choices)
        for action in parser._actions
        if "--version" not in action.option_strings  # which Hydra answers itself
    }


def test_they_are_those_of_the_hydra_that_is_here():
    assert described(flags()) == described(get_args_parser())


@pytest.mark.parametrize(
    "typed",
    [
        ["-m", "a=1", "b=2,3"],
        ["--cfg", "job", "--resolve"],
        ["--info"],
        ["a=1", "-i", "defaults"],
        ["-cn", "x", "-p", "y"],
    ],
)
def test_what_is_typed_is_taken_apart_alike(typed):
    mine, hydras = (vars(parser.parse_args(typed)) for parser in (flags(), get_args_parser()))
    assert {key: value for key, value in mine.items() if key != "version"} == hydras


@pytest.mark.parametrize(
    "typed", [["seed=0", "-m", "arm=none"], ["-m", "seed=0", "arm=none"], ["seed=0", "arm=none", "-m"]]
)
def test_a_flag_may_stand_between_options(typed):
    assert for_hydra(typed, "train", ["arm"], sweeps=True) == ["seed=0", "arm=none", "-m"]


def test_with_option_files_of_others_a_value_is_read_as_without():
    """Lightning's flags are added, and names with signs of Hydra's grammar are quoted."""
    given = ["trainer.profiler=simple", "outputs=a=b"]
    alone = for_hydra(given, "train", ["arm"])
    for theirs in (["hydra.searchpath=[file://mine]"], ["--config-dir", "mine"]):
        found = for_hydra([*given, *theirs], "train", ["arm"])
        assert found == [*alone, *theirs]
