"""Figures of the discriminator's overfitting: what it says of images it trains on, and of images it never saw.

Real validation images are as good as the training images, so whatever tells D of them apart is memory. r_t = E sign
D(train) is near 1 when all training images are called real (Karras et al. 2020, arXiv:2006.06676); r_v = (E D(train) -
E D(validation)) / (E D(train) - E D(generated)) is 0 without overfitting and 1 when validation images look generated.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from aeaug.report.collect import Arm, Group
from aeaug.report.curves import band, over_seeds
from aeaug.report.drawing import INK, MUTED, Chart, Style, chart, folded, legend, panels
from aeaug.report.records import Discriminator
from aeaug.report.scales import thousands

__all__ = ["judgement_figure", "logit_figure", "overfitting_figure"]

Read = Callable[[Discriminator], float | None]

_SETS: dict[str, Any] = {
    "train": "-",
    "validation": (0, (3.5, 1.5)),
    "generated": "-",
    "decoded": (0, (1, 1.2)),
}
_NEVER = (
    "single seeds: lines are medians over the seeds that came to the end. Generated and decoded images are in the "
    "colour of their arm."
)


def logit_figure(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Mean logits of training, validation, generated and decoded images over training, a panel for each arm."""
    return _sets(
        group,
        looks,
        {name: _reader(f"logit_{name}", 1) for name in _SETS},
        key="discriminator-logits",
        title="What the discriminator says",
        label="mean D(x)",
        reading="Above 0 the discriminator takes images for real. Training and validation images are equally real: "
        "where their lines part, it has learnt the training images by heart.",
        middle=0,
    )


def judgement_figure(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Shares of each set that the discriminator calls real over training, a panel for each arm."""
    return _sets(
        group,
        looks,
        {name: _reader(f"real_{name}", 100) for name in _SETS},
        key="discriminator-shares",
        title="What the discriminator calls real",
        label="called real (%)",
        reading="The share of each set with D(x) > 0. Decoded images are shown to the discriminator as real ones: it "
        "is right about them, as it is trained, where it calls them real.",
        middle=50,
    )


def overfitting_figure(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """r_t and r_v over training, a line for each arm; None where no run has them."""
    arms = [arm for arm in group.arms if _curve(arm, lambda d: d.r_t)[0].size]
    if not arms:
        return None
    with panels(2, 1, 1.8, alike=False) as (figure, both):
        for axes, read, label in ((both[0], lambda d: d.r_t, "r_t"), (both[1], lambda d: d.r_v, "r_v")):
            for arm in arms:
                images, values = _curve(arm, read)
                if images.size:
                    band(axes, images, values, looks[arm.variant], arm.name)
            axes.set_ylabel(label)
            axes.axhline(0, color=INK, linewidth=0.8, zorder=1.5)
        both[0].set_ylim(top=1.04)
        _over_images(both[1:])
        legend(figure, [arm.name for arm in arms])
    return chart(
        figure,
        f"overfitting-{group.size}",
        "Overfitting of the discriminator",
        "Lines are medians over the seeds that came to the end, bands reach from the smallest to the largest of them.",
        "whether images got worse by it: FD over training shows that.",
    )


def _sets(
    group: Group,
    looks: Mapping[str, Style],
    reads: Mapping[str, Read],
    *,
    key: str,
    title: str,
    label: str,
    reading: str,
    middle: float,
) -> Chart | None:
    arms = [arm for arm in group.arms if any(_curve(arm, read)[0].size for read in reads.values())]
    if not arms:
        return None
    columns = min(2, len(arms))
    rows = -(-len(arms) // columns)
    fed = False
    with panels(rows, columns, 1.75 if columns > 1 else 2.6) as (figure, places):
        for axes, arm in zip(places, arms, strict=False):
            axes.axhline(middle, color=MUTED, linewidth=0.8, zorder=1.5)
            for name, read in reads.items():
                images, values = _curve(arm, read)
                if images.size:
                    colour = INK if name in ("train", "validation") else looks[arm.variant].colour
                    mark = "." if images.size == 1 else ""  # one evaluation makes no line
                    medians = np.median(values, axis=0)
                    axes.plot(images, medians, color=colour, linewidth=1.7, linestyle=_SETS[name], marker=mark)
                    fed = fed or name == "decoded"
            axes.set_title(folded(arm.name, 22), fontsize=9.5, loc="left", color=INK)
        for axes in places[: len(arms) : columns]:
            axes.set_ylabel(label)
        for axes in places[len(arms) :]:
            axes.remove()
        lowest = places[max(0, len(arms) - columns) : len(arms)]
        for axes in lowest:
            axes.tick_params(labelbottom=True)
        _over_images(lowest)
        names = [name for name in _SETS if fed or name != "decoded"]
        legend(figure, names, [_handle(name) for name in names])
    return chart(figure, f"{key}-{group.size}", title, reading, _NEVER)


def _handle(name: str) -> Line2D:
    colour = INK if name in ("train", "validation") else MUTED
    return Line2D([], [], color=colour, linewidth=1.7, linestyle=_SETS[name])


def _over_images(lowest: Sequence[Axes]) -> None:
    """Label the shared axis under the lowest panels."""
    for axes in lowest:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(FuncFormatter(thousands))
        axes.set_xlabel("images shown")


def _curve(arm: Arm, read: Read) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return over_seeds(arm, lambda point: read(point.discriminator) if point.discriminator is not None else None)


def _reader(key: str, factor: float) -> Read:
    def read(said: Discriminator) -> float | None:
        value: float | None = getattr(said, key)
        return None if value is None else factor * value

    return read
