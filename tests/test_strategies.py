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


def test_no_markup_of_docstrings_is_left():
    assert not re.search(r":\w+:`|\.\. math|``(?!`)(?<!```)\w", PAGE)
