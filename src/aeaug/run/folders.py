"""Where the runs of experiments are: ``<outputs>/runs/<experiment>/<arm>/seed=<seed>``."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from aeaug.run.files import began

if TYPE_CHECKING:  # PyTorch takes a second to import
    from aeaug.run.options import RunOptions

__all__ = [
    "experiment_of",
    "experiments",
    "folders_in",
    "repetition",
    "repetition_name",
    "run_folders",
    "run_path",
    "runs_of",
]

_FOLDER = re.compile(r"seed=([0-9]{1,18})(?:,subset=([0-9]{1,18}))?")


def run_path(options: "RunOptions") -> Path:
    """The folder of the run with these options. A seed has its own subset; another one is in the name."""
    arm = Path(options.outputs, "runs", options.name, options.variant)
    return arm / repetition_name(options.seed, options.data.subset_seed)


def experiment_of(run: Path) -> Path:
    """The folder of the experiment that the run in this folder is one of."""
    return run.parents[1]


def experiments(runs: Path) -> list[str]:
    """Names of the experiments that have at least one run under ``runs``."""
    return sorted(folder.name for folder in folders_in(runs) if next(run_folders(folder), None))


def run_folders(experiment: Path) -> Iterator[Path]:
    """The folders of an experiment's runs: those in which one was begun. They are two levels down and no further, for
    checkpoints and pictures lie below; any of them may be a link, as where a disk was full."""
    return (run for arm in folders_in(experiment) for run in runs_of(arm))


def runs_of(arm: Path) -> Iterator[Path]:
    """Those of one arm's."""
    return (path for path in folders_in(arm) if _FOLDER.fullmatch(path.name) and began(path))


def folders_in(place: Path) -> list[Path]:
    """The folders in ``place``, and links to some; none where it is not there, or gone since."""
    try:
        with os.scandir(place) as entries:
            return [Path(entry) for entry in entries if entry.is_dir()]
    except OSError:
        return []


def repetition_name(seed: int, subset: int) -> str:
    """``seed=3``, or where the subset is another than the seed's own ``seed=3,subset=5``."""
    return f"seed={seed}" if subset == seed else f"seed={seed},subset={subset}"


def repetition(folder: Path) -> tuple[int, int]:
    """Seed and subset that the run's folder is called after; a seed has its own subset."""
    found = _FOLDER.fullmatch(folder.name)
    assert found is not None, f"{folder} is no folder of a run"
    seed, subset = found.groups()
    return int(seed), int(seed if subset is None else subset)
