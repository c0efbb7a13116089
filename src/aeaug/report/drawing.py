"""How a figure looks, once for all of them: sizes, inks, one colour, marker and dash for each arm.

The page inlines figures as SVG whose colours are CSS variables (`var(--arm-1)`, `var(--ink)`, ...), so that
the same drawing is readable on a light and on a dark page and in print; a PNG on white serves Markdown. Arm
colours are those of Okabe & Ito (2008), darkened on white and lightened on black to a contrast of at least
3:1; the control is always grey. Arms differ by marker and dash too, so no figure is read by colour alone.
Arms are filled marks, floors are rings.
"""

import io
import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from markupsafe import escape
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from aeaug.report.table import short

__all__ = [
    "INK",
    "Chart",
    "Style",
    "canvas",
    "chart",
    "css_variables",
    "folded",
    "legend",
    "panels",
    "ring",
    "styles",
]

INK, MUTED, LINE, PAPER = "#1c2024", "#5f6872", "#d5dade", "#fefefe"
LIGHT = ("#6b737b", "#0067a3", "#c24e00", "#00805c", "#a8508a", "#8a6d00", "#2f7fb0", "#7a4fc0")
DARK = ("#a3abb3", "#56b4e9", "#ff9a57", "#3fcfa0", "#e59ac8", "#e3c23c", "#8fd0f5", "#b79cf0")
_MARKERS = "osD^vPXh"
_DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (3, 1)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))
_WIDTH = 4.25
_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Chart:
    """A drawn figure: `svg` for the page, `png` for Markdown, and the two halves of its caption."""

    key: str
    title: str
    reading: str
    limits: str
    svg: str
    png: bytes


@dataclass(frozen=True)
class Style:
    """The look of one arm; `index` names its CSS variable `--arm-<index>`."""

    index: int
    colour: str
    marker: str
    dash: Any

    def marks(self, size: float = 5.5) -> dict[str, Any]:
        """Keywords of a plot of filled marks without a line."""
        line = {"linestyle": "none", "marker": self.marker, "color": self.colour}
        return line | {"markersize": size, "markeredgecolor": PAPER, "markeredgewidth": 0.7}

    def bar(self) -> dict[str, Any]:
        """Keywords of the bar that stands for a median."""
        return {"color": self.colour, "linewidth": 2.4, "solid_capstyle": "butt", "zorder": 1.8}


def ring(colour: str) -> dict[str, Any]:
    """Keywords of a floor's mark."""
    ring = {"linestyle": "none", "marker": "o", "markersize": 9, "markerfacecolor": "none"}
    return ring | {"markeredgewidth": 1.4, "markeredgecolor": colour}


def styles(variants: Sequence[str], controls: Collection[str]) -> dict[str, Style]:
    """One look for each variant, in the order given; `controls` take the grey, and nothing else does."""
    found, others = {}, 0
    for variant in variants:
        others += variant not in controls
        index = 0 if variant in controls else 1 + (others - 1) % (len(LIGHT) - 1)
        turn = 0 if variant in controls else others
        look = _MARKERS[turn % len(_MARKERS)], _DASHES[turn % len(_DASHES)]
        found[variant] = Style(index, LIGHT[index], *look)
    return found


@contextmanager
def canvas(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of the report's width, legible on a phone, and its axes, both under the report's style."""
    with panels(1, 1, height) as (figure, (axes,)):
        yield figure, axes


@contextmanager
def panels(rows: int, columns: int, height: float, *, alike: bool = True) -> Iterator[tuple[Figure, list[Axes]]]:
    """Small multiples of `height` inches each, row by row: the x axis is shared, the y axis too where they are `alike`.

    A figure is as wide as any other; panels that an uneven number leaves over are for the caller to remove.
    """
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(_WIDTH, rows * height), layout="constrained")
        grid = figure.subplots(rows, columns, sharex=True, sharey=alike, squeeze=False)
        for axes in grid.flat:
            axes.tick_params(length=3)
        yield figure, list(grid.flat)


def legend(figure: Figure, labels: Sequence[str], handles: Sequence[Artist] | None = None) -> None:
    """A legend under the axes, of what bears one of `labels` or of `handles`, in as many columns as they leave room."""
    if handles is None:  # small multiples repeat their labels: each is listed once
        drawn = [axes.get_legend_handles_labels() for axes in figure.axes]
        found = {label: handle for one in drawn for handle, label in zip(*one, strict=True)}
        handles = [found[label] for label in labels]
    texts = [short(label) for label in labels]
    fitting = int(72 * _WIDTH / (44 + 5.6 * max(map(len, texts))))
    columns = max(1, min(len(texts), fitting))
    columns = -(-len(texts) // -(-len(texts) // columns))  # as few as fill the same number of rows
    figure.legend(handles, texts, loc="outside lower center", ncols=columns)
    figure.set_figheight(figure.get_figheight() + 0.2 * math.ceil(len(texts) / columns))


def folded(name: str, width: int) -> str:
    """`name`, shortened, in lines of at most about `width` characters, broken after its separators."""
    lines = [""]
    for part in re.split(r"(?<=[ ,=._-])", short(name)):
        if len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines if line.strip())


def chart(figure: Figure, key: str, title: str, reading: str, limits: str) -> Chart:
    """Render `figure` both ways; `key` names its file and makes its ids unique on the page."""
    svg = _svg(figure, key, title)
    figure.set_layout_engine("none")  # it is laid out now; once more would take as long again
    return Chart(key, title, reading, limits, svg, _png(figure))


def css_variables(dark: bool) -> str:
    """CSS declarations of the arm colours for one theme."""
    return " ".join(f"--arm-{index}: {colour};" for index, colour in enumerate(DARK if dark else LIGHT))


def _svg(figure: Figure, name: str, title: str) -> str:
    """An SVG element to stand inside a page: themed, of no fixed size, its ids prefixed by `name`."""
    buffer = io.StringIO()
    with mpl.rc_context(_RC | {"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    opening, rest = text.split(">", 1)
    text = re.sub(r' (width|height)="[^"]*"', "", opening) + f' role="img" aria-label="{escape(title)}">' + rest
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(url\(|xlink:href=")#', rf"\1#{name}-", text)
    text = re.sub(r"font: (?:\w+ )*([\d.]+)px [^;\"]*", r"font-size: \1px; font-family: inherit", text)
    inks = {INK: "--ink", MUTED: "--muted", LINE: "--line", PAPER: "--paper"}
    for colour, variable in (inks | {colour: f"--arm-{index}" for index, colour in enumerate(LIGHT)}).items():
        text = text.replace(colour, f"var({variable})")
    return text


def _png(figure: Figure) -> bytes:
    """The figure on white, at 160 dots per inch."""
    buffer = io.BytesIO()
    with mpl.rc_context(_RC):
        figure.savefig(buffer, format="png", dpi=160, facecolor="white")
    return buffer.getvalue()
