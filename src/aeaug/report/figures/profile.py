"""Performance profiles by size: how many of an arm's runs come how near to another real sample."""

import math
from typing import Any

import numpy as np

from aeaug.report.figures.axes import log_scale
from aeaug.report.figures.drawing import Chart, Style, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.report.statistics.profile import Profile, profile
from aeaug.run.claims import READINGS
from aeaug.run.metrics import METRICS

__all__ = ["performance_profile"]

_FD = METRICS["frechet_distance"]


def performance_profile(results: Results) -> Chart | None:
    """A row of panels for every reading, a column for every size; None before any run has FD and its floor."""
    found = {
        (place, reading, arm.name): one
        for place, group in enumerate(results.groups)
        for reading in READINGS
        for arm in group.arms
        if (one := profile(arm, _FD, reading)) is not None
    }
    if not found:
        return None
    places = [place for place in range(len(results.groups)) if any(key[0] == place for key in found)]
    readings = [reading for reading in READINGS if any(key[1] == reading for key in found)]
    looks = styles(results)
    with panels(results, [results.groups[place] for place in places], 2.1, len(readings)) as (figure, axes):
        for column, place in enumerate(places):
            here = [one for key, one in found.items() if key[0] == place]
            ends = [ratio for one in here for ratio in one.ratios if math.isfinite(ratio)]
            least, most = min(ends) / 1.15, max(ends) * 1.15
            for panel, reading in zip(axes[:, column], readings, strict=True):
                for arm in results.groups[place].arms:
                    if (one := found.get((place, reading, arm.name))) is not None:
                        _draw(panel, one, looks[arm.name], arm.name, least, most)
                log_scale(panel.xaxis, least, most)
                panel.set_ylim(-0.03, 1.03)
                panel.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "½", "", "1"])
            axes[-1, column].set_xlabel("τ: FD over that of another real sample")
        for panel, reading in zip(axes[:, 0], readings, strict=True):
            panel.set_ylabel(f"share of runs within τ\n{READINGS[reading].split(' (')[0]}", fontsize=8.5)
        legend(figure, axes)
    return chart(figure, "performance-profile")


def _draw(panel: Any, one: Profile, look: Style, name: str, least: float, most: float) -> None:
    steps = np.array([least, *(ratio for ratio in one.ratios if math.isfinite(ratio)), most])
    if (ends := one.band(steps)) is not None:
        panel.fill_between(steps, *ends, step="post", color=look.colour, alpha=0.08, linewidth=0)
    marks = look.marks(4.5) | {"linestyle": "-", "drawstyle": "steps-post", "markevery": (1, max(1, len(steps) // 6))}
    panel.plot(steps, one.share(steps), label=name, linewidth=1.6, **marks)
