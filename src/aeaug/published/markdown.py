"""Tables and code in GitHub's Markdown."""

from collections.abc import Iterable, Sequence

__all__ = ["GENERATED", "code", "table"]

GENERATED = "<!-- `make results` writes this page: what is typed here is lost. -->"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """A table whose first ``words`` columns hold words, and the others numbers."""
    rule = [":---" if place < words else "---:" for place in range(len(columns))]
    return "\n".join(_line(cells) for cells in (columns, rule, *rows))


def code(text: str) -> str:
    """Names and commands as they are typed."""
    return f"`{text}`"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
