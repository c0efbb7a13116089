"""The report in a terminal: verdicts, then one short table a group."""

import re
import textwrap
from collections import Counter

from aeaug.evaluation.reading import percent
from aeaug.report.arms import Arm, Group
from aeaug.report.page import doubt, evidence_text, size_text, support_texts
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import compare
from aeaug.report.tables import metrics_table
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS

__all__ = ["terminal_table"]

_METRICS = ("frechet_distance", "coverage")
_WIDTH, _NAME = 100, 40


def terminal_table(results: Results) -> str:
    """Verdicts where there are claims; by group, arms and floors with FD, its multiple of the real floor, coverage, and
    the paired change of FD."""
    blocks = []
    for claim in dict.fromkeys(row.claim for row in verdicts(results)):
        lines = textwrap.wrap(f"Claim: {claim.statement}", _WIDTH, subsequent_indent="  ")
        for row in (row for row in verdicts(results) if row.claim == claim):
            evidence = "; ".join((evidence_text(row), *row.remarks))
            where = f"{row.family}: " * (len(results.families) > 1)
            lines += _wrapped(f"{where}{row.heading}, {row.reason}; {evidence}", 2)
            for text in (*map(size_text, row.beneath), *support_texts(row)):
                lines += _wrapped(text, 4)
        blocks.append("\n".join(lines))
    blocks += [_block(results, group) for group in results.groups]
    return "\n\n".join([*blocks, *[doubt(results)] * bool(doubt(results))]) + "\n"


def _block(results: Results, group: Group) -> str:
    table = metrics_table(results, _METRICS, ratio=True, only=group)
    if not any(arm.count("done") for arm in group.arms):
        return f"{results.title(group)}: no run is done"
    if table is None:
        return f"{results.title(group)}: nothing was measured on the test set"
    heads = [name.rstrip(" ↓↑") for name in table.columns[:-1]]
    lines = [[*heads, f"FD vs {_short(group.control.name, 16)}" if group.control else "FD vs control"]]
    shown = Counter(_short(row.cells[0], _NAME) for row in table.rows)
    for row, arm in zip(table.rows, [*group.arms, *[None] * len(table.rows)], strict=False):
        name, distance, *rest = row.cells[:-1]
        distance = distance if arm else _without_range(distance)
        numbers = [_without_range(cell).replace(" of ", "/") for cell in rest]
        short = _short(name, _NAME)
        # Where two would be called the same, both have their whole names.
        lines.append(
            [short if shown[short] == 1 else name, distance, *numbers, _change(results, group, arm) if arm else ""]
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip() for name, *cells in lines]
    rule, arms = "─" * max(map(len, text)), 1 + len(group.arms)
    lost = [f"{arm.count('diverged')} of {_short(arm.name, _NAME)}" for arm in group.arms if arm.count("diverged")]
    note = [f"diverged: {', '.join(lost)}"] if lost else []
    title = f"{results.title(group)}; median over seeds, FD with [smallest–largest]"
    note += [table.remark] * bool(table.remark)
    return "\n".join([title, rule, text[0], rule, *text[1:arms], rule, *text[arms:], *note])


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def _change(results: Results, group: Group, arm: Arm) -> str:
    found = [
        row for row in compare(results, METRICS["frechet_distance"]) if row.group is group and row.treatment is arm
    ]
    if not found:
        return "control" if arm in group.controls.values() else ""
    pair = found[0].paired
    return "no pair" if pair is None else f"{percent(pair.mean)}, lower {found[0].lower}/{len(pair.seeds)}"


def _without_range(cell: str) -> str:
    """A median with its ±, without its smallest and largest."""
    return re.sub(r" \[[^\]]*\]", "", cell)


def _short(name: str, width: int) -> str:
    """A long name without its middle."""
    return name if len(name) <= width else f"{name[: width // 2 - 1]}…{name[-(width - width // 2) :]}"
