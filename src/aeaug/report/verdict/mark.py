"""A mark beside a verdict, which is no test: whether its claim's effect is the same in another reading or space."""

from dataclasses import dataclass
from typing import Literal

from aeaug.report.arms import Group
from aeaug.report.statistics.exact_test import Paired

__all__ = ["Mark", "sign"]


def sign(paired: Paired) -> int:
    """Of the mean difference: -1, 1, or 0 where there is none but for rounding."""
    return 0 if abs(paired.mean) <= paired.tied else 1 if paired.mean > 0 else -1


@dataclass(frozen=True)
class Mark:
    """The claim's effect in another reading or space: ``agrees`` with the primary one in sign, or not; where neither
    has a difference it agrees. ``of``: which of the two it is.

    ``sizes``: the same at each size, where sizes disagree. The sign of an average over these weighs help at one against
    harm at another: it is asked of each size then, and not of the average.
    """

    name: str
    paired: Paired
    agrees: bool
    of: Literal["reading", "space"]
    sizes: tuple[tuple[Group, "Mark"], ...] = ()

    @property
    def words(self) -> str:
        """Whether it has the same sign, and whether it might as well have the other."""
        if self.sizes:
            surely = [group.size for group, mark in self.sizes if mark.contradicts]
            perhaps = [group.size for group, mark in self.sizes if not (mark.agrees or mark.contradicts)]
            found = [f"at {' and '.join(surely)} images"] * bool(surely)
            found += [f"at {' and '.join(perhaps)} images, not beyond chance"] * bool(perhaps)
            return f"✗ other sign {', and '.join(found)}" if found else "✓ same sign at every size"
        if not sign(self.paired):
            return "✓ no difference either" if self.agrees else "✗ no difference"
        said = "✓ same sign" if self.agrees else "✗ other sign"
        return said if self.beyond_chance else f"{said}, not beyond chance"

    @property
    def contradicts(self) -> bool:
        """Whether it has the other sign, beyond chance; where sizes disagree, at one of them."""
        if self.sizes:
            return any(mark.contradicts for _, mark in self.sizes)
        return not self.agrees and self.beyond_chance

    @property
    def beyond_chance(self) -> bool:
        """Whether its interval leaves 0 out."""
        return self.paired.side != 0
