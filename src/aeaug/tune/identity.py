"""Whether a search is the one that is there under its name, ``<outputs>/tune/<name>/search.json``: its trials are
comparable, whichever command began it and whichever goes on.

What was written down of it, :func:`_identity`, has everything in which all trials are alike. A later command may search
more arms, and have more trials; of an arm that comes later, what every arm has is compared with that of the others.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aeaug.faults import reading
from aeaug.options import shown
from aeaug.run.identity.free import makes_no_other
from aeaug.run.identity.identity import science
from aeaug.sweep.composition.overrides import key_of
from aeaug.sweep.plan.typed import as_read
from aeaug.tune.search import Search
from aeaug.writing import write_whole

__all__ = ["require_same", "settle"]

OF_A_TRIAL = {"seed", "data.subset_seed", "autoencoder.seed"}
"""Options of a run that do not make its search another one: they follow its seed, unless they are typed."""

NOT_SHARED = {"arm", "name", "variant", "trainer", "evaluation.test"}
"""What is typed and may be another in a later command, besides what makes no other run; of a trainer, precision and
devices are compared."""

COMMON = ("budget", "data", "evaluation", "trainer")
"""Groups of options that all arms of a search share."""


def settle(search: Search) -> None:
    """Write down what is searched, where it is not: the trials of one search are comparable.

    Raises ``ValueError`` as `require_same` does. To be called with the search's lock.
    """
    there, here = require_same(search)
    if here.keys() - there.keys():  # the first start, or one with another arm
        write_whole(_file(search), json.dumps(there | here, indent=2) + "\n")


def require_same(search: Search) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was written down of the search of this name, nothing at its first start, and what it is now. Raises
    ``ValueError`` in one line where another search has this name."""
    here = json.loads(json.dumps(_identity(search)))
    there = _written(search)
    if there:
        _require_same_entries(search, "tune.space: ", here["tune.space"], there.get("tune.space"))
    before = {key.partition(": ")[0] for key in there}  # arms, and keys of the search itself
    for key in sorted((there.keys() | here.keys()) - {"tune.space", "typed"}):
        arm = key.partition(": ")[0]
        if arm in before and (arm == key or arm in search.arms):
            _require_equal(search, key, here.get(key), there.get(key))
    common = _common(there)
    for key, value in here.items():  # of an arm that comes later
        option = key.partition(": ")[2]
        if option in common:
            _require_equal(search, key, value, common[option])
    if there:
        _require_same_entries(search, "", here["typed"], there.get("typed"))
    return there, here


def _require_same_entries(search: Search, before: str, here: Mapping[str, Any], there: Any) -> None:
    """All arms have the same, those that come later among them; ``before``: what stands before a key."""
    known = there if isinstance(there, Mapping) else {}
    for key in sorted(here.keys() | known.keys()):
        if key in here and key in known:
            _require_equal(search, f"{before}{key}", here[key], known[key])
        elif key in here:
            without = f"{before}{key}={shown(here[key])}: the search that is there was asked for without it"
            raise ValueError(f"{without}; {_instead(search)}")
        else:
            known_as = f"{before}{key}: the search that is there was asked for with {key}={shown(known[key])}"
            raise ValueError(f"{known_as}; {_instead(search)}")


def _require_equal(search: Search, key: str, here: Any, there: Any) -> None:
    if here != there:
        one, other = _told_apart(here, there)
        raise ValueError(f"{key}={one}: the search that is there has {other}; {_instead(search)}")


def _told_apart(here: Any, there: Any) -> tuple[str, str]:
    """Both as a message has them; where they would be cut before they differ, from shortly before that on."""
    one, other = shown(here), shown(there)
    if one != other:
        return one, other
    texts = str(here), str(there)
    alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    start = max(0, sum(1 for _ in alike) - 20)
    one, other = (shown(text[start:]) for text in texts)
    return f"…{one}", f"…{other}"


def _instead(search: Search) -> str:
    return f"another name=… keeps both, or delete {search.folder} and its runs, {search.runs}"


def _common(there: Mapping[str, Any]) -> dict[str, Any]:
    """What every arm of the search that is ``there`` has, by key: no arm is about its data, its budget, or how it is
    measured."""
    options = ((key.partition(": ")[2], value) for key, value in there.items())
    return {option: value for option, value in options if option.partition(".")[0] in COMMON}


def _file(search: Search) -> Path:
    return search.folder / "search.json"


def _written(search: Search) -> dict[str, Any]:
    file = _file(search)
    with reading(file, f"delete the folders {search.folder} and {search.runs}"):
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        if not isinstance(found, dict):
            raise ValueError("it holds no search")
        return found


def _identity(search: Search) -> dict[str, Any]:
    """Everything in which the trials of one search are alike, by key; of an arm after its name. ``typed``: what all
    arms have in common because it was said so, by key."""
    found = {f"tune.{key}": value for key, value in search.options.identity().items()}
    found |= {"typed": _typed(search.base)}
    found |= {"tune.space": {key: one.words for key, one in search.space.items()}}
    for arm in search.arms:
        run = science(search.run(arm, 0, search.first_values(arm), search.options.seeds[0]))
        found |= {f"{arm}: {key}": value for key, value in run.items() if key not in OF_A_TRIAL}
    return found


def _typed(base: Sequence[str]) -> dict[str, Any]:
    """Of the overrides ``base`` what is the same in all trials of all arms, by dotted key, as Hydra reads it: however a
    number is written."""
    return as_read([one for one in base if key_of(one) not in NOT_SHARED and not makes_no_other(key_of(one))])
