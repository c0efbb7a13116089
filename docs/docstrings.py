"""What docstrings have of another markup, as Markdown: for docs/hooks.py and scripts/strategies.py."""

import re

DIRECTIVE = re.compile(r"^\.\. math::(?P<tex>.*(?:\n(?: +\S.*|[ \t]*(?=\n +\S)))*)", re.MULTILINE)
MATH = re.compile(r":math:`(?P<tex>[^`]+)`")
TABLE = re.compile(r"^(?P<first>==+) +==+\n(?P<rows>(?:.*\n)+?)==+ +==+$", re.MULTILINE)


def as_markdown(text: str) -> str:
    """``text`` with formulas between dollar signs, and tables of two columns without a head as lists."""
    return TABLE.sub(_listed, MATH.sub(_inline, DIRECTIVE.sub(_displayed, text)))


def _displayed(found: re.Match[str]) -> str:
    inside = " ".join(found["tex"].split())
    if "&" in inside:  # several lines; of the environments that have them latex2mathml and GitHub both know this one
        inside = rf"\begin{{align*}} {inside} \end{{align*}}"
    return f"$$ {inside} $$"


def _inline(found: re.Match[str]) -> str:
    return f"${' '.join(found['tex'].split())}$"


def _listed(found: re.Match[str]) -> str:
    width, items = len(found["first"]), list[str]()
    for row in found["rows"].splitlines():
        name, said = row[:width].strip(), row[width:].strip()
        if name:
            items.append(f"- {name}: {said}")
        else:  # the row before goes on
            items[-1] += f" {said}"
    return "\n".join(items)
