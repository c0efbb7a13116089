"""What is typed, ``key=value`` in Hydra's grammar: its dotted key, its value, and whether it chooses an option file."""

import re
from pathlib import Path
from typing import Any

from aeaug.option_files import CONF
from aeaug.training.flags import is_flag

__all__ = ["CONF", "is_group", "is_of_some", "is_quoted", "key_and_value", "key_of", "quoted", "word"]


def key_and_value(override: str) -> tuple[str, str]:
    """Without Hydra's signs for how the key comes into the config and where, and without quotes."""
    key, _, value = override.partition("=")
    value = value[1:-1] if is_quoted(value) else value
    return _path(key).replace("/", "."), value


def key_of(override: str) -> str:
    """``gan.view`` of ``+gan/view=[ada]``."""
    return key_and_value(override)[0]


def is_group(override: str) -> bool:
    """Whether it chooses from a group's option files, rather than setting a value."""
    path = _path(override.partition("=")[0])
    return "/" in path or Path(CONF, path).is_dir()


def is_of_some(override: str) -> bool:
    """Whether it has the sign by which the command line adds what only some of a group's option files have
    (:func:`aeaug.sweep.composition.command_line.with_signs`). Lightning's own flags have that sign, too, and are of
    every run."""
    return override.startswith("++") and not is_flag(key_of(override))


def word(value: Any) -> str:
    """A value as it is typed, or is written in YAML."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def quoted(text: str) -> str:
    """``text`` as a value in quotes; ``${…}`` in it is looked up."""
    # A backslash is only special before a quote.
    return "'" + re.sub(r"(\\*)('|$)", lambda end: 2 * end[1] + (r"\'" if end[2] else ""), text) + "'"


def is_quoted(value: str) -> bool:
    """Whether a typed value stands in quotes."""
    return len(value) > 1 and value[0] == value[-1] and value[0] in "'\""


def _path(key: str) -> str:
    return key.lstrip("+~").lstrip("/").partition("@")[0]
