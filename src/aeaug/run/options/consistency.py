"""What the stages of a run ask of each other: a line for each thing that does not fit, before any work."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

from aeaug.augmentation import Injection
from aeaug.augmentation.gates import NoGate
from aeaug.augmentation.requirements import unmet
from aeaug.augmentation.sources.changed import Change
from aeaug.autoencoder.networks import NETWORKS as AUTOENCODERS
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.classifier import MOST_CLASSES
from aeaug.data.loader import BATCHES
from aeaug.data.options import MOST_IMAGES
from aeaug.evaluation.few_images import are_few
from aeaug.evaluation.spaces import WITH_CLASSES, fault_of_classes, in_words
from aeaug.gan.controllers import Controller, RealSign
from aeaug.gan.losses import LOSSES
from aeaug.gan.networks import NETWORKS
from aeaug.options import shown
from aeaug.run.claims import EQUAL_SECONDS
from aeaug.run.metrics import IN_EVERY_SPACE, OF_CLASSES
from aeaug.run.options.run import RunOptions
from aeaug.run.options.unused import idle_stages
from aeaug.schedules import Timed
from aeaug.training.flags import SHORTENING

__all__ = ["faults"]

FEW_STEPS = 16  # with fewer something is tried out
LEAST_CHANGE = 0.05  # of a share over training: with less, an arm is one without a schedule but for its name


def faults(options: RunOptions) -> Iterator[str]:
    """A line for each thing that is wrong with these ``options`` together, which names key and value."""
    for asked in (
        _networks,
        _sizes,
        _claimed,
        _measured,
        _holding_out,
        _codes,
        _source,
        _filter,
        _rate,
        _real,
        _schedule,
        _gate,
        _asked,
        _turns,
        _lazy,
        _watched,
        _processes,
        _shortened,
    ):
        yield from asked(options)


def _networks(options: RunOptions) -> Iterator[str]:
    """What has the name of a network has that network, with the options that belong to it."""
    for group, one, known in (("gan", options.gan, NETWORKS), ("autoencoder", options.autoencoder, AUTOENCODERS)):
        if one.name in known and one.network != one.name:
            yield f"{group}.network={one.network}: {group}={one.name} has another; {group}={one.network} chooses it"


def _sizes(options: RunOptions) -> Iterator[str]:
    """Networks and views are of the images that there are."""
    yield from options.gan.faults_of(options.data.of.shape)
    yield from options.autoencoder.faults_of(options.data.of.shape, f"an image of data={options.data.choice}")


def _claimed(options: RunOptions) -> Iterator[str]:
    """There are modes of stacked images alone, and what is of few test images is of no more."""
    of, metrics = options.data.of, {claim.metric for claim in options.claims}
    for metric in sorted(metrics & {"modes_covered", "mode_kl"}):
        if not of.channels_of:
            yield f"claims.metric={metric}: data.name={options.data.name} has no stacked images to count modes of"
    if "frechet_distance_few" in metrics and not are_few(of.test, num_features=1):
        yield f"claims.metric=frechet_distance_few: data={options.data.choice} has {of.test:,} test images, take FD"


def _measured(options: RunOptions) -> Iterator[str]:
    """Spaces of classes are of images that have some, and what is claimed is measured."""
    if fault := fault_of_classes(options.spaces, options.data.of):
        yield f"evaluation.spaces: {fault}"
    for claim in options.claims:
        if claim.measure.place == "generated" and claim.space not in options.spaces:
            yield f"claims.space={claim.space}: evaluation.spaces has {' and '.join(options.spaces)}"
        elif claim.metric in OF_CLASSES:
            if claim.space != (telling := next((one for one in options.spaces if one in WITH_CLASSES), None)):
                where = f"in {in_words(telling)}" if telling else "where a space has classes, and none has any"
                yield f"claims.space={claim.space}: {claim.metric} is measured {where}"
        elif claim.space != options.spaces[0] and claim.measure.place == "generated":
            if claim.reading == EQUAL_SECONDS:
                yield (
                    f"claims.reading={EQUAL_SECONDS}: {claim.metric} in {in_words(claim.space)} has no curve over "
                    f"training, only frechet_distance in {in_words(options.spaces[0])} has"
                )
            elif claim.metric not in IN_EVERY_SPACE:
                yield f"claims.space={claim.space}: there are {' and '.join(IN_EVERY_SPACE)} alone"


def _holding_out(options: RunOptions) -> Iterator[str]:
    """All that ask, ask about the same images."""
    (first, share), *others = (*options.hold_outs().items(), ("", 0.0))
    for key, other in others[:-1]:
        if other != share:
            yield f"{key}={other:g}: it is of the same images as {first}={share:g}; give both one number"


def _codes(options: RunOptions) -> Iterator[str]:
    """What a perturbation needs of the training codes, of the autoencoder and of x there has to be."""
    way, n_train, of = options.augmentation.name, options.data.n_train, f"data.n_train={options.data.n_train}"
    if n_train is not None and (held_out := options.held_out(n_train)):
        n_train, of = n_train - held_out, f"{of}, of which {held_out} are held out"
    if "perturbation" not in idle_stages(way, options.source.name):
        decoding = options.augmentation.transforms and not isinstance(options.source, Change)  # which has but its dose
        transforming = f"augmentation={way}" if decoding else None
        classes = options.data.of.classes if options.data.balanced else None
        yield from unmet(options.perturbation, options.autoencoder, n_train, of, transforming, classes)
        if not options.data.of.classes and options.perturbation.using_labels():
            yield f"perturbation.within=class: {_classless(options)}"


def _source(options: RunOptions) -> Iterator[str]:
    """What enters in the GAN's step transforms whatever images there are."""
    source = options.source.name
    if options.augmentation.transforms and not options.source.transforms:
        yield f"augmentation={options.augmentation.name}: source={source} makes nothing of generated images"
    if isinstance(options.source, Change) and options.perturbation.asking():
        yield f"source={source}: its dose is that of decoding, which changes with the discriminator that hard asks"


