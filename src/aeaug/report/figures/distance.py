"""FD of every run on the test split, by arm, with the floors it is read against."""

import numpy as np

from aeaug.report.figures.drawing import FLOOR_LINES, INK, Chart, chart, folded, log_scale, panels, styles
from aeaug.report.results import Results
from aeaug.report.tables import FLOORS
from aeaug.run.metrics import METRICS

__all__ = ["frechet_by_arm"]

_FD = METRICS["frechet_distance"]


def frechet_by_arm(results: Results) -> Chart | None:
    """FD of every seed by arm; None before any run is done."""
    groups = [group for group in results.groups if any(arm.values(_FD) for arm in group.arms)]
    if not groups:
        return None
    looks, most = styles(results), max(len(group.arms) for group in groups)
    with panels(results, groups, 1.6 + 0.42 * most) as (figure, axes):
        for column, group in zip(axes[0], groups, strict=True):
            seen = []
            for place, arm in enumerate(group.arms):
                look, values, fed = looks[arm.name], arm.values(_FD), arm.values(_FD, "decoded")
                lanes = place + np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else [place] * len(values)
                column.plot(values, lanes, **look.marks())
                if values:
                    column.plot([np.median(values)] * 2, [place - 0.38, place + 0.38], color=look.colour, linewidth=2.4)
                if fed:
                    ring = {"marker": "o", "markerfacecolor": "none", "markeredgewidth": 1.6}
                    column.plot(np.median(fed), place, color=look.colour, **ring)
                seen += values + fed
            for name, line in FLOOR_LINES.items():
                floor = [value for arm in group.arms for value in arm.values(_FD, name)]
                if floor:
                    column.axvline(np.median(floor), color=INK, linewidth=1.1, linestyle=line, label=FLOORS[name])
                    seen.append(float(np.median(floor)))
            lost = [f"\n{arm.count('diverged')} diverged" if arm.count("diverged") else "" for arm in group.arms]
            names = [folded(arm.name, 20) + note for arm, note in zip(group.arms, lost, strict=True)]
            column.set_yticks(range(len(names)), names)
            column.set_ylim(len(names) - 0.45, -0.55)
            column.grid(visible=False, axis="y")
            log_scale(column.xaxis, min(seen) / 1.25, max(seen) * 1.2)
            column.set_xlabel("Fréchet distance to the test split (log)")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8.5)
    return chart(
        figure,
        "frechet-by-arm",
        "FD of every run",
        "Each mark is one seed, the bar the median; further left is better. The dashed line is another real sample, the "
        "least a perfect generator would show; the dotted one the training subset in place of generated images; a ring "
        "the images the autoencoder fed to that arm. How sure the order of the arms is, only paired differences show. "
        "Diverged runs have no mark.",
    )
