"""The table of the leak: how much of the autoencoder's smoothing the generator learnt in place of the data.

A classifier that tells real images from reconstructed ones says how many generated images it takes for decoded ones;
its floors are what it says of images whose side is known.
"""

from collections.abc import Callable

from aeaug.report.collect import Arm, Group
from aeaug.report.records import Leak
from aeaug.report.table import Cell, Row, Table, spread
from aeaug.report.tables import places

__all__ = ["leak_table"]

_SHARES: dict[str, Callable[[Leak], float | None]] = {
    "generated\u00a0↓": lambda leak: leak.share_generated,
    "real (floor)": lambda leak: leak.share_real,
    "reconstructed (floor)": lambda leak: leak.share_reconstructed,
    "decoded (floor)": lambda leak: leak.share_decoded,
    "classifier, held out": lambda leak: leak.held_out_accuracy,
}
_DISTANCES: dict[str, Callable[[Leak], float | None]] = {
    "FD to reconstructed": lambda leak: leak.frechet_to_reconstructed,
    "FD to test": lambda leak: leak.frechet_to_test,
    "difference\u00a0↑": lambda leak: leak.frechet_difference,
}


def leak_table(group: Group) -> Table | None:
    """Shares of images taken for decoded ones, by arm with their floors, and the FD difference; None unmeasured."""
    if not any(_leaks(arm) for arm in group.arms):
        return None
    fine = places(group)["leak_frechet"]
    rows = []
    for arm in group.arms:
        shares = [_over_seeds(arm, read, 3) for read in _SHARES.values()]
        distances = [_over_seeds(arm, read, fine) for read in _DISTANCES.values()]
        rows.append(Row((Cell(arm.name), *shares, *distances), arm.variant))
    return Table(("arm", *_SHARES, *_DISTANCES), tuple(rows))


def _leaks(arm: Arm) -> list[Leak]:
    return [run.results.leak for run in arm.runs if run.test and run.results and run.results.leak]


def _over_seeds(arm: Arm, read: Callable[[Leak], float | None], places: int) -> Cell:
    return spread([value for leak in _leaks(arm) if (value := read(leak)) is not None], places)
