"""What is typed, before Hydra reads it.

Names and paths hold what Hydra's grammar keeps for itself: a run's folder is called ``none,data.n_train=100/seed=0``.
Their values are quoted here. What has no key, or one that does not exist, is said in one line with what there is, read
from the option files alone.
"""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from aeaug.faults import one_line
from aeaug.sweep.composition.overrides import CONF, is_of_some, is_quoted, quoted
from aeaug.training.flags import DECIDED, PASSED, SHORTENING, is_flag

__all__ = ["flags", "for_hydra", "having", "meant", "only", "options_of", "with_signs", "without_its_sign"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # safe, and ten times as fast where PyYAML has libyaml

MOST_NAMED = 24  # choices in one line
# None says the same within, and would give a second name to the same run.
_LOOKED_UP = {
    "gan.r1_gamma": "auto looks it up, and 0 is none",
    "autoencoder.steps": "auto looks it up, or give a number",
    "autoencoder.latent_dim": "auto looks it up, or give a number",
}

NAMES = {"control", "data.name", "data.root", "data.split", "experiment", "images", "out", "outputs", "results", "run"}
NAMES |= {"tune.arms", "tune.seeds", "tune.space"}


def for_hydra(arguments: Sequence[str], config: str, things: Sequence[str], sweeps: bool = False) -> list[str]:
    """Return the command line's ``arguments`` in Hydra's grammar, flags last.

    Args:
        arguments: as they were typed, Hydra's flags among them.
        config: whose options they are: a file below ``conf``, without its suffix.
        things: the keys of what the command is about: what is typed without a key is probably one of them.
        sweeps: whether the command takes ``-m``.

    Raises:
        ValueError: in one line, for an argument without a key, with an unknown one or with an unknown choice, for a
            value that Hydra's grammar does not have, for several values without ``-m``, and for flags that do not
            exist or do not go together.
    """
    parsed = _parsed(arguments)
    if parsed.multirun and not sweeps:
        raise ValueError("-m: one thing at a time; only train.py sweeps")
    searched = any(override.startswith("hydra.searchpath") for override in parsed.overrides)
    foreign = parsed.shell_completion or parsed.config_dir or parsed.config_path or parsed.config_name or searched
    options = options_of(config)
    quoted = NAMES - {group for group, choices in options.items() if choices}
    for override in parsed.overrides:
        _check_plugin(override)
        if not foreign:
            _check(override, options, things)
    several = parsed.multirun or parsed.shell_completion or any(text.startswith("hydra.mode=") for text in arguments)
    sweeping = several and not parsed.shell_completion
    known = [
        _signed(_quoted(text, quoted), options, sweeping) if text in parsed.overrides else text for text in arguments
    ]
    sweeper = any(text.startswith("hydra/sweeper=") for text in known)
    for text, typed in zip(known, arguments, strict=True):
        if typed in parsed.overrides:
            _read(text, typed, several, sweeps, sweeper)
    pairs = list(zip(known, arguments, strict=True))
    # Hydra takes overrides that stand together; behind them no flag takes one for its value.
    return [text for of_hydra in (False, True) for text, typed in pairs if (typed not in parsed.overrides) is of_hydra]


def having(key: str, config: str) -> list[str]:
    """The choices, ``group=name``, whose option files have an option ``key``, such as ``augmentation.ratio``; all
    of a group without an option."""
    return _having(key, options_of(config))[1]


def _having(key: str, options: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The group whose choices an option belongs to, ``gan/penalty`` of ``gan.penalty.lecam.weight``, and those of them
    that have it."""
    group, _, rest = key.partition(".")
    nested, _, below = rest.partition(".")
    if f"{group}/{nested}" in options and below:
        group, rest = f"{group}/{nested}", below
    path = rest.split(".") if rest else []
    return group, [f"{group}={name}" for name, content in options.get(group, {}).items() if _has(content, path)]


def only(choices: Sequence[str]) -> str:
    """Why an option is refused where none of the ``choices`` that have it is made."""
    return f"only {' and '.join(choices)} {'has' if len(choices) == 1 else 'have'} it"


def _has(content: Any, path: Sequence[str]) -> bool:
    if not path:
        return True
    return isinstance(content, dict) and path[0] in content and _has(content[path[0]], path[1:])


def meant(word: str, known: Iterable[str], key: str = "") -> str:
    """What to say of a misspelt ``word``: the nearest of the ``known``, after ``key``; else all of them."""
    names = list(known)
    near = get_close_matches(word, names, 1, 0.6)
    return f"did you mean {key}{near[0]}?" if near else f"there are {', '.join(names)}"


def flags() -> ArgumentParser:
    """Hydra's flags, as its documentation lists them (Hydra's command line flags, 1.3), and what else is typed."""
    parser = ArgumentParser(add_help=False)
    parser.add_argument("overrides", nargs="*")
    for names in (
        *(["--help", "-h"], ["--hydra-help"], ["--version"], ["--resolve"]),
        *(["--run", "-r"], ["--multirun", "-m"], ["--shell-completion", "-sc"]),
    ):
        parser.add_argument(*names, action="store_true")
    for names in (
        *(["--package", "-p"], ["--experimental-rerun"]),
        *(["--config-path", "-cp"], ["--config-name", "-cn"], ["--config-dir", "-cd"]),
    ):
        parser.add_argument(*names)
    parser.add_argument("--cfg", "-c", choices=["job", "hydra", "all"])
    said = ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"]
    parser.add_argument("--info", "-i", nargs="?", const="all", choices=said)
    return parser


def _parsed(arguments: Sequence[str]) -> Namespace:
    parser = flags()

    def refuse(message: str) -> NoReturn:
        raise ValueError(f"{message}; --help says what there is")

    parser.error = refuse  # type: ignore[method-assign]
    parsed = parser.parse_intermixed_args(arguments)
    modes = {"--run": parsed.run, "-m": parsed.multirun, "--cfg": parsed.cfg, "--info": parsed.info}
    asked = [flag for flag, value in modes.items() if value]
    if len(asked) > 1:
        raise ValueError(f"{' '.join(asked)}: one of them at a time")
    if parsed.experimental_rerun:
        raise ValueError("--experimental-rerun: no file of that kind is written; the same command again goes on")
    if parsed.resolve and not (parsed.cfg or parsed.help):
        raise ValueError("--resolve: it goes with --cfg or --help")
    return parsed


def _check_plugin(override: str) -> None:
    """Hydra would take a word in the place of all options of its launcher or sweeper."""
    key, _, value = override.partition("=")
    if found := re.fullmatch(r"\+*hydra\.(launcher|sweeper)", key):
        raise ValueError(f"{one_line(override)}: it is chosen by hydra/{found[1]}={one_line(value) or '…'}")
    if re.fullmatch(r"\+*hydra/\w+", key) and value in ("", "null"):
        raise ValueError(f"{one_line(override)}: there has to be one; leave it out for that of the option files")
    if re.match(r"\+*hydra\.sweeper\.params\b", key):
        raise ValueError(f"{one_line(override)}: type what is swept over by itself, as in seed=0,1")


def _check(override: str, options: dict[str, dict[str, Any]], things: Sequence[str]) -> None:
    key, equals, value = override.partition("=")
    if re.match(r"[+~]*hydra[./]|[+]", key) or "@" in key:
        return  # Hydra's own
    if key.startswith("~"):
        raise ValueError(f"{one_line(override)}: no option can be taken away; all are needed")
    if not equals:
        raise ValueError(
            f"{one_line(override)}: say {' or '.join(f'{thing}={one_line(override)}' for thing in things)}"
        )
    shown = one_line(override)
    first, _, rest = key.partition(".")
    if key in _LOOKED_UP and "null" in value.split(","):
        raise ValueError(f"{shown}: {_LOOKED_UP[key]}")
    if first not in options:
        group = first.rpartition("/")[0]
        beside = [name for name in options if name.rpartition("/")[0] == group] if group in options else options
        raise ValueError(f"{shown}: no such option; {meant(first, beside)}")
    choices = options[first]
    several = first in _of_lists(first.partition("/")[0])
    if choices and not rest and value.startswith("[") and not several:
        raise ValueError(f"{shown}: one of {', '.join(choices)} at a time")
    bare = re.sub(r"[][\s]", "", value) if several else value
    named = [name for name in bare.split(",") if name or not several] if re.fullmatch(r"[\w,-]*", bare) else []
    if first in ("arm", "experiment") and not rest and "null" in named:
        raise ValueError(f"{shown}: leave {first}=… out; without it there is none")
    unknown = [name for name in named if name not in choices]
    for some in re.findall(r"\[([^]]*)]", value) if choices and not rest else ():
        listed = [name.strip() for name in some.split(",")]
        if twice := [name for name in listed if listed.count(name) > 1]:
            raise ValueError(f"{shown}: {twice[0]} twice")
    if choices and not rest and unknown:
        few = f"{unknown[0]} is none of {', '.join(choices)}" if named[1:] else f"must be one of {', '.join(choices)}"
        what = few if len(choices) <= MOST_NAMED else f"{unknown[0]} is none of the {len(choices)} that --help lists"
        raise ValueError(f"{shown}: {what}{_nearest(unknown[0], choices)}")
    if f"{first}/{rest}" in options and (
        rest in map(_last, _of_lists(first)) or all(content.get(rest) is None for content in choices.values())
    ):
        raise ValueError(f"{shown}: it is chosen by {first}/{rest}={value or '…'}")
    if first == "trainer" and rest in DECIDED:
        raise ValueError(f"{shown}: Lightning's {rest} is no option here, {DECIDED[rest]}")
    if choices and rest and not is_flag(key):
        below = list(dict.fromkeys(name for choice in choices.values() for name in choice))
        if first == "trainer":
            below += [*PASSED, *SHORTENING]
        if rest.split(".")[0] not in below:
            raise ValueError(f"{shown}: no such option of {first}; {meant(rest, below, f'{first}.')}")


def with_signs(overrides: Sequence[str]) -> list[str]:
    """A sweep's ``overrides``: what the option files do not have, Hydra takes with a sign, and what only some of a
    group's have, which may be meant for some of the jobs (:mod:`aeaug.sweep.composition.lacking`)."""
    options = options_of("train")
    return [_signed(override, options, sweeping=True) for override in overrides]


def _signed(override: str, options: Mapping[str, Any], sweeping: bool) -> str:
    key = override.partition("=")[0]
    return f"++{override}" if is_flag(key) or (sweeping and _is_of_some(key, options)) else override


def without_its_sign(override: str) -> str:
    """The reverse, for who composes single runs: what the option files have needs no sign."""
    return override.removeprefix("++") if is_of_some(override) else override


def _is_of_some(key: str, options: Mapping[str, Any]) -> bool:
    group, choices = _having(key, options)
    return key[:1] not in "+~" and key != group and 0 < len(choices) < len(options.get(group, {}))


def _last(group: str) -> str:
    return group.rpartition("/")[2]


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _read(override: str, typed: str, several: bool, sweeps: bool, sweeper: bool) -> None:
    """Let Hydra's grammar read one override. ``sweeper``: there is one that may know what to make of an interval."""
    try:
        (read,) = OverridesParser.create().parse_overrides([override])
    except (HydraException, ValueError) as error:
        cause = one_line(re.sub(r"See https://\S+ for details|Error parsing override '.*'", "", str(error)))
        raise ValueError(
            f"{one_line(typed)}: not in Hydra's grammar ({cause}); a value with special signs is quoted: "
            f"\"{one_line(typed.partition('=')[0])}='…'\""
        ) from None
    if read.is_sweep_override() and not several:
        how = "several values are a sweep, which needs -m" if sweeps else "one value at a time"
        raise ValueError(f"{one_line(typed)}: {how}")
    if read.is_sweep_override() and not read.is_discrete_sweep() and not sweeper:
        raise ValueError(f"{one_line(typed)}: a sweep takes values, not an interval")


def options_of(config: str) -> dict[str, dict[str, Any]]:
    """Every option of a config; of a group, the content of its option files by name."""
    own = _content(Path(CONF, f"{config}.yaml"))
    groups = _defaults(own)
    options: dict[str, dict[str, Any]] = {}
    for whole in _wholes(own):
        options |= options_of(whole)
    options |= {key: {} for key in own if key not in ("defaults", "hydra")}
    for group in groups:
        options[group] = _choices(group)
        for nested in {name for content in options[group].values() for name in _defaults(content)}:
            options[f"{group}/{nested}"] = _choices(f"{group}/{nested}")
            for content in options[group].values():
                content.setdefault(nested, _defaults(content).get(nested))
    if "advise" in options.get("experiment", {}):  # the experiment alone has what it is asked
        options["advise"] = {}
    for content in [one for choices in options.values() for one in choices.values()]:
        content.pop("defaults", None)
    return options


def _choices(group: str) -> dict[str, dict[str, Any]]:
    return {file.stem: _content(file) for file in sorted(Path(CONF, group).glob("*.yaml"))}


def _defaults(content: dict[str, Any]) -> dict[str, Any]:
    """What an option file chooses of groups of its own, by their names."""
    entries = [one for one in content.get("defaults") or () if isinstance(one, dict)]
    chosen = {key.removeprefix("/"): value for one in entries for key, value in one.items()}
    return {key: value for key, value in chosen.items() if not key.startswith("override ")}


def _wholes(content: dict[str, Any]) -> list[str]:
    """The configs that one is made of besides its own options."""
    entries = [one for one in content.get("defaults") or () if isinstance(one, str)]
    return [one.removeprefix("/") for one in entries if one.startswith("/")]


def _of_lists(group: str) -> set[str]:
    """The groups within ``group`` of which several may be chosen at once."""
    contents = _choices(group).values()
    return {f"{group}/{key}" for one in contents for key, value in _defaults(one).items() if isinstance(value, list)}


def _content(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(), LOADER)  # some sixty files, before anything is composed
    except (OSError, ValueError, yaml.YAMLError):  # somebody's own; where it is asked for, Hydra says what is wrong
        content = None
    return content if isinstance(content, dict) else {}


def _quoted(override: str, keys: Set[str]) -> str:
    key, _, value = override.partition("=")
    if key not in keys or value == "null" or is_quoted(value):
        return override
    return f"{key}={quoted(value)}"
