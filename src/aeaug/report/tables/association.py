"""Rank correlations of the GAN's FD with what its autoencoder is worth by itself."""

from aeaug.evaluation.reading import number
from aeaug.report.results import Results
from aeaug.report.statistics.association import associations
from aeaug.report.tables.table import Table, figure, under_titles

__all__ = ["association_table"]

_REMARK = (
    "Spearman's rank correlation with the GAN's FD over autoencoders that are all that differs between their arms, of "
    "means over pairs. The interval is over subsets and seeds, p over the autoencoders, uncorrected."
)


def association_table(results: Results) -> Table | None:
    """A row a quality and set of arms; None where there are too few autoencoders to order."""
    rows = under_titles(
        results,
        associations(results),
        lambda one: (
            one.label,
            str(len(one.arms)),
            str(one.units),
            number(one.rho, 2),
            "–" if one.interval is None else f"{number(one.interval[0], 2)} to {number(one.interval[1], 2)}",
            figure(one.p, ".2g"),
        ),
    )
    columns = ("of the autoencoder", "autoencoders", "subsets and seeds", "rank correlation", "95% interval", "p")
    return Table(columns, rows, _REMARK) if rows else None
