"""Figures over training: what is measured on the validation slice, and what the discriminator says, over images shown."""

from typing import Any

import numpy as np
import pandas as pd

from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.report.figures.drawing import (
    INK,
    MUTED,
    Chart,
    Style,
    band,
    chart,
    legend,
    log_scale,
    panels,
    styles,
    thousands,
)
from aeaug.report.results import Arm, Group, Results
from aeaug.run.metrics import METRICS

__all__ = ["judgements", "overfitting", "training_curves"]

_SETS = {"train": "-", "validation": (0, (3.5, 1.5)), "generated": "-", "decoded": (0, (1, 1.2))}
_LINES = (
    "Lines are medians over the seeds that came to the end, bands reach from the smallest to the largest of them. A thin "
    "broken line is a run that did not: it ends in × where it diverged or failed, in a dot where it is running."
)


def training_curves(results: Results, keys: tuple[str, ...] = ("frechet_distance", "coverage")) -> Chart | None:
    """Metrics on the validation slice over images shown, a row a metric; None without any history."""
    measured = {metric.key for m in MEASUREMENTS.values() if m.over_training for metric in m.metrics}
    assert set(keys) <= measured, f"{keys} are not measured over training"
    return _curves(
        results,
        keys,
        "validation",
        "generated",
        "training-curves",
        "Over training",
        f"{_LINES} The dashed line is another real sample, measured in the same way. Validation uses fewer images, so "
        "levels are not those of the table.",
    )


def overfitting(results: Results) -> Chart | None:
    """r_t and r_v over training; None where no run has them."""
    return _curves(results, ("r_t", "r_v"), "", "run", "overfitting", "Overfitting of the discriminator", _LINES)


def judgements(results: Results) -> Chart | None:
    """Mean logits of training, validation, generated and decoded images over training, a panel for each arm and group;
    None without any."""
    groups = [group for group in results.groups if any(_runs(results, group, arm).size for arm in group.arms)]
    curves = results.table[(results.table["metric"] == "logit") & results.table["images"].notna()]
    if curves.empty or not groups:
        return None
    looks, most = styles(results), max(len(group.arms) for group in groups)
    with panels(results, groups, 1.9, most) as (figure, axes):
        for column, group in zip(axes.T, groups, strict=True):
            for panel, arm in zip(column, group.arms, strict=False):
                panel.axhline(0, color=MUTED, linewidth=0.8, zorder=1.5)
                for name, dash in _SETS.items():
                    images, values = _matrix(_of(curves, group, arm, "", name, "logit"))
                    if images.size:
                        colour = INK if name in ("train", "validation") else looks[arm.name].colour
                        panel.plot(images, np.median(values, axis=0), color=colour, linewidth=1.6, linestyle=dash)
                head = f"{results.title(group)}: {arm.name}" if len(results.groups) > 1 else arm.name
                panel.set_title(head, fontsize=8.5)
                panel.set_ylabel("mean D(x)")
                panel.xaxis.set_major_formatter(thousands)
            for panel in column[len(group.arms) :]:
                panel.remove()
            column[len(group.arms) - 1].set_xlabel("images shown")
        names = [axes[0][0].plot([], [], color=INK if n in ("train", "validation") else MUTED, linestyle=d, label=n)
                 for n, d in _SETS.items()]  # fmt: skip
        figure.legend(handles=[line for (line,) in names], loc="outside lower center", ncols=4, fontsize=8.5)
    return chart(
        figure,
        "discriminator-logits",
        "What the discriminator says",
        "Above 0 the discriminator takes images for real. Training and validation images are equally real: where their "
        "lines part, it has learnt the training images by heart. Decoded images are shown to it as real ones. Lines are "
        "medians over the seeds that came to the end; generated and decoded images are in the colour of their arm.",
    )


def _curves(
    results: Results, keys: tuple[str, ...], split: str, of: str, key: str, title: str, caption: str
) -> Chart | None:
    table = results.table[(results.table["split"] == split) & (results.table["set"].isin([of, "real"]))]
    table = table[table["metric"].isin(keys)].dropna(subset="value")
    over = table[table["images"].notna()]
    if over.empty:
        return None
    looks = styles(results)
    with panels(results, results.groups, 2.2, len(keys)) as (figure, axes):
        for column, group in zip(axes.T, results.groups, strict=True):
            for panel, name in zip(column, keys, strict=True):
                for arm in group.arms:
                    _arm_curve(panel, _of(over, group, arm, split, of, name), looks[arm.name], arm)
                floors = table[table["images"].isna() & (table["set"] == "real") & (table["metric"] == name)]
                floors = _sized(floors, group)["value"]
                if len(floors):
                    panel.axhline(floors.median(), color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
                low, high = panel.dataLim.intervaly
                if METRICS[name].scale == "log" and 0 < low < high:
                    log_scale(panel.yaxis, low / 1.15, high * 1.15)
                panel.set_xlim(left=0)
                panel.xaxis.set_major_formatter(thousands)
                panel.set_ylabel(METRICS[name].label)
            column[-1].set_xlabel("images shown")
        legend(figure, axes)
    return chart(figure, key, title, caption)


def _arm_curve(panel: Any, rows: pd.DataFrame, look: Style, arm: Arm) -> None:
    images, values = _matrix(rows)
    if images.size:
        band(panel, images, values, look, arm.name)
    else:  # an arm without a finished run keeps its place in the legend
        panel.plot([], [], label=arm.name, **look.marks(4.5))
    for (_, state), part in rows[rows["state"] != "done"].groupby(["seed", "state"]):
        part = part.sort_values("images")
        panel.plot(part["images"], part["value"], color=look.colour, linewidth=0.9, linestyle=(0, (2, 2)))
        panel.plot(part["images"].iloc[-1], part["value"].iloc[-1], color=look.colour, markersize=7,
                   marker="." if state == "running" else "x")  # fmt: skip


def _of(table: pd.DataFrame, group: Group, arm: Arm, split: str, of: str, metric: str) -> pd.DataFrame:
    here = _sized(table, group)
    return here[(here["arm"] == arm.name) & (here["split"] == split) & (here["set"] == of) & (here["metric"] == metric)]


def _sized(table: pd.DataFrame, group: Group) -> pd.DataFrame:
    size = table["n_train"].isna() if group.n_train is None else table["n_train"] == group.n_train
    return table[size & table["experiment"].isin({run.experiment for arm in group.arms for run in arm.runs})]


def _runs(results: Results, group: Group, arm: Arm) -> Any:
    return np.array([run.seed for run in arm.runs if run.state == "done"])


def _matrix(rows: pd.DataFrame) -> tuple[Any, Any]:
    """Images (K,) at which every finished run has a value, and those values (runs, K)."""
    done = rows[rows["state"] == "done"].pivot_table(index="seed", columns="images", values="value").dropna(axis=1)
    return done.columns.to_numpy(dtype=float), done.to_numpy(dtype=float)
