r"""Features of images: the two spaces that metrics are measured in.

For a data set there are two small nets, trained once and for all on its own images, of MNIST training images 35,000 to
59,999 (:data:`aeaug.data.splits.FEATURE_NETS_SAW`). No other image was ever shown to them, so images from elsewhere can
serve as references. They share their architecture and nothing else:

``classifier``
    by ``scripts/train_feature_net.py``, told the classes apart by their labels;
``self_supervised``
    by ``scripts/train_self_supervised_net.py``, told images apart without any label.

What holds in both is no accident of the classes. An image's features are the last linear map of a convolutional body h,

.. math:: f = W_1 \, h(x) + b_1, \qquad \text{logits} = W_2 \max(f, 0) + b_2 \quad \text{(classifier)},

taken before the rectifier because the Fréchet distance fits a Gaussian, and a rectified one is none. The nets have no
normalisation: features depend on the one image alone and follow its contrast, as they should when grey, washed-out
samples are to be told from crisp ones.

Images that no net was trained for, as those of anybody's folder, are measured in other spaces
(:mod:`aeaug.evaluation.spaces`).

Where a data set's channels are images of another one, the nets are that one's, and are shown every channel by itself
(:class:`ChannelwiseNet`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from aeaug.data.description import DataSet
from aeaug.data.images import Shape
from aeaug.data.sets import DATA_SETS
from aeaug.faults import Fault, one_line, reading
from aeaug.writing import archived, write_whole

__all__ = [
    "SPACES",
    "ChannelwiseNet",
    "Extractor",
    "FeatureNet",
    "Features",
    "Space",
    "extract",
    "load_feature_net",
    "load_feature_nets",
    "net_for",
    "net_path",
    "read_feature_net",
    "require_features",
    "save_feature_net",
]

Space = str
"""The name of a feature space (:mod:`aeaug.evaluation.spaces`)."""

SPACES: tuple[Space, ...] = ("classifier", "self_supervised")
"""Names of the spaces whose nets come with the package, in which a run is measured that asks for no others; the first
has classes, and every metric."""

AT_ONCE = 125  # images: what is computed between two layers stays in a processor's cache

_PINNED = Path(__file__).with_name("feature_nets")


def net_path(data: DataSet, space: Space) -> Path:
    """Where the pinned weights are of the net that measures ``data`` in ``space``; there are such."""
    assert data.feature_nets is not None
    return _PINNED / data.feature_nets / f"{space}.pt"


class Extractor(nn.Module):
    """What makes features of images.

    ``shape``: (C, H, W) of an image; ``num_features``: F; ``num_classes``: K, 0 for one that knows no labels. Called
    with ``images: (B, C, H, W)`` in [-1, 1] it returns features ``(B, F)`` and class logits ``(B, K)``.
    """

    shape: Shape
    num_features: int
    num_classes: int


class FeatureNet(Extractor):
    """Three convolutions, of which the first two halve the side, a linear layer to the features; where there are
    classes, a linear classifier on them."""

    num_features = 96

    def __init__(self, shape: Shape, num_classes: int) -> None:
        """``shape``: (C, H, W) of an image; ``num_classes``: 0 for a net that knows no labels."""
        super().__init__()
        self.shape, self.num_classes = shape, num_classes
        channels, *sides = shape
        height, width = (-(-side // 4) for side in sides)
        self.body = nn.Sequential(
            nn.Conv2d(channels, 32, kernel_size=5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 64, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * height * width, self.num_features),
        )
        self.classifier = nn.Linear(self.num_features, num_classes) if num_classes else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features and class logits.

        Args:
            images: ``(B, C, H, W)`` in [-1, 1].

        Returns:
            features ``(B, 96)`` and logits ``(B, num_classes)``: no columns where there are no classes.
        """
        features = self.body(images)
        if self.classifier is None:
            return features, features[:, :0]
        return features, self.classifier(features.relu())


