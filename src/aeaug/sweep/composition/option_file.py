"""Overrides as an option file: what was typed, to be chosen by one name."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from aeaug.sweep.composition.overrides import is_group

__all__ = ["option_text"]


def option_text(overrides: Sequence[str], values: Mapping[str, Any], head: Sequence[str] = ()) -> str:
    """The text of an option file for ``conf/experiment``, or a folder ``experiment`` below one of
    ``hydra.searchpath``: it chooses and sets what ``overrides`` do, the later of two of the same key, and ``values`` by
    their dotted keys. ``head``: lines of comment."""
    chosen: dict[str, Any] = {}
    content: dict[str, Any] = {}
    for parsed in OverridesParser.create().parse_overrides(list(overrides)):
        key, value = parsed.key_or_group, parsed.value()
        if is_group(key):
            chosen[key] = value
        else:
            _set(content, key, value)
    for key, value in values.items():
        _set(content, key, value)
    defaults: list[Any] = [chosen.pop("experiment")] if chosen.get("experiment") else []
    defaults += [{f"override /{group}": value} for group, value in chosen.items()]
    whole = ({"defaults": defaults} if defaults else {}) | content
    comment = "".join(f"# {line}\n" for line in head)
    return f"# @package _global_\n{comment}{yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)}"


def _set(tree: dict[str, Any], key: str, value: Any) -> None:
    *groups, last = key.split(".")
    for group in groups:
        tree = tree.setdefault(group, {})
    tree[last] = value
