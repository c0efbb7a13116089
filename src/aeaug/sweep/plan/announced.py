"""The runs that commands would make, one after another, where none of them has been made yet: what an experiment's file
announces, by arm and size."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hydra.errors import HydraException

from aeaug.sweep.composition.command_line import with_signs
from aeaug.sweep.composition.composing import hydra
from aeaug.sweep.composition.once import fresh
from aeaug.sweep.composition.shared import settle
from aeaug.sweep.plan.plan import plan_of

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["announced"]


@lru_cache(maxsize=64)
def announced(commands: tuple[tuple[str, ...], ...], *, sound: bool = False) -> "tuple[RunOptions, ...]":
    """The checked options of all runs of ``commands``, the overrides of ``scripts/train.py`` of each; a run that
    several of them name is one. ``sound``: of each the claims are asked what they are asked when it is typed.

    Raises ``ValueError``, a line for each thing that is wrong.
    """
    found: dict[str, RunOptions] = {}
    with TemporaryDirectory() as folder, hydra():
        for command in commands:
            given = [f"outputs={folder}", *command]
            # What is swept over is composed job by job, by the plan.
            choices = [one for one in command if one.startswith("experiment=")]
            try:
                config = fresh("train", choices, hydra=True)
                config.outputs = folder
                config.hydra.overrides.task = with_signs(given)
                plan = plan_of(config, sound=sound)
            except HydraException as error:
                raise ValueError(f"{' '.join(command)}: {' '.join(str(error).split())}") from None
            for experiment, shared in plan.shared.items():  # by which the next command's runs are named
                settle(experiment, shared)
            runs = Path(folder, "runs")
            found |= {path.relative_to(runs).as_posix(): options for path, options in plan.jobs.items()}
    return tuple(found.values())