class ChannelwiseNet(FeatureNet):
    r"""A net of grey images that is shown each channel by itself: features are those of all channels in their order.

    With K classes of a channel, those of an image of channels a, b, … are the combinations, numbered
    :math:`(\ldots (k_a K + k_b) K + \ldots)`; the logit of one is :math:`\sum_c \ln p(k_c | x_c)`, as if channels were
    independent. The largest is that of the channels' largest.
    """

    def __init__(self, shape: Shape, num_classes: int) -> None:
        """``shape``: (C, H, W) of an image; ``num_classes``: of a channel, 0 for a net that knows no labels."""
        channels, height, width = shape
        super().__init__((1, height, width), num_classes)
        self.shape, self.num_classes = shape, num_classes**channels
        self.num_features = channels * FeatureNet.num_features

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features ``(B, 96 C)`` and logits ``(B, num_classes)`` of ``images: (B, C, H, W)`` in [-1, 1]."""
        features, logits = super().forward(images.flatten(0, 1).unsqueeze(1))
        features = features.view(len(images), self.num_features)
        if self.classifier is None:
            return features, features[:, :0]
        first, *others = logits.log_softmax(1).view(len(images), self.shape[0], -1).unbind(1)
        for other in others:
            first = (first[:, :, None] + other[:, None, :]).flatten(1)
        return features, first


def net_for(data: DataSet, *, classes: bool) -> FeatureNet:
    """A feature net of the sizes of ``data`` that knows its ``classes``, or none, without weights (they are on the
    device ``meta``): nothing is initialised, and nothing drawn from the global stream."""
    kind, of = (ChannelwiseNet, data.channels_of) if data.channels_of else (FeatureNet, data)
    with torch.device("meta"):
        return kind(data.shape, of.classes if classes else 0)


@dataclass(frozen=True)
class Features:
    """What metrics need to know of a set of images, float32.

    ``features (N, F)``; ``logits (N, K)``, a column for each class, in the classifier's space, ``(N, 0)`` in one
    without classes.
    """

    features: Tensor
    logits: Tensor

    def __len__(self) -> int:
        return len(self.features)


def load_feature_net(
    data: DataSet, path: Path | None = None, device: torch.device | str = "cpu", space: Space = "classifier"
) -> tuple[FeatureNet, str]:
    """The frozen feature net for ``data`` in ``space``, in evaluation mode, and the SHA-256 of its weights file.

    Args:
        data: whose images it is to measure.
        path: weights written by the script that trains the net; the pinned ones of this package if None, where the
            data set has such.
        device: where to put the net.
        space: one of ``SPACES``.

    Raises:
        ValueError: for an unknown space, for data that the package has no nets for where no ``path`` is given, or if
            the file does not exist, does not hold such a net, or says that it was trained on another data set.
    """
    if space not in SPACES:
        raise ValueError(f"space: expected one of {', '.join(SPACES)}, got {space!r}")
    pinned = net_path(data, space) if data.feature_nets else None
    if path is None:
        if pinned is None:
            raise ValueError(f"feature net: the package has none for data={data.name}; give the path of its weights")
        path = pinned
    path = Path(path)
    remedy = "install the package again" if path == pinned else "take another file"
    if not path.is_file():
        raise Fault(f"feature net: no file at {path}: {remedy}")
    net = net_for(data, classes=space == SPACES[0])
    sha256 = read_feature_net(net, path, space, remedy, data)
    return net.to(device), sha256


def read_feature_net(net: FeatureNet, path: Path, space: Space, remedy: str, data: DataSet | None = None) -> str:
    """Give ``net`` the weights in the file at ``path``, frozen, in evaluation mode; return the file's SHA-256.

    Raises :class:`Fault`, which tells the ``remedy``, for a file that does not hold those of such a net, and for one
    that says it was trained on another data set than ``data`` is measured by: weights of one with as many classes fit.
    """
    with reading(Path(f"feature net: {path}"), remedy):
        content = path.read_bytes()
    try:
        saved = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
        net.load_state_dict(saved["state_dict"], assign=True)
        trained_on = dict(saved.get("metadata") or {}).get("trained_on")
    except Exception as error:
        why = f"does not hold the weights of a FeatureNet of the space {space} ({one_line(error, 100)})"
        raise Fault(f"feature net: {path} {why}: {remedy}") from error
    own = None if data is None else DATA_SETS.get(data.feature_nets or "")
    if data and own and trained_on is not None and not str(trained_on).startswith(f"{own.title} training images "):
        why = f"was trained on {one_line(trained_on, 100)}, and data.name={data.name} needs one of {own.title}'s"
        raise Fault(f"feature net: {path} {why}: {remedy}")
    net.eval().requires_grad_(False)
    return hashlib.sha256(content).hexdigest()


def load_feature_nets(data: DataSet, device: torch.device | str = "cpu") -> dict[Space, tuple[FeatureNet, str]]:
    """The pinned feature net for ``data`` of every space, frozen and on ``device``, and the SHA-256 of its weights
    file. Raises ``ValueError`` as :func:`load_feature_net` does."""
    return {space: load_feature_net(data, device=device, space=space) for space in SPACES}


def save_feature_net(net: FeatureNet, metadata: Mapping[str, Any], path: Path) -> None:
    """Write weights and ``metadata``, of plain types, for :func:`load_feature_net`; a killed run leaves what was there.

    The same net and metadata give the same bytes, whatever the file is called.
    """
    whole = archived({"state_dict": net.state_dict(), "metadata": dict(metadata)})
    write_whole(path, whole)


@torch.no_grad()
def extract(images: Tensor, net: Extractor, batch_size: int = AT_ONCE) -> Features:
    """Features and, where the net has classes, logits of any number of images.

    They are moved to the net's device chunk by chunk. Nothing is checked: bytes are taken for numbers as they are, so
    convert them first, :func:`aeaug.data.images.to_float`.

    Args:
        images: ``(N, C, H, W)`` float in [-1, 1], on any device.
        net: a feature net; what it returns lies on its device.
        batch_size: images per forward pass. It decides speed and memory, and does not change the result beyond
            rounding.
    """
    device = next(net.parameters()).device
    features = torch.empty(len(images), net.num_features, device=device)
    logits = torch.empty(len(images), net.num_classes, device=device)
    # Metrics must not depend on the precision the caller trains in.
    with torch.autocast(device.type, enabled=False):
        for start in range(0, len(images), batch_size):
            chunk = slice(start, start + batch_size)
            features[chunk], logits[chunk] = net(images[chunk].to(device, torch.float32))
    return Features(features, logits)


def require_features(name: str, features: Tensor, num_features: int) -> None:
    """Raise ``ValueError`` unless ``features`` are finite, ``(N, num_features)``, and N >= 2."""
    if features.ndim != 2 or len(features) < 2 or features.shape[1] != num_features:
        raise ValueError(
            f"{name}: expected at least 2 rows of {num_features} features, got shape {tuple(features.shape)}"
        )
    if not bool(features.isfinite().all()):
        raise ValueError(f"{name}: some are not finite")
