"""The GAN's FD over what its autoencoder is worth by itself, an autoencoder a mark."""

import numpy as np

from aeaug.evaluation.reading import number
from aeaug.report.figures.axes import folded, log_scale
from aeaug.report.figures.drawing import Chart, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.report.statistics.association import associations

__all__ = ["autoencoder_quality"]


def autoencoder_quality(results: Results) -> Chart | None:
    """A panel a rank correlation, a mark an arm; None where there are too few autoencoders to order."""
    found, looks = associations(results), styles(results)
    if not found:
        return None
    with panels(results, [one.group for one in found], 2.9) as (figure, axes):
        for column, one in zip(axes[0], found, strict=True):
            for arm, x, y in zip(one.arms, one.quality, one.fd, strict=True):
                column.plot(x, y, label=arm.name, **looks[arm.name].marks(7))
            column.set_title(f"{one.group.size} images, ρ = {number(one.rho, 2)}")
            column.set_xlabel(folded(one.label, 30))
            log_scale(column.yaxis, one.fd.min() / 1.1, one.fd.max() * 1.1)
            if one.logarithmic and np.ptp(one.quality):
                log_scale(column.xaxis, one.quality.min() / 1.15, one.quality.max() * 1.15)
        axes[0][0].set_ylabel("FD of the GAN")
        legend(figure, axes)
    return chart(figure, "autoencoder-quality")
