"""Which candidate is compared with none: the one with the lowest validation FD on the tuning seeds."""

import math

from aeaug.advise.asked import NONE, Advice, Candidate
from aeaug.advise.own import own_folders
from aeaug.run.claims import Tried

__all__ = ["best_of", "tried"]

DIGITS = 4  # of a difference of logarithms


def tried(advice: Advice, images: int) -> list[Tried]:
    """Every candidate by its name, with its mean change of log validation FD on the tuning seeds. Raises ``ValueError``
    where a run of them did not come to its end, or is not the one that is asked for."""
    none = _logs(advice, NONE, images)
    found = []
    for candidate in advice.candidates:
        own = _logs(advice, candidate, images)
        change = math.fsum(own) / len(own) - math.fsum(none) / len(none)
        name = advice.arm(advice.tuning, candidate, advice.options.tuning_seeds[0], images)
        found.append(Tried(arm=name, change=round(change, DIGITS) if math.isfinite(change) else None))
    return found


def best_of(advice: Advice, images: int) -> int:
    """The place of the candidate with the lowest mean log validation FD, the first of equal ones; one that diverged
    comes last, whatever none did."""
    means = [math.fsum(_logs(advice, candidate, images)) for candidate in advice.candidates]
    return min(range(len(means)), key=means.__getitem__)


def _logs(advice: Advice, candidate: Candidate, images: int) -> list[float]:
    """Log validation FD at the end of each tuning seed's run; inf where one diverged."""
    found = []
    for folder in own_folders(advice, advice.tuning, candidate, advice.options.tuning_seeds, images):
        if folder.state() not in ("done", "diverged"):
            raise ValueError(f"{folder.path}: it has not come to its end; the same command goes on")
        found.append(math.log(max(folder.validation_fd(), 1e-300)))
    return found
