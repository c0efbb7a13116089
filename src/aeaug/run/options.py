"""All options of a run, with their types and ranges: what ``conf/train.yaml`` composes is checked against this.

Every stage's options stand in that stage's package; here they meet, with the few that belong to no stage, and with what
they ask of each other.
"""

import math
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from aeaug.augmentation import AugmentationOptions, Injection
from aeaug.augmentation.filters import FilterChoice, NoFilter
from aeaug.augmentation.gates import GateChoice, NoGate
from aeaug.augmentation.requirements import unmet
from aeaug.augmentation.schedules import Constant, ScheduleChoice
from aeaug.augmentation.sources import Decoded, SourceChoice
from aeaug.augmentation.sources.changed import Change
from aeaug.autoencoder.options import AutoencoderChoice, AutoencoderOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.classifier import MOST_CLASSES
from aeaug.data.options import MOST_IMAGES, BudgetOptions, DataChoice
from aeaug.evaluation.spaces import WITH_CLASSES, SpaceNames, fault_of_classes, in_words, spaces_of
from aeaug.gan.losses import LOSSES
from aeaug.gan.options import SCHEDULES, GANOptions
from aeaug.gan.tuned import LOOKED_UP, tuned_r1_gamma
from aeaug.options import FolderName, Integer, Options, PathName, Seed, Text, shown, validated
from aeaug.perturbation import PerturbationOptions
from aeaug.run.claims import EQUAL_SECONDS, Claim
from aeaug.run.metrics import IN_EVERY_SPACE, OF_CLASSES
from aeaug.schedules import Timed
from aeaug.training.flags import SHORTENING
from aeaug.training.options import LoggerChoice, TensorBoard, TrainerOptions

__all__ = [
    "EvaluationOptions",
    "RunOptions",
    "TrainerOptions",
    "flat",
    "idle_stages",
    "is_unused",
    "parse_options",
    "unused",
]


LEAST_CHANGE = 0.05  # of a share over training: with less, an arm is one without a schedule but for its name


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
    """How a sweep goes. ``per_gpu``: jobs that share a GPU, on each there is (None: as the launcher says)."""

    per_gpu: Integer | None = Field(default=None, ge=1, le=64)


