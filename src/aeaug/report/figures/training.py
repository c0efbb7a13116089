"""Figures over images shown: what is measured on the validation slice, and what the discriminator says."""

from typing import Any

import numpy as np
import pandas as pd

from aeaug.report.figures.axes import log_scale, thousands
from aeaug.report.figures.drawing import INK, MUTED, REAL_LINE, Chart, Style, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.run.metrics import METRICS

__all__ = ["judgements", "overfitting", "training_curves"]

_SETS = {"train": "-", "validation": (0, (3.5, 1.5)), "generated": "-", "decoded": (0, (1, 1.2))}


def training_curves(results: Results, keys: tuple[str, ...] = ("frechet_distance",)) -> Chart | None:
    """Metrics on the validation slice over images shown, a row a metric; None without any history."""
    return _curves(results, keys, ("validation", "generated"), "training-curves")


def overfitting(results: Results) -> Chart | None:
    """r_t and r_v over training; None where no run has them."""
    return _curves(results, ("r_t", "r_v"), ("", "run"), "overfitting")


def judgements(results: Results) -> Chart | None:
    """Mean logits of training, validation, generated and decoded images over training, a panel for each arm and group;
    None without any."""
    table = results.table
    table = table[(table["metric"] == "logit") & (table["state"] == "done")].dropna(subset=["images", "value"])
    if table.empty:
        return None
    curves = dict(list(table.groupby(["group", "arm", "set"])))
    looks, most = styles(results), max(len(group.arms) for group in results.groups)
    with panels(results, results.groups, 1.9, most) as (figure, axes):
        for panel in axes.ravel():
            panel.set_axis_off()
        for place, group in enumerate(results.groups):
            for panel, arm in zip(axes[:, place], group.arms, strict=False):
                panel.set_axis_on()
                panel.axhline(0, color=MUTED, linewidth=0.8, zorder=1.5)
                for name, dash in _SETS.items():
                    if (place, arm.name, name) in curves:
                        images, values = _matrix(curves[place, arm.name, name])
                        colour = INK if name in ("train", "validation") else looks[arm.name].colour
                        mark = "." if len(images) == 1 else ""  # one evaluation makes no line
                        medians = np.median(values, axis=0)
                        panel.plot(images, medians, color=colour, linewidth=1.6, linestyle=dash, marker=mark)
                head = f"{results.title(group)}: {arm.name}" if len(results.groups) > 1 else arm.name
                panel.set_title(head, fontsize=8.5)
                panel.set_ylabel("mean D(x)")
                panel.xaxis.set_major_formatter(thousands)
            axes[len(group.arms) - 1, place].set_xlabel("images shown")
        for name, dash in _SETS.items():
            axes[0][0].plot([], [], color=INK if name in ("train", "validation") else MUTED, linestyle=dash, label=name)
        legend(figure, axes[:1, :1])
    return chart(figure, "discriminator-logits")


def _curves(results: Results, keys: tuple[str, ...], of: tuple[str, str], key: str) -> Chart | None:
    """``of``: the split and the set of images whose curves these are."""
    table = results.table[(results.table["split"] == of[0]) & results.table["metric"].isin(keys)].dropna(subset="value")
    over = table[table["images"].notna() & (table["set"] == of[1])]
    if over.empty:
        return None
    curves = dict(list(over.groupby(["group", "arm", "metric"])))
    real = table[table["images"].isna() & (table["set"] == "real") & table["space"].isin(["", results.spaces[0]])]
    # What the runs of a subset and seed share counts once.
    floors = (
        real.drop_duplicates(["group", "metric", "subset", "seed", "value"])
        .groupby(["group", "metric"])["value"]
        .median()
    )
    looks = styles(results)
    with panels(results, results.groups, 2.2, len(keys)) as (figure, axes):
        for place, group in enumerate(results.groups):
            for panel, name in zip(axes[:, place], keys, strict=True):
                for arm in group.arms:
                    # An arm without a finished run keeps its place in the legend.
                    panel.plot(
                        [], [], label=arm.name, linewidth=1.7, **(looks[arm.name].marks(4.5) | {"linestyle": "-"})
                    )
                    if (place, arm.name, name) in curves:
                        _arm(panel, curves[place, arm.name, name], looks[arm.name])
                if (place, name) in floors:
                    panel.axhline(floors[place, name], color=INK, linewidth=1.1, linestyle=REAL_LINE)
                low, high = panel.dataLim.intervaly
                if METRICS[name].scale == "log" and 0 < low < high:
                    log_scale(panel.yaxis, low / 1.15, high * 1.15)
                panel.set_xlim(left=0)
                panel.xaxis.set_major_formatter(thousands)
                panel.set_ylabel(METRICS[name].label)
            axes[-1, place].set_xlabel("images shown")
        legend(figure, axes)
    return chart(figure, key)


def _arm(panel: Any, rows: pd.DataFrame, look: Style) -> None:
    images, values = _matrix(rows[rows["state"] == "done"])
    if len(values):
        panel.fill_between(images, values.min(axis=0), values.max(axis=0), color=look.colour, alpha=0.15, linewidth=0)
        marks = look.marks(4.5) | {"linestyle": "-", "markevery": max(1, len(images) // 8)}
        panel.plot(images, np.median(values, axis=0), linewidth=1.7, **marks)
    for (_, _, state), part in rows[rows["state"] != "done"].groupby(["subset", "seed", "state"]):
        x, y = part["images"].to_numpy(float), part["value"].to_numpy(float)
        panel.plot(x, y, color=look.colour, linewidth=0.9, linestyle=(0, (2, 2)))
        panel.plot(x[-1], y[-1], color=look.colour, markersize=7, marker="." if state == "running" else "x")


def _matrix(rows: pd.DataFrame) -> tuple[Any, Any]:
    """Images (K,) at which every run has a value, and those values (runs, K)."""
    found = rows.pivot_table(index=["subset", "seed"], columns="images", values="value").dropna(axis=1)
    return found.columns.to_numpy(dtype=float), found.to_numpy(dtype=float)
