"""What is typed, before Hydra reads it.

Names and paths hold what Hydra's grammar keeps for itself: a run's folder is called ``none,data.n_train=100/seed=0``.
Their values are quoted here. What has no key, or one that does not exist, is said in one line with what there is, read
from the option files alone.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.utils import get_args_parser

from aeaug.sweep.composition import CONF

__all__ = ["for_hydra"]

NAMES = {"control", "data.root", "experiment", "images", "outputs", "results", "run"}


def for_hydra(arguments: Sequence[str], config: str, things: Sequence[str]) -> list[str]:
    """Return the command line's ``arguments`` in Hydra's grammar.

    Args:
        arguments: as they were typed, Hydra's flags among them.
        config: whose options they are: a file below ``conf``, without its suffix.
        things: the keys of what the command is about: what is typed without a key is probably one of them.

    Raises:
        ValueError: in one line, for an argument without a key, with an unknown one or with an unknown choice.
    """
    parsed = get_args_parser().parse_args(arguments)
    if parsed.multirun:
        raise ValueError("-m: one thing at a time; only train.py sweeps")
    options = _options(config)
    return [_prepared(text, options, things) if text in parsed.overrides else text for text in arguments]


def _prepared(argument: str, options: dict[str, dict[str, Any]], things: Sequence[str]) -> str:
    key, equals, value = argument.partition("=")
    if not equals:
        raise ValueError(f"{argument}: say {' or '.join(f'{thing}={argument}' for thing in things)}")
    first, dot, rest = key.partition(".")
    if first not in ("hydra", *options):
        raise ValueError(f"{argument}: no such option; there are {', '.join(options)}")
    choices = options.get(first, {})
    if choices and not dot and value not in choices:
        raise ValueError(f"{argument}: must be one of {', '.join(choices)}")
    below = dict.fromkeys(name for choice in choices.values() for name in choice)
    if first != "hydra" and dot and rest not in below:
        there = ", ".join(f"{first}.{name}" for name in below) or first
        raise ValueError(f"{argument}: no such option; there is {there}")
    return f"{key}={_quoted(value)}" if key in NAMES else argument


def _options(config: str) -> dict[str, dict[str, Any]]:
    """Every option of a config; of a group, the content of its option files by name."""
    own = _content(Path(CONF, f"{config}.yaml"))
    defaults = [key for entry in own.pop("defaults") if isinstance(entry, dict) for key in entry]
    groups = [key.removeprefix("/") for key in defaults if not key.startswith("override ")]
    del own["hydra"]
    files = {group: sorted(Path(CONF, group).glob("*.yaml")) for group in groups}
    return {key: {} for key in own} | {
        group: {file.stem: _content(file) for file in members} for group, members in files.items()
    }


def _content(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    return content


def _quoted(value: str) -> str:
    if value == "null" or (len(value) > 1 and value[0] == value[-1] and value[0] in "'\""):
        return value
    # A backslash is only special before a quote.
    return "'" + re.sub(r"(\\*)('|$)", lambda end: 2 * end[1] + (r"\'" if end[2] else ""), value) + "'"