class RunOptions(Options):
    """One run, in ``<outputs>/runs/<name>/<variant>/seed=<seed>``; ``question``: what its experiment asks;
    ``claims``: what it claims, stated before the run; ``exploratory``: it may be too small to decide them, and its
    report says at every verdict that it was a look around. ``resume``: go on with what is unfinished (auto, true) or
    refuse it (false); ``stale``: what becomes of a run that was made otherwise, of another config or by other software:
    kept, or moved aside and made anew; ``fail_fast``: a run that fails ends its sweep; ``dry_run``: say what would be
    done, and do nothing; ``debug``: every stage in small (:mod:`aeaug.run.debug`)."""

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

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := [
            *self._sizes(),
            *self._claimed(),
            *self._measured(),
            *self._holding_out(),
            *self._codes(),
            *self._source(),
            *self._filter(),
            *self._rate(),
            *self._real(),
            *self._schedule(),
            *self._gate(),
            *self._asked(),
            *self._turns(),
            *self._watched(),
            *self._processes(),
            *self._shortened(),
        ]:
            raise ValueError("\n".join(faults))
        return self

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
        share = max(self._hold_outs().values(), default=0.0)
        return max(1, round(share * images)) if share else 0

    def _hold_outs(self) -> dict[str, float]:
        """The shares that are held out, by the keys that say so."""
        asking: dict[str, Any] = {} if self.augmentation.name == "none" else {"schedule": self.schedule}
        asking |= {f"gan.view.{name}": one for name, one in self.gan.view.chosen().items()}
        asking |= {f"gan.pseudo.{name}": one for name, one in self.gan.pseudo.chosen().items()}
        return {f"{key}.hold_out": one.hold_out for key, one in asking.items() if hasattr(one, "hold_out")}

    def _holding_out(self) -> Iterator[str]:
        """All that ask, ask about the same images."""
        (first, share), *others = (*self._hold_outs().items(), ("", 0.0))
        for key, other in others[:-1]:
            if other != share:
                yield f"{key}={other:g}: it is of the same images as {first}={share:g}; give both one number"

    def with_budget(self, images: int) -> "RunOptions":
        """The same run as it is asked for at first with ``budget.images`` of ``images``."""
        return self.model_copy(update={"budget": self.budget.model_copy(update={"images": images, "extend": None})})

    def _sizes(self) -> Iterator[str]:
        """Networks and views are of the images that there are."""
        yield from self.gan.faults_of(self.data.of.shape)
        yield from self.autoencoder.faults_of(self.data.of.shape, f"an image of data={self.data.choice}")

    def _claimed(self) -> Iterator[str]:
        """There are modes of stacked images alone."""
        for metric in sorted({claim.metric for claim in self.claims} & {"modes_covered", "mode_kl"}):
            if not self.data.of.channels_of:
                yield f"claims.metric={metric}: data.name={self.data.name} has no stacked images to count modes of"

    def _measured(self) -> Iterator[str]:
        """Spaces of classes are of images that have some, and what is claimed is measured."""
        if fault := fault_of_classes(self.spaces, self.data.of):
            yield f"evaluation.spaces: {fault}"
        for claim in self.claims:
            if claim.measure.place == "generated" and claim.space not in self.spaces:
                yield f"claims.space={claim.space}: evaluation.spaces has {' and '.join(self.spaces)}"
            elif claim.metric in OF_CLASSES:
                if claim.space != (telling := next((one for one in self.spaces if one in WITH_CLASSES), None)):
                    where = f"in {in_words(telling)}" if telling else "where a space has classes, and none has any"
                    yield f"claims.space={claim.space}: {claim.metric} is measured {where}"
            elif claim.space != self.spaces[0] and claim.measure.place == "generated":
                if claim.reading == EQUAL_SECONDS:
                    yield (
                        f"claims.reading={EQUAL_SECONDS}: {claim.metric} in {in_words(claim.space)} has no curve over "
                        f"training, only frechet_distance in {in_words(self.spaces[0])} has"
                    )
                elif claim.metric not in IN_EVERY_SPACE:
                    yield f"claims.space={claim.space}: there are {' and '.join(IN_EVERY_SPACE)} alone"

    def _codes(self) -> Iterator[str]:
        """What a perturbation needs of the training codes, of the autoencoder and of x there has to be."""
        way, n_train, of = self.augmentation.name, self.data.n_train, f"data.n_train={self.data.n_train}"
        if n_train is not None and (held_out := self.held_out(n_train)):
            n_train, of = n_train - held_out, f"{of}, of which {held_out} are held out"
        if "perturbation" not in idle_stages(way, self.source.name):
            transforming = f"augmentation={way}" if self.augmentation.transforms else None
            classes = self.data.of.classes if self.data.balanced else None
            yield from unmet(self.perturbation, self.autoencoder, n_train, of, transforming, classes)
            if not self.data.of.classes and self.perturbation.using_labels():
                yield f"perturbation.within=class: {self._classless()}"

    def _source(self) -> Iterator[str]:
        """What enters in the GAN's step transforms images, for which there is the autoencoder alone."""
        if (source := self.source.name) != "decoded" and self.augmentation.transforms:
            yield f"augmentation={self.augmentation.name}: source={source} makes nothing of generated images"
        if isinstance(self.source, Change) and self.perturbation.asking():
            yield f"source={source}: its dose is that of decoding, which changes with the discriminator that hard asks"

    def _filter(self) -> Iterator[str]:
        """What is filtered is injected, and made."""
        if (name := self.filter.name) == "none" or self.augmentation.name == "none":
            return
        if not self.augmentation.rates():
            yield f"augmentation={self.augmentation.name}: filter={name} judges images that are injected, and none are"
        elif "perturbation" in idle_stages(self.augmentation.name, self.source.name):
            yield f"source={self.source.name}: filter={name} would have but real images to judge"
        elif name == "labels" and not self.data.of.classes:
            yield f"filter=labels: {self._classless()}"
        elif name == "labels" and self.data.of.classes > MOST_CLASSES:
            yield f"filter=labels: {self._too_many()}"
        elif name == "labels" and self.perturbation.parts()[0].name == "density":
            yield "filter=labels: perturbation=density makes images that are made of none and have the class of none"

    def _classless(self) -> str:
        return f"the images of data.name={self.data.name} have no classes"

    def _too_many(self) -> str:
        of = self.data.of
        return f"data.name={of.name} has {of.classes:,} classes, and its small classifier knows {MOST_CLASSES} at most"

    def _rate(self) -> Iterator[str]:
        """An arm is what it says: one that shows no synthetic image would be another ``none``."""
        if not isinstance(self.augmentation, Injection):
            return
        epoch, least = self.budget.images_per_epoch, self.augmentation.least(self.budget.images_per_epoch)
        for key, rate in self.augmentation.rates().items():
            if rate < least:
                rounded = Context(prec=3, rounding=ROUND_CEILING).plus(Decimal(repr(least)))
                needed = f"must be at least {rounded:g}" if rounded.is_finite() else "no rate is enough"
                yield (
                    f"augmentation.{key}={rate}: {needed} to show one synthetic image an epoch "
                    f"(budget.images_per_epoch={epoch})"
                )

    def _schedule(self) -> Iterator[str]:
        """A rate that changes does so within the largest budget: otherwise the arm would be another one."""
        schedule = self.schedule
        if self.budget.match == "real" and (schedule.name != "constant" or not self.augmentation.real_share()):
            return  # which says so itself
        largest = self.with_budget(self.budget.extend or self.budget.images).images_shown
        over = f"over {largest} images shown"
        timed = {} if self.augmentation.name == "none" else {"schedule": schedule}
        idle = {"r1_schedule": self.gan.r1_gamma == 0, "penalty_schedule": not self.gan.penalty.chosen()}
        timed |= {f"gan/{key}": getattr(self.gan, key) for key in SCHEDULES if not idle[key]}
        for key, one in timed.items():
            if not isinstance(one, Timed):
                continue
            # It rises, or falls.
            first, last = (one.share(shown) for shown in (0, largest - self.budget.batch_size))
            if abs(last - first) < LEAST_CHANGE:
                yield f"{key}={one.name}: {over} the share goes from {first:g} to {last:g}, which is hardly a schedule"
        for key, controller in (
            *([("schedule", schedule)] if self.augmentation.name != "none" else []),
            *((f"gan.view.{name}", one) for name, one in self.gan.view.chosen().items()),
            *((f"gan.pseudo.{name}", one) for name, one in self.gan.pseudo.chosen().items()),
        ):
            images = getattr(controller, "images", 0)
            if images > largest:
                yield f"{key}.images={images}: {over} the rate could not go from 0 to 1"

    def _gate(self) -> Iterator[str]:
        """There is what a gate measures, and a run that it lets go on without is the arm ``none``."""
        gate, encoder = self.gate, self.autoencoder
        if isinstance(gate, NoGate) or "gate" in idle_stages(self.augmentation.name, self.source.name):
            return
        if gate.name == "error" and getattr(encoder, "stopping", None) != "hold_out":
            yield (
                f"gate=error: autoencoder={encoder.name} holds out no image of the subset; "
                "autoencoder.stopping=hold_out does"
            )
        if gate.name == "labels" and not self.data.of.classes:
            yield f"gate=labels: {self._classless()}"
        elif gate.name == "labels" and self.data.of.classes > MOST_CLASSES:
            yield f"gate=labels: {self._too_many()}"
        elif gate.name == "labels":
            if self.perturbation.parts()[0].name == "density":
                yield "gate=labels: perturbation=density makes images that are made of none and have the class of none"
            if self.perturbation.asking():
                yield "gate=labels: it is asked before there is a trained discriminator, which perturbation=hard asks"
            n_train, two_each = self.data.n_train, 2 * self.data.of.classes
            if n_train is not None and self.data.balanced and n_train - self.held_out(n_train) < two_each:
                yield f"gate=labels: with data.n_train={n_train} a class has one image, too few for two halves"
        if gate.below == "skip" and hasattr(self.schedule, "hold_out"):
            yield (
                f"schedule={self.schedule.name}: with gate.below=skip the run would be none of fewer images, for what "
                "the schedule holds out"
            )
        if gate.below == "skip" and self.budget.match == "real":
            yield "budget.match=real: with gate.below=skip it is not known beforehand how many there are"

    def _real(self) -> Iterator[str]:
        """So many real images are shown some time, and before the largest budget is spent."""
        if self.budget.match == "shown":
            return
        if not self.augmentation.real_share():
            yield f"budget.match=real: augmentation.probability={self.augmentation.rates()['probability']} shows none"
            return
        if self.schedule.name != "constant":
            yield f"budget.match=real: with schedule={self.schedule.name} it is not known beforehand how many there are"
        if self.filter.name != "none":
            yield f"budget.match=real: with filter={self.filter.name} it is not known beforehand how many there are"
        for name in self.gan.pseudo.chosen():
            yield f"budget.match=real: with gan/pseudo={name} it is not known beforehand how many there are"
        largest = self.with_budget(self.budget.extend or self.budget.images).images_shown
        if largest > MOST_IMAGES:
            yield f"budget.match=real: it would take {largest:,} images, more than {MOST_IMAGES:,}"

    def _asked(self) -> Iterator[str]:
        """What asks the discriminator as it was when an epoch began, asks a trained one some time."""
        idle = "perturbation" in idle_stages(self.augmentation.name, self.source.name)
        if idle or not self.augmentation.real_share() or self.epochs > 1:
            return
        asking = {"perturbation=hard": bool(self.perturbation.asking()), "filter=score": self.filter.name == "score"}
        for key in (key for key, asks in asking.items() if asks):
            yield f"{key}: with one epoch of {self.budget.images_per_epoch} it asks an untrained discriminator alone"

    def _turns(self) -> Iterator[str]:
        """The generator has its turn in every epoch."""
        steps, batches = self.gan.discriminator_steps, -(-self.budget.images_per_epoch // self.budget.batch_size)
        if steps > batches:
            yield f"gan.discriminator_steps={steps}: an epoch has {batches} steps, and the generator no turn"

    def _watched(self) -> Iterator[str]:
        """A controller goes by the logits of real images, of which there are some; those on r_t by their signs, which
        mean something. R1 of real images has some, too."""
        sound, real = LOSSES[self.gan.loss].zero_decides, bool(self.augmentation.real_share())
        if not real and self.gan.r1_gamma != 0 and self.gan.r1_on == "real":
            yield "augmentation.probability=1: gan.r1_on=real would have no real images left to be of"
        enters = self.augmentation.name != "none"
        for key, there, by_sign in (
            ("schedule=r_t", enters and self.schedule.name == "r_t", True),
            ("schedule=r_v", enters and self.schedule.name == "r_v", False),
            ("gan/view=ada", self.gan.view.ada, True),
            ("gan/view=ada_r_v", self.gan.view.ada_r_v, False),
            ("gan/pseudo=apa", self.gan.pseudo.apa, True),
            ("gan/pseudo=apa_r_v", self.gan.pseudo.apa_r_v, False),
        ):
            if there and by_sign and not sound:
                yield f"{key}: it follows the sign of the logits, which with gan.loss={self.gan.loss} means nothing"
            if there and not real:
                yield f"augmentation.probability=1: {key} would have no real images left to go by"

    def _processes(self) -> Iterator[str]:
        """What the loader asks of every process, before one is started."""
        devices = self.trainer.devices
        if devices > 1 and self.trainer.strategy == "auto":
            yield f"trainer.devices={devices}: trainer.strategy=auto is one process; several are trainer=ddp"
        for key in ("batch_size", "images_per_epoch"):
            if (value := getattr(self.budget, key)) % devices:
                yield f"budget.{key}={value}: must be a multiple of trainer.devices={devices}"

    def _shortened(self) -> Iterator[str]:
        """Nothing that reports has numbers of less than its budget."""
        for flag in SHORTENING if not self.debug else ():
            if (value := getattr(self.trainer, flag)) is not None:
                yield f"trainer.{flag}={shown(value)}: it cuts a training short, which debug=true alone may"


def parse_options(values: Mapping[str, Any]) -> RunOptions:
    """Check ``values`` and return them typed, ``auto`` and ``own`` as the numbers that they stand for.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value.
    """
    gan = values.get("gan")
    own = isinstance(gan, Mapping) and gan.get("r1_gamma") == "own"
    return _looked_up(validated(RunOptions, values), own)


def _looked_up(options: RunOptions, own: bool) -> RunOptions:
    """With the numbers that were left to be looked up, of what the run makes use of. All that is wrong is said."""
    n_train = options.data.size_of_subset
    found: dict[str, Any] = {}
    faults = []
    encoder = options.autoencoder
    if isinstance(encoder, AutoencoderOptions) and encoder.steps is None and "autoencoder" not in unused(options):
        try:
            steps = chosen_steps(encoder, n_train, options.data.choice)
            found["autoencoder"] = encoder.model_copy(update={"steps": steps})
        except ValueError as error:
            faults.append(str(error))
    if encoder.latent_dim is None:
        found["autoencoder"] = encoder.model_copy(update={"latent_dim": options.data.of.pixels})
    if options.gan.r1_gamma is None:
        try:
            found["gan"] = options.gan.model_copy(update={"r1_gamma": _tuned_gamma(options, n_train, own)})
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError("\n".join(faults))
    return options.model_copy(update=found)


def _tuned_gamma(options: RunOptions, n_train: int, own: bool) -> float:
    """The weight of the budget, and of the one to which the run is to go on."""
    values, budget = flat(options.model_dump()), options.budget
    gamma = tuned_r1_gamma(values, n_train, own)
    if budget.extend is not None:
        further = tuned_r1_gamma(values | {"budget.images": budget.extend}, n_train, own)
        if further != gamma:
            raise ValueError(
                f"gan.r1_gamma={LOOKED_UP[own]}: it is {gamma:g} for budget.images={budget.images} and {further:g} for "
                f"budget.extend={budget.extend}, and a run goes on with the weight that it began with; give the number"
            )
    return gamma


STAGES = ("autoencoder", "perturbation", "source", "filter", "schedule", "gate")
"""What an augmentation alone has a use for."""


def idle_stages(augmentation: str | None, source: str | None = None) -> tuple[str, ...]:
    """The stages whose settings say nothing of what a GAN was fed, by the names of its ``augmentation`` and
    ``source``."""
    if augmentation == "none":
        return STAGES
    return ("autoencoder", "perturbation", "gate") if source in ("duplicates", "fresh") else ()


def unused(options: RunOptions) -> dict[str, str]:
    """What this run ignores: dotted keys, or whole groups, each with the reason."""
    injection, found = options.augmentation.name, {}
    for stage in idle_stages(injection, source := options.source.name):
        chosen = f"augmentation={injection}" if injection == "none" else f"source={source}"
        found[stage] = f"{chosen} has no use for it"
    evaluation = options.evaluation
    if "autoencoder" in found and (injection != "none" or (evaluation.autoencoder and evaluation.test)):
        del found["autoencoder"]  # it is trained, to be measured
    if injection != "none" and not evaluation.autoencoder:
        found["evaluation.autoencoder"] = f"augmentation={injection} has its autoencoder measured in any case"
    if not evaluation.test:
        for key in ("autoencoder", "classifier_steps"):
            found[f"evaluation.{key}"] = "evaluation.test=false measures nothing that has a use for it"
    if not options.augmentation.rates():
        found["budget.match"] = f"augmentation={injection} shows real images alone, there is nothing to match"
    if options.gan.r1_gamma == 0:
        for key in ("r1_every", "r1_on", *(["r1_schedule"] if options.gan.r1_schedule else [])):
            found[f"gan.{key}"] = "gan.r1_gamma=0 has no use for it"
    elif not (options.augmentation.rates() or options.gan.pseudo.chosen()):
        found["gan.r1_on"] = f"augmentation={injection} shows real images alone, which are the mixture"
    if options.gan.penalty_schedule and not options.gan.penalty.chosen():
        found["gan.penalty_schedule"] = "no gan/penalty is chosen, whose weight it could change"
    if options.gan.ema_halflife_images == 0:
        found["gan.ema_rampup"] = "gan.ema_halflife_images=0 has no use for it"
    if isinstance(options.autoencoder, AutoencoderOptions):
        n_train = options.data.size_of_subset
        found |= _unused_of(options.autoencoder, n_train - options.held_out(n_train))
    choices = [f"{group}.name" for group in (*STAGES, "augmentation", "gan", "trainer")]
    for key in (*choices, "data.name" if options.data.name == options.data.choice else "data.kind"):
        found[key] = f"it is what the choice of {key.partition('.')[0]}=… is called, and no setting"
    if not options.data.of.has_files:
        found["data.root"] = f"data={options.data.choice} has no use for it, its images come with a package"
    return found


def is_unused(key: str, reasons: Mapping[str, str]) -> str | None:
    """Why a run makes no use of a dotted ``key``, by the ``reasons`` that :func:`unused` gives; None where it does."""
    return next((reason for of, reason in reasons.items() if f"{key}.".startswith(f"{of}.")), None)


def _unused_of(autoencoder: AutoencoderOptions, n_train: int) -> dict[str, str]:
    found = {}
    if autoencoder.batch_size > n_train:
        found["autoencoder.batch_size"] = "a batch holds no more than the images that are trained on"
    if (stopping := autoencoder.stopping) != "hold_out":
        found["autoencoder.hold_out"] = f"autoencoder.stopping={stopping} has no use for it"
    if stopping == "fixed":
        for key in ("check_every", "patience"):
            found[f"autoencoder.{key}"] = f"autoencoder.stopping={stopping} has no use for it"
    return found


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of nested options under dotted keys, as they are typed: ``{"a": {"b": 1}}`` gives ``{"a.b": 1}``."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        leaves |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return leaves
