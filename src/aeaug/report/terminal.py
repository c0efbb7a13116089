"""The report in a terminal: one short table and one honest sentence."""

from collections.abc import Sequence

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison, compare, percent, summary
from aeaug.report.table import Row
from aeaug.report.tables import arms_table

__all__ = ["terminal_table"]

_SHOWN = ("arm", "FD", "× floor", "coverage", "recall", "class KL", "done")


def terminal_table(experiment: Experiment) -> str:
    """Arms and floors: FD, multiple of the real floor, coverage, recall, class KL, paired change of FD."""
    comparisons = compare(experiment)
    blocks = [_block(group, comparisons) for group in experiment.groups]
    return "\n\n".join([*blocks, summary(comparisons)]) + "\n"


def _block(group: Group, comparisons: Sequence[Comparison]) -> str:
    table = arms_table(group)
    keep = [table.columns.index(column) for column in _SHOWN]
    against = f"FD vs {group.control.variant}" if group.control else "FD vs control"
    lines = [
        [*_SHOWN, against],
        *[[*_texts(row, keep), _change(row, group, comparisons)] for row in table.rows],
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    floors = next((place for place, row in enumerate(table.rows, 1) if row.floor), len(text))
    title = f"{group.size} training images; median over seeds, FD with [smallest–largest]"
    return "\n".join([title, rule, text[0], rule, *text[1:floors], rule, *text[floors:]])


def _texts(row: Row, keep: Sequence[int]) -> list[str]:
    texts = [row.cells[place].text for place in keep]
    texts[1] = f"{texts[1]} {row.cells[keep[1]].detail}".strip()
    texts[-1] = texts[-1].replace(" of ", "/")
    return texts


def _change(row: Row, group: Group, comparisons: Sequence[Comparison]) -> str:
    if row.floor:
        return ""
    if group.control is not None and row.variant == group.control.variant:
        return "control"
    found = [c for c in comparisons if c.name == row.variant and c.treatment in group.arms]
    if not found or found[0].paired is None:
        return "no pair"
    pair = found[0].paired
    return f"{percent(pair.median)}, lower in {found[0].lower}/{len(pair.seeds)}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        line[0].ljust(widths[0]),
        *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
    ]
