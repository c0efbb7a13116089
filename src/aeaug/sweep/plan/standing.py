"""What the same command again will do with each of its runs, told before anything is done.

======== ==============================================================================================================
done     left alone
diverged left alone: it is a result
goes on  from its last checkpoint; also one that is to be extended, and one that is measured again; if other code began
         it, that is said
missing  starts
failed   starts again, from its checkpoint where it has one
stale    of another config or by other software, or finished by other code: kept as it is, or with ``stale=redo`` moved
         aside and made anew
at work  another process is on it: left to that
======== ==============================================================================================================
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeaug.faults import Fault, one_line
from aeaug.run.enough import leading_features, too_few
from aeaug.run.files import read_status
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.lock import Busy
from aeaug.run.identity.identity import Stale, aimed
from aeaug.run.variant import arm_name
from aeaug.sweep.launchers import jobs_at_once
from aeaug.sweep.ranges import ranges
from aeaug.sweep.status.states import size_text
from aeaug.sweep.status.table import counted

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["STANDINGS", "Standing", "plan_text", "seconds_left", "standings"]

STANDINGS = ("done", "diverged", "goes on", "missing", "failed", "stale", "at work")
"""In the order of the plan's columns."""


@dataclass(frozen=True)
class Standing:
    """A run's ``state``, one of :data:`STANDINGS`, its ``options`` with the budget to which it goes, its ``status`` as
    far as there is one, and why it is stale, or will be when it is done."""

    folder: Path
    options: "RunOptions"
    state: str
    status: Mapping[str, Any]
    remark: str = ""

    @property
    def starts(self) -> bool:
        """Whether there is something to do."""
        redone = self.state == "stale" and self.options.stale == "redo"
        return redone or self.state in ("goes on", "missing", "failed")

    @property
    def images_left(self) -> int:
        """Images that are still to be shown."""
        if not self.starts:
            return 0
        before = 0 if self.state == "stale" else int(self.status.get("images", 0))
        return max(0, self.options.images_shown - before)

    @property
    def done(self) -> bool:
        """Whether it came to an end, be it one that it goes on from to a larger budget."""
        return self.state == "done" or (self.state == "goes on" and self.status.get("state") == "done")


def standings(jobs: "Mapping[Path, RunOptions]") -> list[Standing]:
    """How each of ``jobs``, by their folders, stands. Raises ``ValueError`` in one line for a folder that may not be
    written, or holds what cannot be read."""
    writable: set[Path] = set()  # on a network's disk it takes milliseconds to try
    return [_standing(folder, options, writable) for folder, options in jobs.items()]


def _standing(path: Path, options: "RunOptions", writable: set[Path]) -> Standing:
    folder = RunFolder(options)
    try:
        status = read_status(path)
    except Fault:  # rebuilt by whoever goes on with it, if check() lets it be
        status = {}
    try:
        stale = folder.check(writable)
    except Busy:
        return Standing(path, options, "at work", status)
    except Stale as error:
        stale = error
    if stale := stale or folder.of_other_code():  # made anew, if at all: there was no budget before
        return Standing(path, aimed(options, ()), "stale", status, stale.reason)
    state = folder.state()
    if state is None:
        return Standing(path, aimed(options, ()), "missing", status)
    options = folder.options()
    if folder.finished():
        return Standing(path, options, state, status)
    remark = "begun by other code than is here" if folder.begun_by_other_code() else ""
    return Standing(path, options, "failed" if state == "failed" else "goes on", status, remark)


def seconds_left(plan: Sequence[Standing], workers: int) -> float | None:
    """Seconds that ``workers`` will take for what is to be done, as fast as the runs of ``plan`` whose pace is known:
    of the same arm and size, else of the same size, else of any. None where none is known, 0 where nothing is to do."""
    if not (rest := [one for one in plan if one.starts]):
        return 0.0
    rates: dict[object, list[float]] = defaultdict(list)
    for one in _paced(plan):
        rate = sum(one.status["seconds"].values()) / int(one.status["images"])
        for key in (one.options.variant, one.options.data.n_train, "any"):
            rates[key].append(rate)
    if not rates:
        return None

    def rate_of(one: Standing) -> float:
        known = next(key for key in (one.options.variant, one.options.data.n_train, "any") if key in rates)
        return statistics.median(rates[known])

    return sum(one.images_left * rate_of(one) for one in rest) / max(1, min(workers, len(rest)))