def _filter(options: RunOptions) -> Iterator[str]:
    """What is filtered is injected, and made."""
    if (name := options.filter.name) == "none" or options.augmentation.name == "none":
        return
    if not options.augmentation.rates():
        yield f"augmentation={options.augmentation.name}: filter={name} judges images that are injected, and none are"
    elif "perturbation" in idle_stages(options.augmentation.name, options.source.name):
        yield f"source={options.source.name}: filter={name} would have but real images to judge"
    elif name == "labels" and (reason := _without_classes(options)):
        yield f"filter=labels: {reason}"


def _rate(options: RunOptions) -> Iterator[str]:
    """An arm is what it says: one that shows no synthetic image would be another ``none``."""
    if not isinstance(options.augmentation, Injection):
        return
    epoch, least = options.budget.images_per_epoch, options.augmentation.least(options.budget.images_per_epoch)
    for key, rate in options.augmentation.rates().items():
        if rate < least:
            rounded = Context(prec=3, rounding=ROUND_CEILING).plus(Decimal(repr(least)))
            needed = f"must be at least {rounded:g}" if rounded.is_finite() else "no rate is enough"
            yield (
                f"augmentation.{key}={rate}: {needed} to show one synthetic image an epoch "
                f"(budget.images_per_epoch={epoch})"
            )


def _real(options: RunOptions) -> Iterator[str]:
    """So many real images are shown some time, and before the largest budget is spent."""
    if options.budget.match == "shown":
        return
    if not options.augmentation.real_share():
        yield f"budget.match=real: augmentation.probability={options.augmentation.rates()['probability']} shows none"
        return
    if options.schedule.name != "constant":
        yield f"budget.match=real: with schedule={options.schedule.name} it is not known beforehand how many there are"
    if options.filter.name != "none":
        yield f"budget.match=real: with filter={options.filter.name} it is not known beforehand how many there are"
    for name in options.gan.pseudo.chosen():
        yield f"budget.match=real: with gan/pseudo={name} it is not known beforehand how many there are"
    largest = options.with_budget(options.budget.extend or options.budget.images).images_shown
    if largest > MOST_IMAGES:
        yield f"budget.match=real: it would take {largest:,} images, more than {MOST_IMAGES:,}"


