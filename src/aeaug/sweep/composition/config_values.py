"""The values of a composed config, and lines that are right about where a wrong one was typed."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aeaug.faults import Fault

__all__ = ["a_line_a_value", "unresolved", "values_of_config"]

NO_RUNS = ("hydra", "advise")
"""Of a config, what none of its runs knows of."""


def values_of_config(config: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    """All of its values. Raises ``ValueError``, in one line, for a reference that leads nowhere, among the
    ``overrides`` or elsewhere."""
    try:
        of_run = [str(key) for key in config if key not in NO_RUNS]
        own = OmegaConf.masked_copy(config, of_run) if len(of_run) < len(config) else config
        values: Any = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ValueError(unresolved(error, overrides)) from None
    assert isinstance(values, dict)
    return values


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