def _paced(plan: Sequence[Standing]) -> list[Standing]:
    """The runs by whose pace time is told: those that are done, else, where none is, those that were begun, which have
    their autoencoder's time over fewer images."""
    begun = [
        one
        for one in plan
        if one.state not in ("stale", "missing") and one.status.get("images") and one.status.get("seconds")
    ]
    return [one for one in begun if one.done] or begun


def plan_text(name: str, plan: Sequence[Standing], launcher: Mapping[str, Any]) -> str:
    """The plan as a table, arms × sizes, with what was found of the user's own images, seeds and weights of R1, what
    is stale, and how long the rest will take."""
    rows = [(arm_name(one.options.variant), one.options.data.n_train, one.state) for one in plan]
    table = counted(f"plan of {name}", rows, STANDINGS)
    there = dict.fromkeys(filter(None, (one.options.data.there for one in plan)))
    repeated, time = _repeated(plan, own=bool(there)), _time(plan, jobs_at_once(launcher))
    return "\n".join([*table, *there, repeated, *_stale(plan), *_of_two_codes(plan), time])


def _repeated(plan: Sequence[Standing], *, own: bool) -> str:
    """The seeds, and the weight of R1 that was typed or looked up: one, or by the size of the training set; of ``own``
    images, that nobody tuned it for them."""
    seeds = sorted({one.options.seed for one in plan})
    weights: dict[str, list[int | None]] = defaultdict(list)
    sizes = sorted({one.options.data.n_train for one in plan}, key=lambda size: math.inf if size is None else size)
    for size in sizes:
        found: dict[float, dict[str, None]] = defaultdict(dict)
        for one in plan:
            weight = one.options.gan.r1_gamma
            if one.options.data.n_train == size and weight is not None:  # which none is, once it is looked up
                found[weight][arm_name(one.options.variant)] = None
        weights[" or ".join(_weights(found))].append(size)
    said = [f"{weight} ({', '.join(map(size_text, of))} images)" for weight, of in weights.items()]
    said = said if len(said) > 1 else list(weights)
    tuned = ", which nobody tuned for these images" if own else ""
    if own and all(_may_be_advised(one.options) for one in plan):
        tuned += " (experiment=advise tries others)"
    return f"seed{'s' * (len(seeds) > 1)} {ranges(seeds)}; gan.r1_gamma {', '.join(said)}{tuned}"


def _weights(found: Mapping[float, Mapping[str, None]]) -> Iterator[str]:
    """Each weight of R1 with the arms that have it, where there are several and the arms' names do not say it."""
    arms = [arm for those in found.values() for arm in those]
    told = len(found) > 1 and len(arms) == len(set(arms)) and not any("gan.r1_gamma=" in arm for arm in arms)
    for weight in sorted(found):
        yield f"{weight:g} of {' and '.join(found[weight])}" if told else f"{weight:g}"


def _may_be_advised(options: "RunOptions") -> bool:
    """Whether there are images enough for an advice, as far as can be told before it is asked for."""
    features = leading_features(options)
    return features is not None and too_few(options, features) is None


def _stale(plan: Sequence[Standing]) -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in plan:
        if one.state == "stale":  # by what changed: the values may be each seed's own
            found[arm_name(one.options.variant), one.remark.partition(":")[0]].append(one.remark)
    redone = any(one.state == "stale" and one.starts for one in plan)
    for (arm, _), reasons in found.items():
        yield one_line(f"stale: {len(reasons)} of {arm}: {reasons[0]}")
    if found:
        yield "they are moved aside and made anew" if redone else "they are kept; stale=redo moves them aside"


def _of_two_codes(plan: Sequence[Standing]) -> Iterator[str]:
    found = [one for one in plan if one.state != "stale" and one.remark]
    if found:
        yield (
            f"{len(found)} of those that go on, {one_line(arm_name(found[0].options.variant), 60)} among them, will be "
            f"stale: {found[0].remark}; stale=redo moves them aside and makes them anew"
        )


def _time(plan: Sequence[Standing], workers: int | None) -> str:
    rest = sum(one.starts for one in plan)
    if not rest:
        return "nothing is to be done"
    runs = f"{rest} run{'s' * (rest != 1)} to do"
    seconds = seconds_left(plan, workers or 1)
    if seconds is None:
        return f"{runs}; how long that takes can be told when one is done"
    paced, at_once = _paced(plan), f"{min(workers or 1, rest)} at a time"
    if workers is None:
        at_once += " (Ray has as many as there is room for)"
    by = f"{len(paced)} that {'are done' if paced[0].done else 'were begun'}"
    return f"{runs}, about {_spelt(seconds)}, {at_once}, by the {by}"


def _spelt(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}" if unit == "h" else f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.0f} s"
