"""An experiment's file as a reader needs it: the question, the commands that make its runs, and how it varies them.

Its head has a line ``# Command: python scripts/train.py -m experiment=<name>``. Overrides that stand below it, a sweep
a line, are more sweeps of the same, each with those that the words before say: ``then, each with data.n_train=500,``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aeaug.faults import one_line, reading
from aeaug.run.claims import TUNING
from aeaug.sweep.composition.overrides import CONF, word

__all__ = ["Recipe", "recipe_of", "recipes"]

_KEY = re.compile(r"# (Command|Time|Expect):")
_OVERRIDE = re.compile(r"[a-z][\w./]*=\S")


@dataclass(frozen=True)
class Recipe:
    """``sweeps``: the overrides of each command; ``swept``: what the file itself varies, values as they are typed by
    dotted key; ``chosen``: the option that it chooses of each group; ``sizes``: of the training set, as it says;
    ``time``: that its runs take, in its words; ``begins_with``: the experiments whose files it begins with."""

    name: str
    question: str
    time: str
    sweeps: tuple[tuple[str, ...], ...]
    swept: dict[str, str]
    chosen: dict[str, str]
    sizes: tuple[int | None, ...]
    begins_with: tuple[str, ...] = ()

    @property
    def published(self) -> bool:
        """Whether its results are meant to be: those on seeds for tuning are looks around."""
        return not any(int(number) in TUNING for number in re.findall(r"\d+", self.swept.get("seed", "")))

    def untyped(self, key: str) -> str | None:
        """What a ``key`` is where a command says nothing of it: of a group the option that the file chooses, of a
        group's key what that option's file has. None where the file leaves the group to others."""
        group, _, last = key.partition(".")
        if not last or group not in self.chosen:
            return self.chosen.get(key)
        value = yaml.safe_load(Path(CONF, group, f"{self.chosen[group]}.yaml").read_text(encoding="utf-8")).get(last)
        return None if value is None else word(value)


def recipes() -> Iterator[Recipe]:
    """Every experiment that is meant to be published, by name."""
    found = (recipe_of(file) for file in sorted(Path(CONF, "experiment").glob("*.yaml")))
    return (one for one in found if one.published)


def recipe_of(file: Path) -> Recipe:
    """What the ``file`` of an experiment says. Raises ``ValueError``, in a line that names the file, where it cannot be
    read, names no command, or says its sizes otherwise than one by one."""
    text, content = _read(file)
    head = _head(text)
    layers = list(_layers(file))
    params = [((one.get("hydra") or {}).get("sweeper") or {}).get("params") or {} for one in layers]
    swept = {key: word(value) for one in params for key, value in one.items()}
    fixed = next((data["n_train"] for one in reversed(layers) if "n_train" in (data := one.get("data") or {})), None)
    said = swept.get("data.n_train", word(fixed))
    sizes = [size.strip() for size in said.split(",")]
    if not all(re.fullmatch(r"null|[0-9]+", size) for size in sizes):
        raise ValueError(f"{file}: data.n_train: {one_line(said)}: say sizes one by one, as 100,500, and null for all")
    return Recipe(
        name=file.stem,
        question=str(content.get("question") or ""),
        time=" ".join(head.get("Time", ())),
        sweeps=tuple(_sweeps(file, head.get("Command", ()))),
        swept=swept,
        chosen={group: option for one in layers for group, option in _choices(one)},
        sizes=tuple(None if size == "null" else int(size) for size in sizes),
        begins_with=_parents(content),
    )


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    """The text of the file, and what is in it. Raises :class:`Fault`."""
    with reading(file, "mend it, or move it away"):
        text = file.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        if not isinstance(content, dict):
            raise ValueError("it holds no options")
        return text, content


def _layers(file: Path) -> Iterator[dict[str, Any]]:
    """The content of the file, after that of the experiments that it begins with."""
    _, content = _read(file)
    for other in _parents(content):
        yield from _layers(file.with_name(f"{other}.yaml"))
    yield content


def _parents(content: dict[str, Any]) -> tuple[str, ...]:
    """The experiments in a file's defaults."""
    return tuple(one for one in content.get("defaults") or () if isinstance(one, str) and one != "_self_")


def _choices(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a file overrides in its defaults, by group."""
    for one in content.get("defaults") or ():
        for key, option in one.items() if isinstance(one, dict) else ():
            if (found := re.fullmatch(r"override /(\w+)", key)) and isinstance(option, str):
                yield found[1], option


def _head(text: str) -> dict[str, list[str]]:
    """The comment at the top, by what its lines are about."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines()[1:]:
        if not line.startswith("#"):
            break
        if match := _KEY.match(line):
            lines = found.setdefault(match[1], [])
        lines.append(_KEY.sub("", line).lstrip("#").strip())
    return found


def _sweeps(file: Path, lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The overrides of each command among these lines."""
    first: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    for line in lines:
        if found := re.search(r"python scripts/train\.py (.*)", line):
            first = _typed(found[1])
            yield first
        elif first and _OVERRIDE.match(line):
            yield (*first, *each, *_typed(line))
        if found := re.search(r"\beach with (.*)", line):
            each = _typed(found[1])
    if not first:
        raise ValueError(f"{file}: its head has no line '# Command: python scripts/train.py …'")


def _typed(text: str) -> tuple[str, ...]:
    """The overrides at the beginning of ``text``: until one ends in a comma, or what is none."""
    found = []
    for token in text.split():
        if token != "-m" and not _OVERRIDE.match(token):
            break
        if token != "-m":
            found.append(token.rstrip(","))
        if token.endswith(","):
            break
    return tuple(found)
