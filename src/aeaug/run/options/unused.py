"""What a run has no use for of its options: settings that say nothing of what it does, and make it no other run."""

from collections.abc import Mapping

from aeaug.augmentation.sources import BEYOND_SUBSET, WITHOUT_AUTOENCODER
from aeaug.gan.pseudo import PseudoOptions
from aeaug.gan.rated import rated
from aeaug.gan.views import ViewOptions
from aeaug.options import shown
from aeaug.run.options.run import RunOptions

__all__ = ["STAGES", "idle_stages", "is_unused", "is_upper_bound", "unused"]

STAGES = ("autoencoder", "perturbation", "source", "filter", "schedule", "gate")
"""What an augmentation alone has a use for."""

WITHOUT_WEIGHT = {
    "r1_schedule": "gan.r1_gamma=0 has no use for it",
    "penalty_schedule": "no gan/penalty is chosen, whose weight it could change",
    "view_schedule": f"no gan/view is chosen whose rate it could change: {rated(ViewOptions)}",
    "pseudo_schedule": f"no gan/pseudo is chosen whose rate it could change: {rated(PseudoOptions)}",
}
"""Of schedules of weights and rates, why there is nothing for one to change."""


def idle_stages(augmentation: str | None, source: str | None = None) -> tuple[str, ...]:
    """The stages whose settings say nothing of what a GAN was fed, by the names of its ``augmentation`` and
    ``source``."""
    if augmentation == "none":
        return STAGES
    return ("autoencoder", "perturbation", "gate") if source in WITHOUT_AUTOENCODER else ()


def is_upper_bound(source: str | None) -> bool:
    """Whether the ``source`` of this name shows real images beyond the training subset."""
    return source in BEYOND_SUBSET


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
        for key in ("r1_every", "r1_on"):
            found[f"gan.{key}"] = "gan.r1_gamma=0 has no use for it"
    elif not (options.augmentation.rates() or options.gan.pseudo.chosen()):
        found["gan.r1_on"] = f"augmentation={injection} shows real images alone, which are the mixture"
    for key, reason in WITHOUT_WEIGHT.items():
        if getattr(options.gan, key) and key not in options.gan.schedules():
            found[f"gan.{key}"] = reason
    if options.gan.ema_halflife_images == 0:
        found["gan.ema_rampup"] = "gan.ema_halflife_images=0 has no use for it"
    n_train = options.data.size_of_subset
    reasons = options.autoencoder.unused(n_train - options.held_out(n_train))
    found |= {f"autoencoder.{key}": reason for key, reason in reasons.items()}
    if n_train == options.data.of.pool and not options.held_out(n_train):
        found["data.subset_seed"] = f"data.n_train={shown(options.data.n_train)} is all images, the same for every seed"
    choices = [f"{group}.name" for group in (*STAGES, "augmentation", "gan", "trainer")]
    for key in (*choices, "data.kind" if "kind" in type(options.data).model_fields else "data.name"):
        found[key] = f"it is what the choice of {key.partition('.')[0]}=… is called, and no setting"
    if not options.data.of.has_files:
        found["data.root"] = f"data={options.data.choice} has no use for it, its images come with a package"
    return found


def is_unused(key: str, reasons: Mapping[str, str]) -> str | None:
    """Why a run makes no use of a dotted ``key``, by the ``reasons`` that :func:`unused` gives; None where it does."""
    return next((reason for of, reason in reasons.items() if f"{key}.".startswith(f"{of}.")), None)
