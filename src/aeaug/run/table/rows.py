"""The table of a run, and of experiments, made from their folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from aeaug.faults import Fault
from aeaug.options import require_folder_name, shown
from aeaug.run.files import files_of
from aeaug.run.folders import experiment_of, experiments, repetition, run_folders
from aeaug.run.table import COLUMNS
from aeaug.run.table.numbers import number_rows
from aeaug.run.table.row import ROW
from aeaug.run.table.sources import claim_rows, record_rows, setting_rows
from aeaug.run.variant import arm_name

__all__ = ["experiment_rows", "rows"]


def experiment_rows(runs: Path, names: Sequence[str]) -> pd.DataFrame:
    """The table of the experiments called ``names`` under ``runs``.

    Raises ``ValueError`` for what is no name, a name without runs, and for a file that cannot be read.
    """
    parts = []
    for name in names:
        require_folder_name("experiment", name)
        folders = sorted(run_folders(runs / name))
        if not folders:
            known = ", ".join(experiments(runs)) or "none"
            raise ValueError(f"no runs of experiment {name!r} in {runs}; experiments there: {known}")
        parts += [rows(folder, runs / name) for folder in folders]
    return pd.concat(parts, ignore_index=True)


def rows(folder: Path, experiment: Path | None = None) -> pd.DataFrame:
    """The table of the run in ``folder``; ``experiment`` is the folder that holds it, two levels up by default.

    Raises :class:`Fault`, naming the file, for one that cannot be read, for a config that is gone: without it nothing
    says of how many images the run is, and for a folder that is called as another seed's run.
    """
    experiment = experiment or experiment_of(folder)
    files = files_of(folder)
    if not files.config:
        raise Fault(f"{folder / 'config.yaml'} is missing, and nothing else says what was run: move the folder away")
    _require_own_name(folder, files.config)
    found = pd.DataFrame(
        [
            *number_rows(folder, files),
            *setting_rows(files),
            *record_rows(folder, experiment, files),
            *claim_rows(folder, files),
        ],
        columns=list(ROW),
    )
    found["experiment"] = experiment.name
    found["arm"] = arm_name(str(files.config.get("variant", folder.parent.relative_to(experiment).as_posix())))
    found["n_train"] = (files.config.get("data") or {}).get("n_train")
    found["seed"], found["subset"] = repetition(folder)
    found["state"] = files.state
    return found[list(COLUMNS)].astype(COLUMNS)


def _require_own_name(folder: Path, config: Mapping[str, Any]) -> None:
    """Raise :class:`Fault` where the run is of another seed, or subset, than its folder is called after: a copy would
    count as one more repetition of the same numbers."""
    seed, subset = repetition(folder)
    held = [("seed", config.get("seed"), seed)]
    if "subset=" in folder.name:
        held.append(("data.subset_seed", (config.get("data") or {}).get("subset_seed"), subset))
    for key, value, called in held:
        if value is not None and value != called:
            raise Fault(f"{folder}: by its config.yaml {key}={shown(value)}, so it is a copy of another run: delete it")
