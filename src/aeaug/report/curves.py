"""Figures over training: validation metrics against images shown to the discriminator, from `history.jsonl`."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aeaug.report.collect import Arm, Group
from aeaug.report.drawing import PAPER, Style, canvas, log_ticks
from aeaug.report.figures import Chart, chart
from aeaug.report.records import Point

__all__ = ["coverage_curve", "frechet_curve"]

_LIMITS = "the reported numbers: those come once, from the test split, with more images. "


def frechet_curve(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """FD on the validation split over images shown, on a logarithmic axis."""
    return _curve(
        group,
        looks,
        lambda point: point.frechet_distance,
        "frechet-curve",
        "Fréchet distance over training",
        "FD to the validation split (log scale)",
        logarithmic=True,
    )


def coverage_curve(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Coverage of the validation split over images shown."""
    return _curve(
        group,
        looks,
        lambda point: point.coverage,
        "coverage-curve",
        "Coverage over training",
        "coverage (k = 5) of the validation split",
        logarithmic=False,
    )


def _curve(
    group: Group,
    looks: Mapping[str, Style],
    value: Callable[[Point], float],
    key: str,
    title: str,
    label: str,
    *,
    logarithmic: bool,
) -> Chart | None:
    arms = [arm for arm in group.arms if any(run.history for run in arm.runs)]
    if not arms:
        return None
    with canvas(3.1) as (figure, axes):
        seen: list[float] = []
        for arm in arms:
            look = looks[arm.variant]
            images, values = _whole(arm, value)
            if images.size:
                seen += values.ravel().tolist()
                axes.fill_between(images, values.min(axis=0), values.max(axis=0), color=look.colour, alpha=0.16, lw=0)
                axes.plot(images, np.median(values, axis=0), color=look.colour, linestyle=look.dash, linewidth=1.8,
                          marker=look.marker, markersize=4.5, markeredgecolor=PAPER, markeredgewidth=0.5,
                          markevery=max(1, images.size // 8), label=arm.variant)  # fmt: skip
            for run in arm.runs:
                part = [(p.images, value(p)) for p in run.history if np.isfinite(value(p))]
                if run.state == "done" or not part:
                    continue
                seen += [v for _, v in part]
                axes.plot(*zip(*part, strict=True), color=look.colour, linewidth=0.9, linestyle=(0, (2, 2)))
                axes.plot(*part[-1], marker="x" if run.state in ("diverged", "failed") else ".", color=look.colour,
                          markersize=7, markeredgewidth=1.8)  # fmt: skip
        if logarithmic and seen:
            axes.set_yscale("log")
            low, high = min(seen) / 1.15, max(seen) * 1.15
            axes.set_ylim(low, high)
            axes.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(FuncFormatter(_images))
        axes.set_xlabel("images shown to the discriminator")
        axes.set_ylabel(label)
        figure.legend(loc="outside lower center", ncols=min(len(arms), 3))
    return chart(
        figure,
        f"{key}-{group.n_train}",
        title,
        "Lines are medians over the seeds that came to the end, bands reach from their worst to their best. A thin "
        "broken line is a run that did not: it ends in × where it diverged or failed, in a dot where it is running.",
        _LIMITS + "Compare shapes here, and the arms in the table.",
    )


def _whole(arm: Arm, value: Callable[[Point], float]) -> tuple[np.ndarray, np.ndarray]:
    """Images (K,) at which every finished run has a finite value, and those values (runs, K)."""
    curves = [{p.images: value(p) for p in run.history if np.isfinite(value(p))}
              for run in arm.runs if run.state == "done" and run.history]  # fmt: skip
    shared = sorted(set.intersection(*(set(curve) for curve in curves))) if curves else []
    return np.array(shared), np.array([[curve[at] for at in shared] for curve in curves])


def _images(count: float, _: int) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(count) >= size:
            return f"{count / size:g}{unit}"
    return f"{count:g}"
