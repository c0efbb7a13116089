"""Whether today's program would go on with a run, or make the same of it again, as far as files tell.

A run is stale whose config lacks an option that today's option files have, or has one that they do not; and one that
another major version of this program or of PyTorch was last at work on. The options' *values* are no matter, for the
command that is meant is not known here. (A finished one by other code: :mod:`aeaug.run.identity.sources`.)
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from aeaug.options import choice_of
from aeaug.run.identity.free import is_free
from aeaug.sweep.composition.command_line import options_of

__all__ = ["changed_options"]

Options = Mapping[str, Any]

UNSAID = ("evaluation.spaces",)
"""Where they are null, a config says nothing of them."""

NO_SECTION = ("arm", "experiment", "advise")
"""Of which a run's config has none."""


def changed_options(config: Options) -> list[str]:
    """A reason for every option that ``config``, as a run's file has it, lacks or has beyond today's."""
    there, today = set(_flat(config)), set(_today(config))
    lost, added = (sorted(key for key in keys if not is_free(key)) for keys in (today - there, there - today))
    return [f"config.yaml has no {key}" for key in lost] + [
        f"config.yaml has {key}, which is no option today" for key in added
    ]


def _today(config: Options) -> Iterator[str]:
    """The options that today's files have for what ``config`` chooses of each group."""
    for group, choices in _groups().items():
        first, _, nested = group.partition("/")
        section = config.get(first)
        section = section if isinstance(section, dict) else {}
        if not choices:
            yield group
        elif not nested:
            chosen = _nearest(section, choices)
            for key in _flat(chosen):
                may_be = f"{group}/{key}" in _groups() or f"{group}.{key}" in UNSAID
                left_out = may_be and chosen[key] is None and key not in section  # null
                if not left_out and not isinstance(section.get(key), dict):  # several, each under its name
                    yield f"{group}.{key}"
        elif isinstance(chosen_of := section.get(nested), dict):
            if "name" in chosen_of:  # one, and no list of them
                yield from (f"{first}.{nested}.{key}" for key in _flat(choices.get(str(chosen_of["name"]), {})))
                continue
            for name in chosen_of:
                yield from (f"{first}.{nested}.{key}" for key in _flat(choices.get(name, {})))


def _nearest(section: Options, choices: Mapping[str, Options]) -> Options:
    """The choice that a section of a config is: by its name, or where it is a user's own, the one with most options in
    common."""
    named = choices.get(choice_of(section))
    return named or min(choices.values(), key=lambda content: len(content.keys() ^ section.keys()))


@cache
def _groups() -> dict[str, dict[str, Any]]:
    """The option files, which a process reads once."""
    return {group: choices for group, choices in options_of("train").items() if group not in NO_SECTION}


def _flat(section: Options, before: str = "") -> Iterator[str]:
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"
