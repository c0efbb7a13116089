"""Whether what is measured now is what was measured then, number by number and bit for bit.

On one machine, with one version of everything and as many threads, it has to be. Where it is not, something has
changed, and the numbers of the two do not belong into one table.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aeaug.run.folder import versions

__all__ = ["Agreement", "compare"]

SHOWN = 5  # differences in the terminal; the record has all


@dataclass(frozen=True)
class Agreement:
    """``same``: how many numbers are equal; ``different``: those that are not, by their place (``test.recall``), each
    (stored, measured now), None where there is none; ``new``: places that the stored record has nothing for."""

    same: int
    different: dict[str, tuple[Any, Any]]
    new: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a record."""
        different = {place: {"stored": then, "now": now} for place, (then, now) in self.different.items()}
        return {"same": self.same, "different": different, "new": list(self.new)}

    def remarks(self, versions_then: Mapping[str, str]) -> tuple[str, ...]:
        """What a reader has to know, a line each. ``versions_then``: of the software that stored the record."""
        lines = [f"All {self.same} numbers that metrics.json has are the same, bit for bit."]
        if self.different:
            lines = [f"{len(self.different)} numbers differ from metrics.json, {self.same} are the same:"]
            shown = list(self.different.items())[:SHOWN]
            lines += [f"  {place}: {then} there, {now} here{_relative(then, now)}" for place, (then, now) in shown]
            lines += ["  …"] if len(self.different) > SHOWN else []
            changed = [
                f"{name} {versions_then.get(name)} there, {here} here"
                for name, here in versions().items()
                if versions_then.get(name) != here
            ]
            lines.append(
                "; ".join(changed) or "Same versions: other code, or another machine, device, number of threads?"
            )
        if self.new:
            lines.append(f"{len(self.new)} more are new: {', '.join(self.new[:2])}{', …' if len(self.new) > 2 else ''}")
        return tuple(lines)


def compare(stored: Mapping[str, Any], measured: Mapping[str, Any]) -> Agreement:
    """Compare every number of ``measured`` with what ``stored``, read from a ``metrics.json``, has in its place.

    What is only in ``stored`` counts as different where the part it belongs to was measured again.
    """
    now = dict(_leaves(json.loads(json.dumps(measured))))
    then = dict(_leaves({part: stored[part] for part in measured if part in stored}))
    both = [place for place in now if place in then]
    different = {place: (then[place], now[place]) for place in both if then[place] != now[place]}
    same = len(both) - len(different)
    # A part that is there on one side only (a leak, say) is null on the other, which is no number.
    gone = [place for place, value in then.items() if place not in now and value is not None]
    different |= {place: (then[place], None) for place in gone}
    return Agreement(same, different, tuple(p for p, value in now.items() if p not in then and value is not None))


def _relative(then: object, now: object) -> str:
    """Rounding, or more than that?"""
    if not (isinstance(then, int | float) and isinstance(now, int | float) and then):
        return ""
    return f" ({now / then - 1:+.0e} of it)"


def _leaves(content: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, f"{place}.{key}" if place else key)
    elif isinstance(content, list):
        for position, value in enumerate(content):
            yield from _leaves(value, f"{place}[{position}]")
    else:
        yield place, content
