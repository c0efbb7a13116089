"""Pictures of every arm, side by side, of one seed: generated images, what they were made from, what they resemble.

The same seed means the same evaluation latents in every arm, so equal places answer to equal latents.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from aeaug.report.results import Group, Results

__all__ = ["KINDS", "Picture", "pictures"]

KINDS = {
    "generated": "Generated images: the last grid of each arm; equal places are equal latents. One seed, no selection; "
    "far too few to rank arms by eye.",
    "comparison": "Rows of real training images, the synthetic images an arm was fed (arms that have any), and its "
    "generated images.",
    "nearest": "The upper row is generated; under each image its three nearest training images in feature space, nearest "
    "first. Columns of near duplicates are copies.",
}
_ROW, _BORDER = 28, 1  # a digit's pixels, and between digits


@dataclass(frozen=True)
class Picture:
    """One PNG of one run of ``arm``; ``row`` is its first row of digits alone."""

    group: Group
    arm: str
    seed: int
    state: str
    kind: str
    png: bytes
    row: bytes


def pictures(results: Results, folder: Path) -> list[Picture]:
    """The pictures that lie under ``folder`` (:mod:`aeaug.run.pictures`) of the runs of ``results``."""
    found = []
    for group in results.groups:
        for arm in group.arms:
            for run in arm.runs:
                for kind in KINDS:
                    path = folder / run.experiment / run.words.get("folder", "-") / f"{kind}.png"
                    if path.is_file():
                        png = path.read_bytes()
                        found.append(Picture(group, arm.name, run.seed, run.state, kind, png, _first_row(png)))
    return found


def _first_row(png: bytes) -> bytes:
    image = Image.open(io.BytesIO(png))
    buffer = io.BytesIO()
    image.crop((0, 0, image.width, min(image.height, _ROW + 2 * _BORDER))).save(buffer, format="png")
    return buffer.getvalue()
