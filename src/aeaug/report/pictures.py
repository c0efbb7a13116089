"""Pictures of every arm, side by side, of one seed: generated images, what they were made from, what they resemble.

The same seed means the same evaluation latents in every arm, so equal places answer to equal latents.
"""

from dataclasses import dataclass
from pathlib import Path

from aeaug.report.arms import Group
from aeaug.report.results import Results

__all__ = ["KINDS", "Picture", "pictures"]

KINDS = ("generated", "comparison", "nearest")


@dataclass(frozen=True)
class Picture:
    """One PNG of one run of ``arm``."""

    group: Group
    arm: str
    seed: int
    state: str
    kind: str
    png: bytes


def pictures(results: Results, folder: Path) -> list[Picture]:
    """The pictures that lie under ``folder`` (:mod:`aeaug.run.pictures`) of the runs of ``results``, and nothing else:
    where a table says that they are elsewhere, there are none."""
    return [
        Picture(group, arm.name, run.seed, run.state, kind, path.read_bytes())
        for group in results.groups
        for arm in group.arms
        for run in arm.runs
        for kind in KINDS
        if _lies_in(folder, path := folder / run.experiment / run.words.get("folder", "-") / f"{kind}.png")
    ]


def _lies_in(folder: Path, path: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # no path at all, or links in a circle
        return False
