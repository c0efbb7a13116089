"""Generated images of every arm, side by side, for one seed.

The same seed means the same evaluation latents in every arm, so equal places in the grids answer to equal
latents.
"""

from dataclasses import dataclass
from pathlib import Path

from aeaug.report.collect import Group
from aeaug.report.records import Run

__all__ = ["Sample", "samples"]


@dataclass(frozen=True)
class Sample:
    """The last grid of one run, and its rows of real, synthetic and generated images, as PNG."""

    run: Run
    grid: bytes
    comparison: bytes | None


def samples(group: Group) -> list[Sample]:
    """Last grids of all arms for the smallest of the seeds most arms have finished; empty without any."""
    by_seed: dict[int, list[Sample]] = {}
    for arm in group.arms:
        for run in arm.runs:
            if (grid := _last_grid(run.path / "samples")) is not None:
                by_seed.setdefault(run.seed, []).append(
                    Sample(run, grid, _bytes(run.path / "samples" / "comparison.png"))
                )
    rank = {seed: (sum(s.run.state == "done" for s in found), len(found), -seed) for seed, found in by_seed.items()}
    return by_seed[max(rank, key=lambda seed: rank[seed])] if rank else []


def _last_grid(folder: Path) -> bytes | None:
    grids = sorted(folder.glob("images=*.png"))
    return _bytes(grids[-1]) if grids else None


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
