"""The pictures of runs that stand beside their table: of one seed of every arm, copied where a report finds them.

``<folder>/<experiment>/<variant>/seed=<s>/``: ``generated.png``, the last grid of 64; ``comparison.png``, rows of real,
decoded and generated images; ``nearest.png``, generated ones over their nearest training images.
"""

import shutil
from pathlib import Path

from aeaug.options import require_folder_name
from aeaug.run.files import files_of
from aeaug.run.folders import repetition, run_folders
from aeaug.writing import naming

__all__ = ["PICTURES", "copy_picture", "gather_pictures"]

PICTURES = ("generated", "comparison", "nearest")


def gather_pictures(experiment: Path, folder: Path) -> None:
    """Copy the pictures of the runs of ``experiment``, of the seed and subset of which most arms of a size are
    done, into ``folder``; the smallest such seed. What lay there of the experiment before is replaced."""
    require_folder_name("experiment", experiment.name)  # what is removed lies in the folder
    shutil.rmtree(folder / experiment.name, ignore_errors=True)
    by_size: dict[object, dict[tuple[int, int], list[tuple[bool, Path]]]] = {}
    for run in sorted(run_folders(experiment)):
        if _last_grid(run) is not None:
            files = files_of(run)
            size = (files.config.get("data") or {}).get("n_train")
            by_size.setdefault(size, {}).setdefault(repetition(run), []).append((files.state == "done", run))
    for held in by_size.values():
        chosen = min(held, key=lambda key: (-sum(done for done, _ in held[key]), -len(held[key]), key))
        for _, run in held[chosen]:
            target = folder / experiment.name / run.relative_to(experiment)
            target.mkdir(parents=True, exist_ok=True)
            for kind in PICTURES:
                source = _last_grid(run) if kind == "generated" else run / "samples" / f"{kind}.png"
                if source is not None and source.is_file():
                    copy_picture(source, target / f"{kind}.png")


def copy_picture(source: Path, target: Path) -> None:
    """Copy a file of some kilobytes. What goes wrong with the one that is written is said of it."""
    content = source.read_bytes()
    with naming(target):
        target.write_bytes(content)


def _last_grid(run: Path) -> Path | None:
    return max((run / "samples").glob("images=*.png"), default=None)
