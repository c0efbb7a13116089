"""Spaces whose nets are trained on the user's own images: once, and kept as artifacts (:mod:`aeaug.artifacts`).

They are trained on the images that a data set keeps for nets; where it keeps none, on those of the pool that no subset
has, unless it is larger than the rest: those behind the first ``pool_unseen`` (:class:`aeaug.data.splits.Splits`). No
image that measures, of the validation slice, the test set or another real sample, is among them. So many steps are
taken as the pinned nets took, which were trained in the same way on 25,000 images, in batches of as many, on one thread
of the CPU: the same images give the same net, wherever the run that needs it is trained.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aeaug.artifacts import ArtifactStore, file_sha256, recipe_version
from aeaug.data.description import DataSet
from aeaug.data.splits import Splits
from aeaug.data.subset import fingerprint
from aeaug.evaluation.features import FeatureNet, net_for, read_feature_net, save_feature_net
from aeaug.evaluation.spaces import TRAINED, label_free, labels
from aeaug.training.threads import cpu_threads

__all__ = ["FEWEST", "KIND", "fault_of_images", "trained_net"]

FEWEST = 500
"""Images that a net is trained on, at least: four batches."""

KIND = "feature_net"
BATCH, STEPS_IN_SMALL = 125, 4
STEPS: Mapping[str, int] = {"label_free": 1_000, "labels": 4_000}
assert tuple(STEPS) == TRAINED

_RECIPES: Mapping[str, Mapping[str, Any]] = {
    "label_free": {"batch_size": BATCH, "lr": 2e-3, "seed": 0},
    "labels": {"batch_size": BATCH, "lr": 2e-3, "pixels": 1, "seed": 0},
}
_PACKAGE = Path(__file__).parents[2]
_DEFINING = ("evaluation/features.py", "evaluation/spaces/fitting.py", "data/images.py", "randomness.py")
_VERSION = {
    space: recipe_version(*(_PACKAGE / name for name in (*_DEFINING, f"evaluation/spaces/{space}.py")))
    for space in STEPS
}


def fault_of_images(space: str, data: DataSet, splits: Splits) -> str | None:
    """Why no net can be trained for ``space`` on what ``splits`` of ``data`` leave for it; None where one can."""
    images, own = _kept_for_nets(splits)
    if len(images) < FEWEST:
        pool = f"leaves {len(images)} of its pool of {len(splits.pool_images):,}"
        there = pool if splits.for_nets is None else f"keeps {len(images)} for nets, a tenth of its images"
        return (
            f"{space} is trained on images that no subset has, at least {FEWEST}; data.name={data.name} {there} "
            "(random is not trained)"
        )
    if space == "labels" and (absent := set(range(data.classes)) - set(own.unique().tolist())):
        return f"labels: of the {len(images):,} images that it is trained on, none is of class {min(absent)}"
    return None


def trained_net(
    space: str,
    data: DataSet,
    splits: Splits,
    store: ArtifactStore,
    device: torch.device | str = "cpu",
    *,
    in_small: bool = False,
    progress: bool = False,
) -> tuple[FeatureNet, str]:
    """The net of ``space``, frozen, in evaluation mode, on ``device``, and the SHA-256 of its weights file.

    It comes from ``store``, where it is trained if it is not there yet, with a bar where ``progress``. ``in_small``:
    for a few steps, of a run whose numbers mean nothing.

    Raises :class:`aeaug.faults.Fault` for an artifact that is not as it was made.
    """
    images, own = _kept_for_nets(splits)
    steps = STEPS_IN_SMALL if in_small else STEPS[space]
    options = {**_RECIPES[space], "epochs": max(1, round(steps / (len(_by_channel(data, images)) // BATCH)))}
    shown = {"images": fingerprint(images), **({"labels": fingerprint(own)} if space == "labels" else {})}
    recipe = {"space": space, **shown, "channels": bool(data.channels_of), **options, "version": _VERSION[space]}

    def build(folder: Path) -> None:
        with cpu_threads(1):
            net = _TRAINING[space](data, images, own, options | {"progress": progress})
        metadata = {"trained_on": f"{len(images)} images of {data.title} that no subset has", **options}
        save_feature_net(net, metadata, folder / "net.pt")

    path = store.get(KIND, recipe, build) / "net.pt"
    net = net_for(data, classes=space == "labels")
    read_feature_net(net, path, space, f"delete the folder {path.parent}, and it is trained anew")
    return net.to(device), file_sha256(path)


def _kept_for_nets(splits: Splits) -> tuple[Tensor, Tensor]:
    """Images ``(N, H, W)``, or in colour ``(N, C, H, W)``, uint8, and labels ``(N,)``."""
    if splits.for_nets is not None:
        return splits.for_nets
    return splits.pool_images[splits.pool_unseen :], splits.pool_labels[splits.pool_unseen :]


def _label_free(data: DataSet, images: Tensor, own: Tensor, options: Mapping[str, Any]) -> FeatureNet:
    return label_free.train(_by_channel(data, images), **options)


def _labels(data: DataSet, images: Tensor, own: Tensor, options: Mapping[str, Any]) -> FeatureNet:
    return labels.train(_by_channel(data, images), _labels_by_channel(data, own), **options)


_TRAINING: Mapping[str, Callable[..., FeatureNet]] = {"label_free": _label_free, "labels": _labels}


def _by_channel(data: DataSet, images: Tensor) -> Tensor:
    """Where channels are images of their own, each by itself, ``(N C, H, W)``."""
    return images.flatten(0, 1) if data.channels_of else images


def _labels_by_channel(data: DataSet, own: Tensor) -> Tensor:
    """Of a class (a K + b) K + c, the classes a, b, c of the channels, in turn."""
    if not data.channels_of:
        return own
    k, channels = data.channels_of.classes, data.shape[0]
    return torch.stack([own // k ** (channels - 1 - channel) % k for channel in range(channels)], 1).flatten()
