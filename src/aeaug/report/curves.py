"""Figures over training: validation metrics over images shown to the discriminator (`history.jsonl`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from aeaug.report.collect import Arm, Group
from aeaug.report.drawing import INK, Chart, Style, canvas, chart, legend
from aeaug.report.records import Metrics, Point
from aeaug.report.scales import log_scale, thousands

__all__ = ["band", "coverage_curve", "frechet_curve", "over_seeds"]


def frechet_curve(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """FD on the validation split over images shown, on a logarithmic axis; None without any history."""
    return _curve(
        group,
        looks,
        lambda metrics: metrics.frechet_distance,
        key=f"frechet-curve-{group.size}",
        title="Fréchet distance over training",
        label="FD, validation (log scale)",
        logarithmic=True,
    )


def coverage_curve(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Coverage of the validation split over images shown; None without any history."""
    return _curve(
        group,
        looks,
        lambda metrics: metrics.coverage,
        key=f"coverage-curve-{group.size}",
        title="Coverage over training",
        label="coverage (k = 5), validation",
        logarithmic=False,
    )


def _curve(
    group: Group,
    looks: Mapping[str, Style],
    value: Callable[[Metrics], float],
    *,
    key: str,
    title: str,
    label: str,
    logarithmic: bool,
) -> Chart | None:
    arms = [arm for arm in group.arms if any(run.history for run in arm.runs)]
    seen: list[float] = []
    with canvas(3.1) as (figure, axes):
        for arm in arms:
            look = looks[arm.variant]
            images, values = over_seeds(arm, value)
            if images.size:
                band(axes, images, values, look, arm.name)
            else:  # an arm without a finished run keeps its place in the legend
                axes.plot([], [], label=arm.name, linewidth=1.8, **(look.marks(4.5) | {"linestyle": look.dash}))
            seen += values.ravel().tolist()
            for run in arm.runs:
                part = [(p.images, value(p)) for p in run.history if np.isfinite(value(p))]
                if run.state != "done" and part:
                    end = "." if run.state == "running" else "x"
                    thin: dict[str, Any] = {"color": look.colour, "linewidth": 0.9, "linestyle": (0, (2, 2))}
                    axes.plot(*zip(*part, strict=True), **thin)
                    axes.plot(*part[-1], marker=end, color=look.colour, markersize=7, markeredgewidth=1.8)
                    seen += [v for _, v in part]
        if not seen:
            return None
        floors = [run.results.validation_floor for arm in arms for run in arm.runs if run.results]
        if found := [value(floor) for floor in floors if floor is not None]:
            floor = float(np.median(found))
            seen.append(floor)
            axes.axhline(floor, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
            above = (0, 3) if logarithmic else (0, -11)  # of curves that come down to it, and that rise to it
            axes.annotate(
                "another real sample",
                (0.99, floor),
                above,
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                ha="right",
                fontsize=8.5,
            )
        if logarithmic:
            log_scale(axes, "y", min(seen) / 1.15, max(seen) * 1.15)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(FuncFormatter(thousands))
        axes.set_xlabel("images shown to the discriminator")
        axes.set_ylabel(label)
        legend(figure, [arm.name for arm in arms])
    return chart(
        figure,
        key,
        title,
        "Lines are medians over the seeds that came to the end, bands reach from the smallest to the "
        "largest of them. A thin broken line is a run that did not: it ends in × where it diverged or "
        "failed, in a dot where it is running. The dashed line is another real sample, measured in the same way.",
        "the reported numbers: those come once, from the test split. Validation evaluations use fewer "
        "images, so their level is not that of the table.",
    )


def over_seeds(arm: Arm, value: Callable[[Point], float | None]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Images (K,) at which every finished run of `arm` has a finite value, and those values (runs, K)."""
    done = [run.history for run in arm.runs if run.state == "done" and run.history]
    curves = [{p.images: found for p in history if _finite(found := value(p))} for history in done]
    shared = sorted(set.intersection(*map(set, curves))) if curves else []
    return np.array(shared), np.array([[curve[at] for at in shared] for curve in curves])


def band(
    axes: Axes, x: Sequence[float] | np.ndarray[Any, Any], values: np.ndarray[Any, Any], look: Style, label: str
) -> None:
    """Draw `values (runs, K)` over `x (K,)`: their median as a line with marks, smallest to largest as a band."""
    axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=look.colour, alpha=0.16, linewidth=0)
    marks = look.marks(4.5) | {"linestyle": look.dash, "markevery": max(1, len(x) // 8)}
    axes.plot(x, np.median(values, axis=0), label=label, linewidth=1.8, **marks)


def _finite(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))
