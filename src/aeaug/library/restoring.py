"""From what a file holds to a fitted autoencoder with its codes: everything is checked, for a file may be damaged or
hostile."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.augmentation.requirements import unmet
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.data.images import Shape
from aeaug.library.images import require_shape
from aeaug.library.options import AugmenterOptions, require_labels, require_usable
from aeaug.library.stored import Stored
from aeaug.options import shown, validated
from aeaug.perturbation import LatentCodes

__all__ = ["CALLS", "CODES", "Restored", "restored", "untrained"]

CALLS = ("sample", "transform")
"""What is counted, for each call draws anew."""

CODES = ("z", "deviation", "labels")
"""The tensors of a file that are no weights."""


class Restored(NamedTuple):
    """What a LatentAugmenter is made of: the frozen ``autoencoder`` and the ``codes`` of the training images, on the
    CPU, and ``calls``, how often it has drawn, by what for."""

    options: AugmenterOptions
    autoencoder: AutoencoderModule
    codes: LatentCodes
    calls: dict[str, int]


def restored(stored: Stored) -> Restored:
    """What was ``stored``. Raises ``ValueError`` where that does not go together."""
    values = dict(stored.options)
    calls, shape = values.pop("calls"), values.pop("shape")
    options = validated(AugmenterOptions, values)
    require_usable(options.autoencoder, options.perturbation)
    counted = isinstance(calls, dict) and calls.keys() == set(CALLS)
    if not counted or not all(type(one) is int and one >= 0 for one in calls.values()):
        raise ValueError("it does not say how often it has drawn")
    autoencoder = untrained(options, _shape(shape))
    weights = {name.removeprefix("autoencoder."): one for name, one in stored.tensors.items() if name not in CODES}
    autoencoder.load_state_dict(weights)
    _check(stored.tensors, autoencoder)
    labels = stored.tensors.get("labels")
    require_labels(options.perturbation, labels)
    codes = LatentCodes(stored.tensors["z"], stored.tensors.get("deviation"), labels)
    if faults := list(unmet(options.perturbation, options.autoencoder, len(codes.z), "that", None)):
        raise ValueError("; ".join(faults))
    return Restored(options, autoencoder.eval().requires_grad_(False), codes, dict(calls))


def untrained(options: AugmenterOptions, shape: Shape) -> AutoencoderModule:
    """The autoencoder of ``options`` for images of this ``shape``, (C, H, W), before its weights are loaded. Raises
    ``ValueError`` where there is none of such images."""
    one = options.autoencoder
    if faults := list(one.faults_of(shape, "an image")):
        raise ValueError("; ".join(faults))
    if isinstance(one, ClosedFormOptions):
        return AutoencoderModule(one.network, one.latent_dim or math.prod(shape), shape=shape)
    return AutoencoderModule(one.network, one.latent_dim, one.loss, one.lr, one.seed, shape, **one.own())


def _shape(given: object) -> Shape:
    """(C, H, W), from a file."""
    if not isinstance(given, list) or len(given) != 3 or not all(type(one) is int for one in given):
        raise ValueError(f"its shape is {shown(given)}")
    channels, height, width = given
    require_shape((channels, height, width), f"its shape is {shown(given)}")
    return channels, height, width


def _check(tensors: Mapping[str, Tensor], autoencoder: AutoencoderModule) -> None:
    """Raise ``ValueError`` for codes that are none of this autoencoder's, and for what is not finite."""
    z, deviation, labels = (tensors.get(name) for name in CODES)
    if z is None or z.dtype != torch.float32 or z.ndim != 2 or z.shape[1] != autoencoder.latent_dim or len(z) < 2:
        raise ValueError("its codes are not of its autoencoder")
    if (deviation is not None) != autoencoder.variational or (deviation is not None and deviation.shape != z.shape):
        raise ValueError("its codes' deviations are not of its autoencoder")
    if labels is not None and (labels.dtype != torch.int64 or labels.shape != z.shape[:1] or int(labels.min()) < 0):
        raise ValueError("its labels are not of its codes")
    if lost := [name for name, one in tensors.items() if not bool(one.isfinite().all())]:
        raise ValueError(f"{lost[0]} is not finite")
