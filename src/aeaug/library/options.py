"""The options of a LatentAugmenter: names with keyword values become the checked options that a run has, too."""

import difflib
import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from aeaug.augmentation.requirements import require_classes, unmet
from aeaug.autoencoder.options import AutoencoderChoice, AutoencoderOptions, ClosedFormOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.data.images import Shape
from aeaug.data.sets.mnist import MNIST
from aeaug.option_files import choices, defaults_of
from aeaug.options import Options, Seed, shown, validated
from aeaug.perturbation import PerturbationOptions
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["MOST", "AugmenterOptions", "augmenter_options", "require_labels", "require_usable", "resolved"]

MOST = 10_000_000
"""Images that are drawn at once, or written."""
Choice = str | Mapping[str, Any]
NAMING = ("name", "network", "seed")  # they say which one it is, and belong to both or to neither


class AugmenterOptions(Options):
    """``autoencoder`` and ``perturbation``, as of a run; ``seed``: of the autoencoder's training, unless that has its
    own, and of what is drawn."""

    autoencoder: AutoencoderChoice
    perturbation: PerturbationOptions
    seed: Seed


def augmenter_options(autoencoder: Choice, perturbation: Choice, seed: int, own: Mapping[str, Any]) -> AugmenterOptions:
    """Return the options of these choices with their files' defaults, changed by ``own``.

    ``autoencoder``, ``perturbation``: a name, or a mapping with ``name`` and what differs from that one's defaults;
    ``own``: options by their keys alone, each of the one of the two that has it.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value, and for each of ``own``
    that makes no difference.
    """
    groups = {"autoencoder": _chosen("autoencoder", autoencoder), "perturbation": _chosen("perturbation", perturbation)}
    if shared := groups["autoencoder"].get("seed") == "${seed}":
        groups["autoencoder"]["seed"] = 0  # until that is known to be one, of which nothing is said twice
    known = {group: [key for key in values if key not in NAMING] for group, values in groups.items()}
    faults = []
    for key, value in own.items():
        having = [group for group in groups if key in known[group]]
        if len(having) == 1:
            groups[having[0]][key] = value
            continue
        of = [f"{group}={groups[group]['name']}" for group in having or groups]
        if having:
            faults.append(f"{key}={shown(value)}: {' and '.join(of)} both have it; give one of them as a mapping")
            continue
        near = difflib.get_close_matches(key, [*known["autoencoder"], *known["perturbation"]], 1)
        meant = f"; is it {near[0]}?" if near else ""
        faults.append(f"{key}={shown(value)}: no such option of {' or '.join(of)}{meant}")
    if faults:
        raise ValueError("\n".join(faults))
    options = validated(AugmenterOptions, {**groups, "seed": seed})
    if shared:
        seeded = options.autoencoder.model_copy(update={"seed": options.seed})
        options = options.model_copy(update={"autoencoder": seeded})
    require_usable(options.autoencoder, options.perturbation)
    idle = options.autoencoder.unused(None)
    if ignored := [f"{key}={shown(own[key])}: {reason}" for key, reason in idle.items() if key in own]:
        raise ValueError("\n".join(ignored))
    return options


def require_usable(autoencoder: AutoencoderOptions | ClosedFormOptions, perturbation: Perturbation) -> None:
    """Raise ``ValueError`` for what only a run has: a discriminator to ask, a validation slice to look at; and for what
    does not go together."""
    faults = list(unmet(perturbation, autoencoder, None, "", None))
    if perturbation.asking():
        faults.append(f"perturbation={perturbation.name}: it asks a discriminator, which there is none of here")
    if isinstance(autoencoder, AutoencoderOptions) and autoencoder.stopping == "validation":
        faults.append(
            "autoencoder.stopping=validation: there are no images here beyond those that are given; fixed or hold_out"
        )
    if faults:
        raise ValueError("\n".join(faults))


def require_labels(perturbation: Perturbation, labels: Tensor | None) -> None:
    """Raise ``ValueError`` where it perturbs within classes, and those are not known or too small."""
    if labels is not None:
        require_classes(perturbation, labels.cpu())
    elif perturbation.using_labels():
        raise ValueError("perturbation.within=class: it needs labels, and there are none")


def resolved(
    autoencoder: AutoencoderOptions | ClosedFormOptions, n_train: int, shape: Shape, data: str = MNIST.name
) -> AutoencoderOptions | ClosedFormOptions:
    """Return ``autoencoder`` with numbers for what is ``auto``, for ``n_train`` images of this ``shape``.

    ``steps``: what was measured on ``data`` with as many images: on MNIST, whatever they show, where nothing is said of
    that; ``latent_dim`` of ``identity``: the pixels of an image. Raises ``ValueError`` for an autoencoder that there is
    none of with such images, and for steps that were not measured (:mod:`aeaug.autoencoder.steps`).
    """
    if faults := list(autoencoder.faults_of(shape, "an image")):
        raise ValueError("\n".join(faults))
    if autoencoder.latent_dim is None:
        return autoencoder.model_copy(update={"latent_dim": math.prod(shape)})
    if isinstance(autoencoder, AutoencoderOptions) and autoencoder.steps is None:
        return autoencoder.model_copy(update={"steps": chosen_steps(autoencoder, n_train, data, "images")})
    return autoencoder


def _chosen(group: str, choice: Choice) -> dict[str, Any]:
    changes = dict(choice) if isinstance(choice, Mapping) else {"name": choice}
    if "name" not in changes:
        raise ValueError(f"{group}.name: it is missing")
    name, known = changes["name"], choices(group)
    if name not in known:
        raise ValueError(f"{group}={shown(name)}: must be one of {', '.join(known)}")
    return {**defaults_of(group, name), **changes}
