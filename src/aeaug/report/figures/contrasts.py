"""Which arms are compared with which: every treatment with its control, and whatever a claim compares."""

from dataclasses import dataclass

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim

__all__ = ["Contrast", "contrasts"]


@dataclass(frozen=True, eq=False)
class Contrast:
    """Two arms of one family, by the sizes at which both are: ``sizes``, in the order of the groups."""

    family: str
    treatment: str
    control: str
    sizes: tuple[tuple[Group, Arm, Arm], ...]
    claims: tuple[Claim, ...]

    @property
    def name(self) -> str:
        """The two in words."""
        return f"{self.treatment} against {self.control}"


def contrasts(results: Results) -> list[Contrast]:
    """All comparisons of ``results``, those with the control first, then those of claims with another arm."""
    found = []
    claimed = [(row.family, row.claim) for row in verdicts(results)]
    for family in results.families:
        groups = [group for group in results.groups if group.family == family]
        wanted = [(arm.name, control.name) for group in groups for arm, control in group.compared]
        wanted += [(claim.treatment, claim.control) for home, claim in claimed if home == family]
        for treatment, control in dict.fromkeys(wanted):
            arms = [(group, {arm.name: arm for arm in group.arms}) for group in groups]
            sizes = tuple(
                (group, here[treatment], here[control]) for group, here in arms if treatment in here and control in here
            )
            about = tuple(c for home, c in claimed if (home, c.treatment, c.control) == (family, treatment, control))
            found += [Contrast(family, treatment, control, sizes, about)] * bool(sizes)
    return found
