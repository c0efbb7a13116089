"""What the runs of a sweep need besides their options: looked for once, before the first of them starts, and where that
can be without Lightning, whose import takes as long as the plan of hundreds of runs."""

from collections.abc import Collection
from pathlib import Path

from aeaug.artifacts import ArtifactStore
from aeaug.run.determinism import require_deterministic
from aeaug.run.fitting_data import require_data
from aeaug.run.options import RunOptions
from aeaug.training.machine import check_machine
from aeaug.training.options import require_logger

__all__ = ["require_what_they_need"]


def require_what_they_need(jobs: Collection[RunOptions], *, elsewhere: bool = False, images: bool = True) -> None:
    """Raise ``ValueError``, in one line, for a machine or a logger that is not here, for what is to be deterministic
    and cannot be, and for data that are missing, damaged, or do not fit the options, feature spaces among them: of one
    job for all that differ in nothing that decides this. ``elsewhere``: other machines are at work, each of which says
    itself what it lacks; ``images``: look at those."""
    looked: dict[object, RunOptions] = {}
    for options in jobs:
        data = options.data.model_dump_json(exclude={"subset_seed"})
        needs = data, options.trainer, options.source, options.perturbation, options.hold_outs()
        looked.setdefault(str((*needs, options.augmentation.name)), options)
    if not elsewhere:
        for trainer in {str(one.trainer): one.trainer for one in looked.values()}.values():
            check_machine(trainer.accelerator, trainer.devices, trainer.strategy)
    for options in {str((one.trainer, one.gan.view)): one for one in jobs}.values():
        require_deterministic(options)
    for logger in {one.logger.name: one.logger for one in jobs}.values():
        require_logger(logger)
    if images:
        for options in looked.values():
            require_data(options)
    _require_spaces(jobs)


def _require_spaces(jobs: Collection[RunOptions]) -> None:
    """Raise ``ValueError``, in one line, for a feature space that was asked for and cannot be had; no net is trained.
    (Those without a word can be had wherever the data can.)"""
    asked = [one for one in jobs if one.evaluation.spaces is not None]
    looked = {(one.data.model_dump_json(exclude={"subset_seed"}), one.spaces): one for one in asked}
    for options in looked.values():
        from aeaug.run.parts import data_of, spaces_of_run

        spaces_of_run(options, data_of(options), ArtifactStore(Path(options.outputs) / "artifacts"))
