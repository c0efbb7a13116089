"""All options of a run, with their types and ranges: what ``conf/train.yaml`` composes is checked against this.

Every stage's options stand in that stage's package; here they meet, with the few that belong to no stage.
"""

import math
from typing import Any, Literal

from pydantic import ConfigDict, Field

from aeaug.augmentation import AugmentationOptions
from aeaug.augmentation.filters import FilterChoice, NoFilter
from aeaug.augmentation.gates import GateChoice, NoGate
from aeaug.augmentation.schedules import Constant, ScheduleChoice
from aeaug.augmentation.sources import Decoded, SourceChoice
from aeaug.autoencoder.options import AutoencoderChoice
from aeaug.data.options import BudgetOptions, DataChoice
from aeaug.evaluation.spaces import SpaceNames, spaces_of
from aeaug.gan.options import GANOptions
from aeaug.options import FolderName, Integer, Options, PathName, Seed, Text
from aeaug.perturbation import PerturbationOptions
from aeaug.run.claims import Claim
from aeaug.training.options import LoggerChoice, TensorBoard, TrainerOptions

__all__ = ["EvaluationOptions", "RunOptions", "SweepOptions"]


class EvaluationOptions(Options):
    """``conf/evaluation``. ``every``: epochs between readings on the validation slice; ``test``: measure on the test
    split at the end (false, for tuning: not one of its images is looked at); ``autoencoder``: train the autoencoder in
    an arm that injects nothing too, to measure the same leak there (others measure it in any case);
    ``classifier_steps``: of training the small classifiers behind the accuracy score and the leak; ``floor_draws``: of
    another real sample, whose mean and standard deviation are the floors; ``spaces``: the feature spaces that images
    are measured in, of which the first leads (:mod:`aeaug.evaluation.spaces`; None: those that come with the package).
    """

    every: Integer = Field(ge=1, le=1_000_000)
    test: bool
    autoencoder: bool
    classifier_steps: Integer = Field(ge=1, le=100_000)
    floor_draws: Integer = Field(ge=2, le=1_000)
    # Left out where it is not said: configs, and what runs are, from before there was a choice stay what they are.
    spaces: SpaceNames | None = Field(default=None, exclude_if=lambda spaces: spaces is None)


class SweepOptions(Options):
    """How a sweep goes. ``per_gpu``: jobs that share a GPU, on each there is (None: as many as the launcher says, or
    one)."""

    per_gpu: Integer | None = Field(default=None, ge=1, le=64)


class RunOptions(Options):
    """One run, in ``<outputs>/runs/<name>/<variant>/seed=<seed>``; ``question``: what its experiment asks;
    ``claims``: what it claims, stated before the run; ``exploratory``: it may be too small to decide them, and its
    report says at every verdict that it was a look around. ``resume``: go on with what is unfinished (auto, true) or
    refuse it (false); ``stale``: what becomes of a run that was made otherwise, of another config, by other software
    or other code: kept, or moved aside and made anew; ``fail_fast``: a run that fails ends its sweep; ``dry_run``: say
    what would be done, and do nothing; ``debug``: every stage in small (:mod:`aeaug.run.debug`)."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: FolderName
    question: Text | None
    claims: tuple[Claim, ...]
    exploratory: bool = False
    variant: FolderName
    seed: Seed
    resume: Literal["auto", True, False]
    stale: Literal["keep", "redo"]
    fail_fast: bool
    dry_run: bool
    debug: bool = False
    sweep: SweepOptions = SweepOptions()
    outputs: PathName
    data: DataChoice
    budget: BudgetOptions
    autoencoder: AutoencoderChoice
    perturbation: PerturbationOptions
    augmentation: AugmentationOptions
    source: SourceChoice = Decoded(name="decoded")
    filter: FilterChoice = NoFilter(name="none")
    schedule: ScheduleChoice = Constant(name="constant")
    gate: GateChoice = NoGate(name="none")
    gan: GANOptions
    trainer: TrainerOptions
    logger: LoggerChoice = TensorBoard(name="tensorboard")
    evaluation: EvaluationOptions

    @property
    def images_shown(self) -> int:
        """Images that the whole training shows, real and synthetic ones together, in whole epochs.

        With ``budget.match`` real, a share of 1/k real images shows k times ``budget.images``, rounded up.
        """
        budget = self.budget
        if budget.match == "shown":
            return budget.images
        return math.ceil(budget.images / self.augmentation.real_share() / budget.images_per_epoch) * (
            budget.images_per_epoch
        )

    @property
    def spaces(self) -> tuple[str, ...]:
        """The feature spaces that images are measured in, the leading one first."""
        return spaces_of(self.evaluation.spaces, self.data.of)

    @property
    def epochs(self) -> int:
        """Epochs of the whole training."""
        return self.images_shown // self.budget.images_per_epoch

    def held_out(self, images: int) -> int:
        """Of a training subset of so many ``images``, how many nothing is trained on, for controllers to ask about."""
        share = max(self.hold_outs().values(), default=0.0)
        return max(1, round(share * images)) if share else 0

    def hold_outs(self) -> dict[str, float]:
        """The shares that are held out, by the keys that say so."""
        asking: dict[str, Any] = {} if self.augmentation.name == "none" else {"schedule": self.schedule}
        asking |= {f"gan.{key}": one for key, one in self.gan.schedules().items()}
        asking |= {f"gan.view.{name}": one for name, one in self.gan.view.chosen().items()}
        asking |= {f"gan.pseudo.{name}": one for name, one in self.gan.pseudo.chosen().items()}
        return {f"{key}.hold_out": one.hold_out for key, one in asking.items() if hasattr(one, "hold_out")}

    def with_budget(self, images: int) -> "RunOptions":
        """The same run as it is asked for at first with ``budget.images`` of ``images``."""
        return self.model_copy(update={"budget": self.budget.model_copy(update={"images": images, "extend": None})})
