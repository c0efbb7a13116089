"""Where the runs of experiments are: ``runs/<experiment>/<arm>/seed=<seed>``."""

import re
from collections.abc import Iterator
from pathlib import Path

from aeaug.run.files import began

__all__ = ["experiments", "repetition", "run_folders"]

_FOLDER = re.compile(r"seed=([0-9]{1,18})(?:,subset=([0-9]{1,18}))?")


def experiments(runs: Path) -> list[str]:
    """Names of the experiments that have at least one run under ``runs``."""
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    return [folder.name for folder in found if next(run_folders(folder), None)]


def run_folders(experiment: Path) -> Iterator[Path]:
    """The folders of an experiment's runs: those in which one was begun."""
    found = (path for path in experiment.glob("**/seed=*") if _FOLDER.fullmatch(path.name) and path.is_dir())
    return (path for path in found if began(path))


def repetition(folder: Path) -> tuple[int, int]:
    """Seed and subset that the run's folder is called after; a seed has its own subset."""
    found = _FOLDER.fullmatch(folder.name)
    assert found is not None, f"{folder} is no folder of a run"
    seed, subset = found.groups()
    return int(seed), int(seed if subset is None else subset)
