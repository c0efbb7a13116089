"""How a figure looks, once for all of them: sizes, inks, one colour, marker and dash for each arm.

The page inlines figures as SVG whose colours are CSS variables (`var(--arm-1)`, `var(--ink)`, ...), so that the same
drawing is readable on a light and on a dark page and in print; a PNG on white serves Markdown. Arm colours are those of
Okabe & Ito (2008), darkened on white and lightened on black to a contrast of at least 3:1; the control is always grey.
Arms differ by marker and dash too, so no figure is read by colour alone.
"""

import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["INK", "LINE", "MUTED", "PAPER", "Style", "canvas", "css_variables", "log_ticks", "png", "styles", "svg"]

INK, MUTED, LINE, PAPER = "#1c2024", "#5f6872", "#d5dade", "#fefefe"
LIGHT = ("#6b737b", "#0067a3", "#c24e00", "#00805c", "#a8508a", "#8a6d00", "#2f7fb0", "#7a4fc0")
DARK = ("#a3abb3", "#56b4e9", "#ff9a57", "#3fcfa0", "#e59ac8", "#e3c23c", "#8fd0f5", "#b79cf0")
_MARKERS = "osD^vPXh"
_DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (6, 1.5)),
    (0, (3, 1)),
    (0, (1, 1)),
    (0, (6, 1.5, 1, 1.5)),
)
_WIDTH = 4.6
_RC = {
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
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Style:
    """The look of one arm; `index` names its CSS variable `--arm-<index>`."""

    index: int
    colour: str
    marker: str
    dash: tuple[int, tuple[float, ...]]


def styles(variants: Sequence[str], controls: Collection[str]) -> dict[str, Style]:
    """One look for each variant, in the order given; `controls` take the grey, which nothing else ever takes."""
    found, others = {}, 0
    for variant in variants:
        others += variant not in controls
        index = 0 if variant in controls else 1 + (others - 1) % (len(LIGHT) - 1)
        turn = 0 if variant in controls else others
        found[variant] = Style(index, LIGHT[index], _MARKERS[turn % len(_MARKERS)], _DASHES[turn % len(_DASHES)])
    return found


@contextmanager
def canvas(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of the report's width (4.6 in, legible on a phone) and one pair of axes, under the report's style."""
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.add_subplot()
        axes.tick_params(length=3)
        yield figure, axes


def log_ticks(low: float, high: float) -> list[float]:
    """Round tick positions 1, 2, 5 x 10^k inside [low, high], thinned to a phone's width; for a logarithmic axis."""
    steps = [factor * 10.0**power for power in range(-9, 10) for factor in (1, 2, 5)]
    inside = [step for step in steps if low <= step <= high]
    return inside if len(inside) <= 8 else [step for step in inside if f"{step:e}".startswith("1")]


def svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element to stand inside a page: themed, without prolog, ids prefixed by `name`."""
    buffer = io.StringIO()
    with mpl.rc_context(_RC | {"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1), count=1)
    text = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(url\(|xlink:href=")#', rf"\1#{name}-", text)
    text = re.sub(r"font: (?:\w+ )*([\d.]+)px [^;\"]*", r"font-size: \1px; font-family: inherit", text)
    for colour, variable in _variables().items():
        text = text.replace(colour, f"var({variable})")
    return text


def png(figure: Figure) -> bytes:
    """The figure on white, at 200 dots per inch."""
    buffer = io.BytesIO()
    with mpl.rc_context(_RC):
        figure.savefig(buffer, format="png", dpi=200, facecolor="white")
    return buffer.getvalue()


def css_variables(dark: bool) -> str:
    """CSS declarations of the arm colours for one theme."""
    return " ".join(f"--arm-{index}: {colour};" for index, colour in enumerate(DARK if dark else LIGHT))


def _variables() -> dict[str, str]:
    inks = {INK: "--ink", MUTED: "--muted", LINE: "--line", PAPER: "--paper"}
    return inks | {colour: f"--arm-{index}" for index, colour in enumerate(LIGHT)}
