"""The report in a terminal: verdicts, then one short table a group."""

import textwrap
from collections.abc import Sequence

from aeaug.report.comparison import compare, percent
from aeaug.report.page import evidence_text
from aeaug.report.results import Group, Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.report.tables import distance_table
from aeaug.report.verdict import verdicts
from aeaug.run.metrics import METRICS

__all__ = ["terminal_table"]

_METRICS = ("frechet_distance", "coverage", "authenticity")
_WIDTH = 110


def terminal_table(results: Results) -> str:
    """Verdicts where there are claims; by group, arms and floors with FD, its multiple of the real floor, coverage,
    authenticity, and the paired change of FD."""
    blocks = []
    found = verdicts(results)
    for claim in dict.fromkeys(row.claim for row in found):
        lines = textwrap.wrap(f"Claim: {claim.statement}", _WIDTH, subsequent_indent="  ")
        for row in (row for row in found if row.claim == claim):
            text = f"{results.title(row.group)}: {row.outcome}, {row.reason}; {'; '.join((evidence_text(row), *row.remarks))}"
            lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
        blocks.append("\n".join(lines))
    blocks += [_block(results, group) for group in results.groups]
    fewest = min((len(arm.runs) for group in results.groups for arm in group.arms), default=0)
    if fewest < MINIMUM_PAIRS:
        blocks.append(f"Too few seeds: {MINIMUM_PAIRS} pairs are the least that can give an interval or a p-value.")
    return "\n\n".join(blocks) + "\n"


def _block(results: Results, group: Group) -> str:
    title = f"{results.title(group)}; median over seeds with [smallest–largest]"
    if not any(arm.count("done") for arm in group.arms):
        return f"{results.title(group)}: no run is done"
    table = distance_table(group, results, [key for key in _METRICS if _has(group, key)])
    against = f"FD vs {group.control.name}" if group.control else "FD vs control"
    lines = [[*table.columns, "done", against]]
    for row in table.rows:
        lines.append([*row.cells, *(_ending(results, group, row.cells[0]) if row.kind == "arm" else ("", ""))])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_aligned(line, widths) for line in lines]
    rule = "─" * max(map(len, text))
    lost = [f"{arm.count('diverged')} of {arm.name}" for arm in group.arms if arm.count("diverged")]
    arms = 1 + sum(row.kind == "arm" for row in table.rows)
    note = [f"diverged: {', '.join(lost)}"] if lost else []
    return "\n".join([title, rule, text[0], rule, *text[1:arms], rule, *text[arms:], *note])


def _has(group: Group, key: str) -> bool:
    return any(arm.values(METRICS[key]) for arm in group.arms)


def _ending(results: Results, group: Group, name: str) -> tuple[str, str]:
    arm = next(arm for arm in group.arms if arm.name == name)
    done = f"{arm.count('done')}/{len(arm.runs)}"
    if name not in group.controls:
        return done, "control" if group.controls else ""
    rows = compare(results, METRICS["frechet_distance"])
    row = next(row for row in rows if row.group is group and row.treatment is arm)
    if row.paired is None:
        return done, "no pair"
    return done, f"{percent(row.paired.median)}, lower {row.lower}/{len(row.paired.seeds)}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    rest = (text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True))
    return "  ".join([line[0].ljust(widths[0]), *rest]).rstrip()
