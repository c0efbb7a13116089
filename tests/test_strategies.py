"""docs/strategies.md is what the option files and the sources say, and has every choice."""

import re
import runpy

from tests.conftest import REPOSITORY

STRATEGIES = runpy.run_path(str(REPOSITORY / "scripts" / "strategies.py"))
PAGE = (REPOSITORY / "docs" / "strategies.md").read_text()


def test_it_is_that_of_today():
    assert STRATEGIES["text"]() == PAGE, "run python scripts/strategies.py"


def test_every_choice_of_every_group_has_its_place():
    said = set(re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE))
    for _, group, _ in STRATEGIES["GROUPS"]:
        files = {f"{group}={file.stem}" for file in (REPOSITORY / "conf" / group).glob("*.yaml")}
        assert files
        assert files <= said


# Folders of options that say nothing of how a GAN is helped: what is trained on and for how long, where, and what by.
ELSEWHERE = {"arm", "budget", "command", "data", "evaluation", "experiment", "hydra", "logger", "trainer", "tune"}


def test_no_group_is_forgotten():
    conf = REPOSITORY / "conf"
    there = {str(file.parent.relative_to(conf)) for file in conf.rglob("*.yaml") if file.parent != conf}
    assert {group for _, group, _ in STRATEGIES["GROUPS"]} == {
        group for group in there if group.partition("/")[0] not in ELSEWHERE
    }


def test_every_arm_is_there_with_what_it_chooses():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE))
    assert rows.keys() == {file.stem for file in (REPOSITORY / "conf" / "arm").glob("*.yaml")}
    for arm, chosen in rows.items():
        way = re.search(r"`augmentation=(\w+)`", chosen)
        assert way is not None
        if way[1] == "none":
            continue
        schedule = re.search(r"`schedule=(\w+)`", chosen)
        named = arm.removesuffix(f"_{schedule[1]}") if schedule else arm
        assert named.rpartition("_")[0] == way[1]
        assert f"={named.rpartition('_')[2]}`" in chosen
    assert rows["dropout"] == "`augmentation=none` `gan.dropout=0.3`"


def test_no_markup_of_docstrings_is_left():
    assert not re.search(r":\w+:`|\.\. math|``(?!`)(?<!```)\w", PAGE)
