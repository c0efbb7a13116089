"""Figures of what images and runs are worth: precision and recall, classes, cost."""

from collections.abc import Mapping

import numpy as np

from aeaug.evaluation.reading import FLOORS
from aeaug.report.arms import floor_values
from aeaug.report.figures.axes import log_scale
from aeaug.report.figures.drawing import INK, REAL_LINE, Chart, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.run.metrics import METRICS

__all__ = ["class_shares", "cost", "precision_recall"]


def precision_recall(results: Results) -> Chart | None:
    """Precision over recall of every run, with the floors; None before any run is done."""
    floors = {"real": "s", "copy": "D", "decoded": "o"}
    return _scatter(results, "recall", "precision", "precision-recall", floors)


def cost(results: Results) -> Chart | None:
    """FD of every run over the seconds that led to its generator; None before any run is done."""
    return _scatter(results, "seconds_training", "frechet_distance", "cost-quality")


def class_shares(results: Results) -> Chart | None:
    """Share of each class among generated images by arm; None before any run is done."""
    rows = results.table[(results.table["split"] == "test") & (results.table["set"] == "generated")]
    rows = rows[rows["reading"] == "end"]
    rows = rows.assign(**{"class": rows["metric"].str.extract(r"^class_(\d+)$", expand=False)}).dropna(
        subset=["class", "value"]
    )
    if rows.empty:
        return None
    looks, classes = styles(results), rows["class"].astype(int).max() + 1
    shares = 100 * rows.groupby(["group", "arm", "class"])["value"].agg(["min", "median", "max"])
    with panels(results, results.groups, 2.6) as (figure, axes):
        for place, (column, group) in enumerate(zip(axes[0], results.groups, strict=True)):
            for arm, shift in zip(group.arms, np.linspace(-0.28, 0.28, len(group.arms)), strict=True):
                if (place, arm.name) in shares.index.droplevel("class"):
                    share = shares.loc[place, arm.name]
                    x = share.index.astype(int) + (shift if len(group.arms) > 1 else 0.0)
                    column.vlines(x, share["min"], share["max"], color=looks[arm.name].colour, linewidth=1.5)
                    column.plot(x, share["median"], label=arm.name, **looks[arm.name].marks(4.5))
            column.axhline(100 / classes, color=INK, linewidth=1.0, linestyle=REAL_LINE, zorder=1.5)
            column.set_xticks(range(classes))
            column.set_ylim(bottom=0)
            column.set_xlabel("class, as the feature net sees it")
        axes[0][0].set_ylabel("share of images (%)")
        legend(figure, axes)
    return chart(figure, "class-shares")


def _scatter(results: Results, x: str, y: str, key: str, floors: Mapping[str, str] | None = None) -> Chart | None:
    """``floors``: sets of images drawn too, and their markers."""
    first, second, looks = METRICS[x], METRICS[y], styles(results)
    if not any(run.of(first) is not None and run.of(second) is not None for run in results.runs):
        return None
    with panels(results, results.groups, 2.9) as (figure, axes):
        for column, group in zip(axes[0], results.groups, strict=True):
            for arm in group.arms:
                found = [(run.of(first), run.of(second)) for run in arm.runs]
                points = np.array([pair for pair in found if None not in pair], dtype=float)
                if len(points):
                    column.plot(*points.T, label=arm.name, **looks[arm.name].marks(6))
                    cross = {"marker": "+", "markersize": 15, "markeredgewidth": 1.5}
                    column.plot(*np.median(points, axis=0), color=looks[arm.name].colour, **cross)
            for name, marker in (floors or {}).items():
                for arms in [[arm] for arm in group.arms] if name == "decoded" else [group.arms]:
                    a, b = floor_values(arms, first, name), floor_values(arms, second, name)
                    if a and b:
                        own = name == "decoded"
                        colour, label = (looks[arms[0].name].colour, None) if own else (INK, FLOORS[name])
                        ring = {"marker": marker, "markerfacecolor": "none", "linestyle": "none"}
                        column.plot(np.median(a), np.median(b), color=colour, label=label, **ring)
            low, high = column.dataLim.intervaly
            if second.scale == "log" and 0 < low < high:
                log_scale(column.yaxis, low / 1.15, high * 1.15)
            column.set_xlabel(first.label)
        axes[0][0].set_ylabel(second.label)
        legend(figure, axes)
    return chart(figure, key)
