"""Whether what is measured now is what was measured then, number by number and bit for bit.

On one machine, with one version of everything and as many threads, it has to be. Where it is not, something has
changed, and the numbers of the two do not belong into one table.
"""

import json
from collections.abc import Mapping
from typing import Any

from aeaug.run.identity.provenance import versions

__all__ = ["agreement", "remarks"]

SHOWN = 5  # differences in the terminal; the record has all


def agreement(stored: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Compare every number of ``measured`` with what ``stored``, read from a ``metrics.json``, has in its place.

    Returns ``same``, how many are equal; ``different``, ``{"stored": …, "now": …}`` by place
    (``readings.end.spaces.classifier.recall``), None where there is none; ``new``, places that ``stored`` has nothing
    for. What is only in ``stored`` counts as different where the part it belongs to was measured again.
    """
    now = _numbers(json.loads(json.dumps(measured)))
    then = _numbers({part: stored[part] for part in measured if part in stored})
    # A part that is there on one side only (a leak, say) is null on the other, which is no number.
    differ = [place for place, value in then.items() if (now[place] != value if place in now else value is not None)]
    return {
        "same": sum(place in now and now[place] == value for place, value in then.items()),
        "different": {place: {"stored": then[place], "now": now.get(place)} for place in differ},
        "new": [place for place, value in now.items() if place not in then and value is not None],
    }


def remarks(found: Mapping[str, Any], versions_then: Mapping[str, str]) -> list[str]:
    """What a reader has to know, a line each. ``versions_then``: of the software that stored the record."""
    same, different, new = found["same"], found["different"], found["new"]
    lines = [f"All {same} numbers that metrics.json has are the same, bit for bit."]
    if different:
        lines = [f"{len(different)} numbers differ from metrics.json, {same} are the same:"]
        lines += [f"  {place}: {_change(**values)}" for place, values in list(different.items())[:SHOWN]]
        lines += ["  …"] if len(different) > SHOWN else []
        pairs = [(name, versions_then.get(name), here) for name, here in versions().items()]
        changed = "; ".join(f"{name} {there} there, {here} here" for name, there, here in pairs if there != here)
        lines.append(changed or "Same versions: other code, or another machine, device, number of threads?")
    if new:
        lines.append(f"{len(new)} more are new: {', '.join(new[:2])}{', …' if len(new) > 2 else ''}")
    return lines


def _change(stored: object, now: object) -> str:
    both = isinstance(stored, int | float) and isinstance(now, int | float) and stored
    return f"{stored} there, {now} here" + (f" ({now / stored - 1:+.0e} of it)" if both else "")  # type: ignore[operator]


def _numbers(content: Any, place: str = "") -> dict[str, Any]:
    if isinstance(content, dict):
        parts = {f"{place}.{key}" if place else key: part for key, part in content.items()}
    elif isinstance(content, list):
        parts = {f"{place}[{position}]": part for position, part in enumerate(content)}
    else:
        return {place: content}
    return {leaf: number for name, part in parts.items() for leaf, number in _numbers(part, name).items()}
