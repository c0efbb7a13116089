"""Pictures of every arm, side by side, for one seed: generated images, what they were made from, what they resemble.

The same seed means the same evaluation latents in every arm, so equal places in the grids answer to equal latents.
"""

from dataclasses import dataclass
from pathlib import Path

from aeaug.report.collect import Group
from aeaug.report.records import Run

__all__ = ["Gallery", "Picture", "galleries", "sample_galleries"]

_ROWS = "comparison.png"
_NEAREST = "nearest.png"


@dataclass(frozen=True)
class Picture:
    """One PNG of one run; `file` is its name beside the report, `arm` the name under it."""

    file: str
    png: bytes
    alt: str
    run: Run
    arm: str

    @property
    def note(self) -> str:
        """What must be said of a picture of a run that did not come to its end."""
        return "" if self.run.state == "done" else f" ({self.run.state})"


@dataclass(frozen=True)
class Gallery:
    """Pictures of one kind, one an arm; `wide` ones are rows of ten images, the others squares of 64."""

    title: str
    reading: str
    pictures: tuple[Picture, ...]
    wide: bool


def sample_galleries(group: Group) -> list[Gallery]:
    """Last grids, and rows of real, synthetic and generated images, of one seed in all arms; empty without any."""
    seed = _seed(group)
    if seed is None:
        return []
    return galleries(
        group,
        (
            "generated",
            "Generated images",
            f"Seed {seed} in every arm, the last grid each run wrote: equal places are equal latents. One seed, no "
            "selection; far too few to rank arms by eye.",
        ),
        (
            _ROWS,
            "Real, synthetic, generated",
            "Rows of one run's real training images, the synthetic images it was fed (arms that have any), and its "
            "generated images.",
        ),
    )


def galleries(group: Group, *kinds: tuple[str, str, str]) -> list[Gallery]:
    """A gallery for each kind (file or `generated`, title, reading) that any arm has a picture of.

    All show the smallest of the seeds of which most arms have finished a run with pictures.
    """
    seed = _seed(group)
    found = []
    for kind, title, reading in kinds:
        pictures = []
        for arm in group.arms:
            for run in arm.runs:
                path = _last_grid(run) if kind == "generated" else run.path / "samples" / kind
                if run.seed == seed and path is not None and path.exists():
                    word = kind.removesuffix(".png")
                    alt = f"{title.lower()}: {arm.name}, seed {run.seed}"
                    file = f"{word}-{group.size}-{arm.name.replace('/', '-')}-seed={run.seed}.png"
                    pictures.append(Picture(file, path.read_bytes(), alt, run, arm.name))
        if pictures:
            found.append(Gallery(title, reading, tuple(pictures), wide=kind != "generated"))
    return found


def _seed(group: Group) -> int | None:
    by_seed: dict[int, list[Run]] = {}
    for arm in group.arms:
        for run in arm.runs:
            if _last_grid(run) is not None:
                by_seed.setdefault(run.seed, []).append(run)
    rank = {seed: (sum(run.state == "done" for run in runs), len(runs), -seed) for seed, runs in by_seed.items()}
    return max(rank, key=lambda seed: rank[seed]) if rank else None


def _last_grid(run: Run) -> Path | None:
    grids = sorted((run.path / "samples").glob("images=*.png"))
    return grids[-1] if grids else None
