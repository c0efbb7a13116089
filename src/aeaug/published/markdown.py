"""Tables and code in GitHub's Markdown."""

import textwrap
from collections.abc import Iterable, Sequence

__all__ = ["GENERATED", "code", "prose", "table"]

GENERATED = "<!-- `make results` writes this page: what is typed here is lost. -->"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """A table whose first ``words`` columns hold words, and the others numbers."""
    rule = [":---" if place < words else "---:" for place in range(len(columns))]
    return "\n".join(_line(cells) for cells in (columns, rule, *rows))


def prose(text: str) -> str:
    """A paragraph, in lines that a diff can show."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def code(text: str) -> str:
    """Names and commands as they are typed."""
    return f"`{text}`"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
