"""The values of a composed config, and lines that are right about where a wrong one was typed."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aeaug.faults import Fault

__all__ = ["NOWHERE", "a_line_a_value", "as_composed", "unresolved", "value_at", "values_of_config", "with_references"]

NO_RUNS = ("hydra", "advise")
"""Of a config, what none of its runs knows of."""

NOWHERE = object()
"""What :func:`value_at` returns where there is no such key."""


def values_of_config(config: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    """All of its values. Raises ``ValueError``, in one line, for a reference that leads nowhere, among the
    ``overrides`` or elsewhere."""
    return with_references(as_composed(config, overrides), config, overrides)


def as_composed(config: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    """All of its values, in which ``${…}`` is not looked up. Raises ``ValueError``, in one line, for one that is not
    given."""
    of_run = [str(key) for key in config if key not in NO_RUNS]
    own = OmegaConf.masked_copy(config, of_run) if len(of_run) < len(config) else config
    try:
        content: Any = OmegaConf.to_container(own, resolve=False, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ValueError(unresolved(error, overrides)) from None
    assert isinstance(content, dict)
    return content


def with_references(content: Mapping[str, Any], config: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    """``content``, what :func:`as_composed` returns of ``config``, with what references lead to. OmegaConf, asked for
    that, looks at each value, which takes three times as long, and a sweep has hundreds of configs."""

    def found(text: str, node: Callable[[], Any]) -> Any:
        if key := re.fullmatch(r"\$\{([a-z]\w*(?:\.\w+)*)\}", text):  # by far the most: no need to parse it
            value = value_at(content, key[1])
            if isinstance(value, int | float):
                return value
        there = node()
        return OmegaConf.to_container(there, resolve=True) if OmegaConf.is_config(there) else there

    try:
        values: Any = _looked_up(content, lambda: config, found)
    except OmegaConfBaseException as error:
        raise ValueError(unresolved(error, overrides)) from None
    assert isinstance(values, dict)
    return values


def _looked_up(content: Any, node: Callable[[], Any], found: Callable[[str, Callable[[], Any]], Any]) -> Any:
    """``node``: what OmegaConf has in the place of ``content``; ``found``: what a text with a reference there is."""
    if isinstance(content, str) and "${" in content:
        return found(content, node)
    if isinstance(content, dict):
        return {key: _looked_up(value, partial(_within, node, key), found) for key, value in content.items()}
    if isinstance(content, list):
        return [_looked_up(value, partial(_within, node, place), found) for place, value in enumerate(content)]
    return content


def _within(node: Callable[[], Any], key: Any) -> Any:
    return node()[key]


def value_at(content: Any, key: str) -> Any:
    """What ``content`` has at a dotted ``key``."""
    for part in key.split("."):
        if not isinstance(content, Mapping) or part not in content:
            return NOWHERE
        content = content[part]
    return content


def unresolved(error: OmegaConfBaseException, overrides: Sequence[str]) -> str:
    """One line for a reference among the ``overrides``, or elsewhere, that leads nowhere."""
    # OmegaConf does not always say where the reference stands.
    where = error.full_key or ", ".join(override for override in overrides if "${" in override)
    what = str(error.msg or error).partition("\n")[0]
    return f"{where}: {what}" if where else what


@contextmanager
def a_line_a_value(config: DictConfig) -> Iterator[None]:
    """Have a ``ValueError`` do without the lines of keys that take their value from another key with a line, and say of
    a number that a reference gives as text how it becomes one."""
    try:
        yield
    except Fault:
        raise
    except ValueError as error:
        raise ValueError("\n".join(_of_its_own(config, str(error).splitlines()))) from None


def _of_its_own(config: DictConfig, lines: Sequence[str]) -> list[str]:
    from aeaug.options import flat

    typed: Any = OmegaConf.to_container(config, resolve=False)
    written, wrong = flat(typed), {line: line.partition("=")[0] for line in lines}
    taken = {f"${{{key}}}" for key in wrong.values()}
    return [
        f"{_of_its_source(line, key, written)}{_decoding(config, line, key, written)}"
        for line, key in wrong.items()
        if str(written.get(key)) not in taken
    ]


def _of_its_source(line: str, key: str, written: Mapping[str, Any]) -> str:
    """Nobody typed a ``key`` that has its value from another, which alone can be set right."""
    source = re.fullmatch(r"\$\{([\w.]+)\}", str(written.get(key)))
    return f"{source[1]}{line.removeprefix(key)} (it is {key} too)" if source else line


def _decoding(config: DictConfig, line: str, key: str, written: Mapping[str, Any]) -> str:
    """What to type for a ``key`` whose number is the text that a reference gives, as ``${oc.env:…}`` always does."""
    typed = str(written.get(key))
    if "${" not in typed or ": input should be " not in line:
        return ""
    value = OmegaConf.select(config, key)
    # Without quotes Hydra reads no reference within another.
    return f'; {typed} gives text, {key}="${{oc.decode:{typed}}}" a number' if _is_text_of_a_number(value) else ""


def _is_text_of_a_number(value: object) -> bool:
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False
