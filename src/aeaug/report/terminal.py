"""The report in a terminal: verdicts, one short table a training-set size, and how far to trust them."""

import textwrap
from collections.abc import Sequence

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison, amount, compare, percent, summary
from aeaug.report.judged import verdict_summary
from aeaug.report.metrics import METRICS
from aeaug.report.table import Row, short
from aeaug.report.tables import heading, metrics_table
from aeaug.report.verdict import Verdict, verdicts
from aeaug.run.claims import Claim

__all__ = ["terminal_table"]

_METRICS = ("frechet_distance", "coverage", "authenticity")
_WIDTH = 110
_NAME = 36


def terminal_table(experiment: Experiment) -> str:
    """Verdicts where there are claims; by size, arms and floors with FD, its multiple of the real floor, coverage,
    authenticity where it is measured, and the paired change of FD; without claims, how far to trust those changes."""
    comparisons = compare(experiment)
    judged = verdicts(experiment)
    blocks = [textwrap.fill(verdict_summary(judged), _WIDTH), _verdicts(judged)] if judged else []
    blocks += [_block(group, comparisons) for group in experiment.groups]
    blocks += [] if judged else [textwrap.fill(summary(comparisons), _WIDTH)]
    return "\n\n".join(blocks) + "\n"


def _verdicts(rows: Sequence[Verdict]) -> str:
    lines = []
    for claim in dict.fromkeys(row.claim for row in rows):
        lines += textwrap.wrap(f"Claim: {claim.statement}", _WIDTH, subsequent_indent="  ")
        here = [row for row in rows if row.claim == claim]
        texts = [(f"{row.size} images:", f"{row.outcome}, {row.reason}", _evidence(row, claim)) for row in here]
        width = max(len(size) for size, _, _ in texts)
        for size, words, evidence in texts:
            text = f"{size.ljust(width)} {words}; {evidence}"
            lines += textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent=" " * (3 + width))
    return "\n".join(lines)


def _evidence(row: Verdict, claim: Claim) -> str:
    if row.paired is None:
        return "no pairs"
    metric = claim.measure
    low, high = row.paired.interval or (min(row.paired.differences), max(row.paired.differences))
    pairs = "1 pair" if row.pairs == 1 else f"{row.pairs} pairs"
    reach = f" [{amount(low, metric)}, {amount(high, metric)}]" if row.pairs > 1 else ""
    return f"{metric.label} {amount(row.paired.median, metric)}{reach}, {pairs}"


def _block(group: Group, comparisons: Sequence[Comparison]) -> str:
    title = f"{group.size} training images; median over seeds, FD with [smallest–largest]"
    table = metrics_table(group, _METRICS, extras=("ratio", "states"))
    if table is None:
        return f"{group.size} training images: no run is done"
    keep = [place for place, column in enumerate(table.columns) if column != "diverged"]
    distance = table.columns.index(heading(METRICS["frechet_distance"]))
    against = f"FD vs {short(group.control.name, 16)}" if group.control else "FD vs control"
    lines = [[*(table.columns[place].rstrip("↓↑\u00a0").replace("\u00a0", " ") for place in keep), against]]
    for row in table.rows:
        lines.append([*_texts(row, keep, distance), _change(row, group, comparisons)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    floors = next((place for place, row in enumerate(table.rows, 1) if row.floor), len(text))
    lost = [f"{arm.count('diverged')} of {short(arm.name, _NAME)}" for arm in group.arms if arm.count("diverged")]
    note = [f"diverged: {', '.join(lost)}"] if lost else []
    return "\n".join([title, rule, text[0], rule, *text[1:floors], rule, *text[floors:], *note])


def _texts(row: Row, keep: Sequence[int], distance: int) -> list[str]:
    texts = {place: row.cells[place].text for place in keep} | {0: short(row.cells[0].text, _NAME)}
    texts[distance] = f"{texts[distance]} {row.cells[distance].detail}".strip()
    return [text.replace(" of ", "/") if place > distance else text for place, text in texts.items()]


def _change(row: Row, group: Group, comparisons: Sequence[Comparison]) -> str:
    if row.floor:
        return ""
    if group.control is not None and row.variant == group.control.variant:
        return "control"
    here = [c for c in comparisons if any(c.treatment is arm for arm in group.arms)]
    found = [c for c in here if c.treatment.variant == row.variant]
    if not found or found[0].paired is None:
        return "no pair"
    pair = found[0].paired
    return f"{percent(pair.median)}, lower {found[0].lower}/{len(pair.seeds)}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        line[0].ljust(widths[0]),
        *(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
    ]