def _schedule(options: RunOptions) -> Iterator[str]:
    """A rate that changes does so within the largest budget: otherwise the arm would be another one."""
    schedule = options.schedule
    if options.budget.match == "real" and (schedule.name != "constant" or not options.augmentation.real_share()):
        return  # which says so itself
    largest = options.with_budget(options.budget.extend or options.budget.images).images_shown
    batch, epoch = options.budget.batch_size, options.budget.images_per_epoch
    over, read_every = f"over {largest} images shown", BATCHES * batch
    scheduled: dict[str, Any] = {} if options.augmentation.name == "none" else {"schedule": schedule}
    scheduled |= {f"gan/{key}": one for key, one in options.gan.schedules().items()}
    for key, one in scheduled.items():
        if not isinstance(one, Timed):
            continue
        # It rises, or falls. A rate of injection is read by the loader, before every fourth batch of an epoch.
        in_loader = key == "schedule" and bool(options.augmentation.rates())
        at_last = largest - epoch + (epoch - 1) // read_every * read_every if in_loader else largest - batch
        first, last = one.share(0), one.share(at_last)
        if abs(last - first) < LEAST_CHANGE:
            settings = " ".join(f"{name}={shown(value)}" for name, value in one if name != "name")
            yield (
                f"{key}={one.name}: {over} the share goes from {first:g} to {last:g}, which is hardly a schedule "
                f"({settings})"
            )
    noise = options.gan.view.instance_noise
    if noise and noise.until is not None and "gan/view_schedule" in scheduled:
        other = f"gan/view_schedule={scheduled['gan/view_schedule'].name}"
        yield f"gan.view.instance_noise.until={noise.until}: {other} says how it fades; until=null leaves it to that"
    for key, controller in (
        *((key.replace("/", "."), one) for key, one in scheduled.items()),
        *((f"gan.view.{name}", one) for name, one in options.gan.view.chosen().items()),
        *((f"gan.pseudo.{name}", one) for name, one in options.gan.pseudo.chosen().items()),
    ):
        images = getattr(controller, "images", 0)
        if images > largest:
            yield f"{key}.images={images}: {over} the rate could not go from 0 to 1; it may be {largest} at most"


def _gate(options: RunOptions) -> Iterator[str]:
    """There is what a gate measures, and a run that it lets go on without is the arm ``none``."""
    gate, encoder = options.gate, options.autoencoder
    if isinstance(gate, NoGate) or "gate" in idle_stages(options.augmentation.name, options.source.name):
        return
    if gate.name == "error" and getattr(encoder, "stopping", None) != "hold_out":
        trained = not isinstance(encoder, ClosedFormOptions)
        way = "autoencoder.stopping=hold_out does" if trained else "gate=labels needs none"
        yield f"gate=error: autoencoder={encoder.name} holds out no image of the subset; {way}"
    if gate.name == "labels":
        if reason := _without_classes(options):
            yield f"gate=labels: {reason}"
        if options.perturbation.asking():
            yield "gate=labels: it is asked before there is a trained discriminator, which perturbation=hard asks"
        classes = options.data.of.classes
        n_train = options.data.n_train if options.data.balanced and classes <= MOST_CLASSES else None
        if n_train is not None and n_train - options.held_out(n_train) < 2 * classes:
            yield f"gate=labels: with data.n_train={n_train} a class has one image, too few for two halves"
    if gate.below == "skip" and hasattr(options.schedule, "hold_out"):
        yield (
            f"schedule={options.schedule.name}: with gate.below=skip the run would be none of fewer images, for what "
            "the schedule holds out"
        )
    if gate.below == "skip" and options.budget.match == "real":
        yield "budget.match=real: with gate.below=skip it is not known beforehand how many there are"


def _asked(options: RunOptions) -> Iterator[str]:
    """What asks the discriminator as it was when an epoch began, asks a trained one some time."""
    idle = "perturbation" in idle_stages(options.augmentation.name, options.source.name)
    if idle or _uncounted(options) or options.epochs > 1:
        return
    asking = {"perturbation=hard": bool(options.perturbation.asking()), "filter=score": options.filter.name == "score"}
    for key in (key for key, asks in asking.items() if asks):
        yield f"{key}: with one epoch of {options.budget.images_per_epoch} it asks an untrained discriminator alone"


