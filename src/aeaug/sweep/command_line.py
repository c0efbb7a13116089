"""What is typed, before Hydra reads it.

Names and paths hold what Hydra's grammar keeps for itself: a run's folder is called ``none,data.n_train=100/seed=0``.
Their values are quoted here. What has no key, or one that does not exist, is said in one line with what there is, read
from the option files alone.
"""

import re
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.utils import get_args_parser

from aeaug.sweep.composition import CONF

__all__ = ["for_hydra"]

NAMES = {"control", "data.root", "experiment", "images", "outputs", "results", "run"}


def for_hydra(arguments: Sequence[str], config: str, things: Sequence[str], sweeps: bool = False) -> list[str]:
    """Return the command line's ``arguments`` in Hydra's grammar.

    Args:
        arguments: as they were typed, Hydra's flags among them.
        config: whose options they are: a file below ``conf``, without its suffix.
        things: the keys of what the command is about: what is typed without a key is probably one of them.
        sweeps: whether the command takes ``-m``.

    Raises:
        ValueError: in one line, for an argument without a key, with an unknown one or with an unknown choice.
    """
    parsed = get_args_parser().parse_args(arguments)
    if parsed.multirun and not sweeps:
        raise ValueError("-m: one thing at a time; only train.py sweeps")
    searched = any(override.startswith("hydra.searchpath") for override in parsed.overrides)
    if parsed.shell_completion or parsed.config_dir or parsed.config_path or parsed.config_name or searched:
        return list(arguments)  # there may be other options than ours
    options = _options(config)
    for override in parsed.overrides:
        _check(override, options, things)
    quoted = NAMES - {group for group, choices in options.items() if choices}
    return [_quoted(text, quoted) if text in parsed.overrides else text for text in arguments]


def _check(override: str, options: dict[str, dict[str, Any]], things: Sequence[str]) -> None:
    key, equals, value = override.partition("=")
    if re.match(r"hydra[./]|[+~]", key) or "@" in key:
        return  # Hydra's own
    if not equals:
        raise ValueError(f"{override}: say {' or '.join(f'{thing}={override}' for thing in things)}")
    first, _, rest = key.partition(".")
    if first not in options:
        raise ValueError(f"{override}: no such option; there are {', '.join(options)}")
    choices = options[first]
    named = value.split(",") if re.fullmatch(r"[\w,]+", value) else []
    if choices and not rest and not choices.keys() >= set(named):
        raise ValueError(f"{override}: must be one of {', '.join(choices)}")
    below = dict.fromkeys(name for choice in choices.values() for name in choice)
    if choices and rest and rest.split(".")[0] not in below:
        raise ValueError(f"{override}: no such option; {first} has {', '.join(below)}")


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


def _quoted(override: str, keys: Set[str]) -> str:
    key, _, value = override.partition("=")
    if key not in keys or value == "null" or (len(value) > 1 and value[0] == value[-1] and value[0] in "'\""):
        return override
    # A backslash is only special before a quote.
    return f"{key}='" + re.sub(r"(\\*)('|$)", lambda end: 2 * end[1] + (r"\'" if end[2] else ""), value) + "'"
