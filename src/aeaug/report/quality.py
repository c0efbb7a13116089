"""Figures of what stands behind a distance: precision against recall, and the balance of classes."""

from collections.abc import Mapping

import numpy as np

from aeaug.report.collect import Group
from aeaug.report.drawing import INK, Chart, Style, canvas, chart, legend, ring

__all__ = ["class_shares", "precision_recall"]


def precision_recall(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Precision over recall of every seed, with the floors; None before any run is done."""
    arms = [arm for arm in group.arms if arm.test()]
    if not arms:
        return None
    floors = [(name, INK, [m for arm in arms for m in arm.floors(name).values()]) for name in ("real", "copy")]
    floors += [("", looks[arm.variant].colour, list(arm.floors("decoded").values())) for arm in arms]
    points: list[tuple[float, float]] = []
    with canvas(3.6) as (figure, axes):
        for arm in arms:
            seeds = [(m.recall, m.precision) for m in arm.test().values()]
            axes.plot(*zip(*seeds, strict=True), label=arm.name, **looks[arm.variant].marks(6.5))
            points += seeds
        for name, colour, metrics in floors:
            if metrics:
                middle = tuple(np.median([(m.recall, m.precision) for m in metrics], axis=0).tolist())
                axes.plot(*middle, **ring(colour))
                above = name == "real"  # a copy of many images is as good: their labels must not meet
                offset, align = ((0, 7), "bottom") if above else ((0, -7), "top")
                axes.annotate(name, middle, offset, textcoords="offset points", ha="center", va=align, fontsize=8.5)
                points.append(middle)
        for axis, values in zip("xy", zip(*points, strict=True), strict=True):
            room = max(0.12 * (max(values) - min(values)), 0.04)
            axes.set(**{f"{axis}lim": (min(values) - room, min(max(values) + room, 1.02))})
        axes.set_xlabel("recall (k = 3)")
        axes.set_ylabel("precision (k = 3)")
        legend(figure, [arm.name for arm in arms])
    return chart(
        figure,
        f"precision-recall-{group.size}",
        "Precision against recall",
        "Each mark is one seed: up, more generated images look real; right, more of the real variety is "
        "generated. Rings are floors: another real sample, the training subset copied, and, in the arm's "
        "colour, the images its autoencoder decoded.",
        "class balance, or copying: a copy of the training subset is precise too. Axes do not start at 0.",
    )


def class_shares(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Share of each class among generated images by arm; None before any run is done."""
    arms = [arm for arm in group.arms if arm.test()]
    if not arms:
        return None
    shifts = np.linspace(-0.28, 0.28, len(arms)) if len(arms) > 1 else np.zeros(1)
    with canvas(3.0) as (figure, axes):
        for arm, shift in zip(arms, shifts, strict=True):
            look = looks[arm.variant]
            shares = 100 * np.array([m.class_histogram for m in arm.test().values()])
            x = np.arange(shares.shape[1]) + shift
            axes.vlines(x, shares.min(axis=0), shares.max(axis=0), color=look.colour, linewidth=1.6)
            axes.plot(x, np.median(shares, axis=0), label=arm.name, **look.marks(5))
        axes.axhline(100 / shares.shape[1], color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1.5)
        axes.set_xticks(range(shares.shape[1]))
        axes.set_ylim(bottom=0)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("class, as the feature net sees it")
        axes.set_ylabel("share of images (%)")
        legend(figure, [arm.name for arm in arms])
    return chart(
        figure,
        f"class-shares-{group.size}",
        "Which classes are generated",
        "Marks are medians over seeds, lines reach from the smallest to the largest share; the dashed line"
        " is the even share. The class KL and the number of modes in the table summarise this.",
        "variety inside a class, or whether images are good: the feature net gives every image some class.",
    )
