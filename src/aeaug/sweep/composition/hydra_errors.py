"""What Hydra, OmegaConf and PyYAML say over many lines, in one: the key or the file, and the nearest name there is."""

import re
from collections.abc import Sequence

import yaml
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from aeaug.faults import one_line
from aeaug.sweep.composition.command_line import having, meant, only
from aeaug.sweep.composition.config_values import unresolved
from aeaug.sweep.launchers import EXTRAS, without_plugin

__all__ = ["HYDRAS", "in_one_line"]

HYDRAS = (HydraException, OmegaConfBaseException, yaml.YAMLError)
"""What composing raises for a wrong input."""


def in_one_line(error: BaseException, overrides: Sequence[str] = (), config: str = "train") -> str:
    """One line for one of :data:`HYDRAS`; ``overrides`` are what was typed, for the options of ``config``."""
    if isinstance(error, yaml.YAMLError):
        return _of_yaml(error)
    if isinstance(error, OmegaConfBaseException):
        return one_line(unresolved(error, overrides))
    text = str(error) or str(error.__cause__ or type(error).__name__)
    within = re.search(r"In '([^']+)'", text)
    place = f"conf/{within[1]}.yaml: " if within else ""
    if found := re.search(r"Could not override '([^']+)'", text):
        return f"{place}{_no_such_option(found[1], overrides, config)}"
    if found := re.search(r"Could not (?:find|load) 'hydra/launcher/(\w+)'", text):
        named = re.search(r"/launcher/(\w+)$", within[1]) if within else None  # the option file that needs it
        if found[1] in EXTRAS:
            return without_plugin(named[1] if named else found[1])
    if found := re.search(r"Error merging override (.+)", text):
        return f"{one_line(found[1])}: {one_line(str(error.__cause__ or '').partition(chr(10))[0])}"
    if found := re.search(r"Could not find '([^']+)/([^'/]+)'", text):
        there = re.search(r"Available options in '[^']*':\n((?:\t\S+\n?)*)", text)
        choices = there[1].split() if there else []
        return f"{place}{found[1]}={found[2]}: no such choice; {meant(found[2], choices)}"
    return one_line(text)


def _no_such_option(key: str, overrides: Sequence[str], config: str) -> str:
    typed = next((one_line(text) for text in overrides if text.lstrip("+~").startswith(f"{key}=")), key)
    choices = having(key, config)
    if choices and "." not in key:
        return f"{typed}: must be one of {', '.join(choice.partition('=')[2] for choice in choices)}"
    if choices:
        return f"{typed}: {only(choices)}"
    other = any(re.match(r"hydra/launcher=(?!joblib$)", text) for text in overrides)
    with_joblib = "; joblib's options need hydra/launcher=joblib" * (other and key.startswith("hydra.launcher."))
    return f"{typed}: no such option{with_joblib}"


def _of_yaml(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or error
    if mark is None:
        return f"not readable as YAML: {one_line(problem)}"
    what = f"not readable as YAML: {one_line(problem)} (a value with a colon or # needs quotes)"
    return f"{mark.name}, line {mark.line + 1}: {what}"
