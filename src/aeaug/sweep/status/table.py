"""The states of runs as text: arms × sizes, then what is at work and what went wrong.

At most 100 columns wide, for which long names lose their middles, unless two of them would then read alike.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aeaug.faults import one_line
from aeaug.run.folder.liveness import last_heard
from aeaug.run.variant import in_common, stripped
from aeaug.sweep.status.states import STATES, Experiment, RunState, size_text

__all__ = ["counted", "seconds_left", "status_table"]

_WIDTH, _ARM, _NAME, _HOST = 100, 70, 40, 24
_TRAINING = ("gan", "augmentation", "evaluation")  # stages whose seconds grow with the images


def status_table(experiments: Sequence[Experiment], now: float) -> str:
    """A block for each of ``experiments``: by arm and size how many runs are in each state; of the running ones how far
    they are; of the others that are not as they should be, why. ``now``: seconds of the epoch."""
    return "\n\n".join("\n".join(_block(one, now)) for one in experiments) + "\n"


def seconds_left(status: Mapping[str, Any], now: float) -> float | None:
    """Seconds until the training of a run ends that goes on as fast as it went so far, resumptions counted; None where
    nothing was trained yet. What is measured afterwards is not in it."""
    spent: float = sum(status["seconds"].get(stage, 0.0) for stage in _TRAINING)
    images, budget = int(status["images"]), int(status["budget"] or 0)
    if not (images and budget and spent > 0):
        return None
    since = max(0.0, now - (_seconds(status["updated"]) or now))  # what was trained since is not counted yet
    return max(0.0, (budget - images) * spent / images - since)


def _block(experiment: Experiment, now: float) -> Iterator[str]:
    runs = experiment.runs
    yield from counted(experiment.name, [(run.arm, run.n_train, run.state) for run in runs], STATES)
    if at_work := [run for run in runs if run.state == "running"]:
        yield ""
        yield from _aligned([["running", "shown", "left", "on"], *(_progress(run, now) for run in at_work)], right=1)
    yield from _remarks(runs)
    if experiment.remark:
        yield _cut(experiment.remark)


def counted(title: str, runs: Collection[tuple[str, int | None, str]], states: Sequence[str]) -> Iterator[str]:
    """A table under its ``title``: of ``runs``, arm, size and state, how many of each arm and size are in which of the
    ``states``, those that any is in."""
    there = [state for state in states if any(run[2] == state for run in runs)]
    rows = {run[:2]: Counter[str]() for run in sorted(runs, key=_in_order)}
    for arm, size, state in runs:
        rows[arm, size][state] += 1
    arms = {arm for arm, _ in rows}
    common = in_common(arms) if len(arms) > 1 else frozenset()
    cells, names = [["arm", "size", *there]], {arm: stripped(arm, common) for arm in arms}
    width = _telling(set(names.values()), _ARM)
    cells += [
        [_text(names[arm], width), size_text(size), *_counts(number, there)] for (arm, size), number in rows.items()
    ]
    if len(rows) > 1:
        cells.append(["", "", *_counts(sum(rows.values(), Counter()), there)])
    head, *body = _aligned(cells, right=1)
    rule = "─" * max(map(len, (head, *body)))
    total = [rule, body.pop()] if len(rows) > 1 else []
    of_all = f", all with {_text(' '.join(sorted(common)))}" * bool(common)
    yield f"{_text(title)}: {len(runs)} run{'s' * (len(runs) != 1)}{of_all}"
    yield from (rule, head, rule, *body, *total)


def _progress(run: RunState, now: float) -> list[str]:
    images, budget = run.status["images"], run.status["budget"]
    left = seconds_left(run.status, now)
    share = min(images / budget, 1.0) if budget else 0.0
    stage = "measuring" if share == 1.0 else "starting" if left is None else f"{left:,.0f} s"
    return [_text(run.name), f"{share:.0%}", stage, _text(run.status["host"] or "?", _HOST)]


def _remarks(runs: Sequence[RunState]) -> Iterator[str]:
    for run in runs:
        if run.state == "gone":
            when = datetime.fromtimestamp(last_heard(run.folder), UTC).strftime("%Y-%m-%d %H:%M UTC")
            where = f" on {_text(run.status['host'], _HOST)}" if run.status["host"] else ""
            yield _cut(f"gone: {_text(run.name)}{where}, last heard of {when}")
    for run in runs:
        if run.state in ("failed", "damaged"):
            yield _cut(f"{run.state}: {_text(run.name)}: {run.remark or 'no traceback'}")
    stale = Counter((run.arm, run.remark) for run in runs if run.state == "stale")
    for (arm, reason), count in stale.items():
        yield _cut(f"stale: {count} of {_text(arm)}: {reason}")


def _in_order(run: tuple[str, int | None, str]) -> tuple[bool, str, float]:
    """The arm that injects nothing first; sizes as they grow, all images last."""
    arm, size, _ = run
    return arm != "none", arm, float("inf") if size is None else size


def _counts(count: Mapping[str, int], states: Sequence[str]) -> list[str]:
    return [str(count[state] or "·") for state in states]


def _aligned(cells: Sequence[Sequence[str]], right: int) -> list[str]:
    """Columns, to the right from the one of that number on; the first gives way where a line would be too long."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    room = _WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1)
    widths[0] = min(widths[0], _telling({row[0] for row in cells}, room))
    return [
        "  ".join(
            cell.ljust(width) if place < right else cell.rjust(width)
            for place, (cell, width) in enumerate(zip([_shorter(row[0], widths[0]), *row[1:]], widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def _text(name: str, width: int = _NAME) -> str:
    """A name that was read, without what would not be seen or would move the cursor, and not too long."""
    return _shorter("".join(sign if sign.isprintable() else "?" for sign in name), width)


def _telling(names: Collection[str], width: int) -> int:
    """From ``width`` on the least that leaves different names different."""
    return next(
        width for width in itertools.count(width) if len({_shorter(name, width) for name in names}) == len(set(names))
    )


def _shorter(name: str, width: int) -> str:
    """A long name without its middle."""
    return name if len(name) <= width else f"{name[: width // 2 - 1]}…{name[-(width - width // 2) :]}"


def _cut(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in one_line(text, _WIDTH))


def _seconds(moment: str | None) -> float | None:
    """Seconds of the epoch of a time as a status has it; None where it is none."""
    try:
        return datetime.fromisoformat(moment or "").timestamp()
    except (ValueError, OverflowError):
        return None