def _turns(options: RunOptions) -> Iterator[str]:
    """The generator has its turn in every epoch."""
    steps, batches = options.gan.discriminator_steps, _batches(options)
    if steps > batches:
        yield f"gan.discriminator_steps={steps}: an epoch has {batches} steps, and the generator no turn"


def _lazy(options: RunOptions) -> Iterator[str]:
    """A penalty that is not asked for at each step is asked for more than once, the first step having all: but in a
    training of a few steps, in which nobody typed how often."""
    if _uncounted(options):
        return
    every = {f"gan.penalty.{name}.every": one.every for name, one in options.gan.penalty.chosen().items()}
    if options.gan.r1_gamma != 0:
        every = {"gan.r1_every": options.gan.r1_every, **every}
    steps = options.epochs * _batches(options)
    for key, count in every.items():
        if count > steps >= FEW_STEPS:
            yield f"{key}={count}: of the {steps:,} steps of this training the first alone would have it"


def _batches(options: RunOptions) -> int:
    """Steps of the discriminator in an epoch."""
    return -(-options.budget.images_per_epoch // options.budget.batch_size)


def _uncounted(options: RunOptions) -> bool:
    """Whether images are counted that are never shown, so that there is no end to a training: :func:`_real` says so."""
    return options.budget.match == "real" and not options.augmentation.real_share()


def _watched(options: RunOptions) -> Iterator[str]:
    """A controller goes by the logits of real images, of which there are some; those on r_t by their signs, which
    mean something. R1 of real images has some, too."""
    sound, real = LOSSES[options.gan.loss].zero_decides, bool(options.augmentation.real_share())
    if not real and options.gan.r1_gamma != 0 and options.gan.r1_on == "real":
        yield "augmentation.probability=1: gan.r1_on=real would have no real images left to be of"
    for key, controller in _controllers(options):
        if isinstance(controller, RealSign) and not sound:
            yield f"{key}: it follows the sign of the logits, which with gan.loss={options.gan.loss} means nothing"
        if not real:
            yield f"augmentation.probability=1: {key} would have no real images left to go by"


def _controllers(options: RunOptions) -> Iterator[tuple[str, Controller]]:
    """Those that something follows, each with what that is chosen by."""
    chosen: list[tuple[str, object]] = []
    if options.augmentation.name != "none":
        chosen.append((f"schedule={options.schedule.name}", options.schedule))
    chosen += [(f"gan/{key}={one.name}", one) for key, one in options.gan.schedules().items()]
    for group in ("view", "pseudo"):
        chosen += [(f"gan/{group}={name}", one) for name, one in getattr(options.gan, group).chosen().items()]
    for key, one in chosen:
        if isinstance(controller := getattr(one, "controller", None), Controller):
            yield key, controller


def _processes(options: RunOptions) -> Iterator[str]:
    """What the loader asks of every process, before one is started."""
    devices = options.trainer.devices
    if devices > 1 and options.trainer.strategy == "auto":
        yield f"trainer.devices={devices}: trainer.strategy=auto is one process; several are trainer=ddp"
    for key in ("batch_size", "images_per_epoch"):
        if (value := getattr(options.budget, key)) % devices:
            yield f"budget.{key}={value}: must be a multiple of trainer.devices={devices}"


def _shortened(options: RunOptions) -> Iterator[str]:
    """Nothing that reports has numbers of less than its budget."""
    for flag in SHORTENING if not options.debug else ():
        if (value := getattr(options.trainer, flag)) is not None:
            yield f"trainer.{flag}={shown(value)}: it cuts a training short, which debug=true alone may"


def _without_classes(options: RunOptions) -> str | None:
    """Why no small classifier can say which class a decoded image is to have, None where one can."""
    if not options.data.of.classes:
        return _classless(options)
    if options.data.of.classes > MOST_CLASSES:
        return _too_many(options)
    if (first := options.perturbation.parts()[0]).forgets:
        return f"perturbation={first.name} makes images that are made of none and have the class of none"
    return None


def _classless(options: RunOptions) -> str:
    return f"the images of data.name={options.data.name} have no classes"


def _too_many(options: RunOptions) -> str:
    of = options.data.of
    return f"data.name={of.name} has {of.classes:,} classes, and its small classifier knows {MOST_CLASSES} at most"
