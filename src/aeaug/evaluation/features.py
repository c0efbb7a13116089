r"""Features of MNIST images, the space every metric is measured in.

The feature net is a small convolutional classifier trained once, by ``scripts/train_feature_net.py``, on
MNIST's training images 35,000 to 59,999. The official test set, the first 35,000 training images and with
them the embedded 5,000 were never shown to it, so images from those can serve as references. An image's
features are the input of its last hidden activation,

.. math:: f = W_1 \, h(x) + b_1, \qquad \text{logits} = W_2 \max(f, 0) + b_2,

taken before the rectifier because the Fréchet distance fits a Gaussian, and a rectified one is none. The
net has no normalisation: features depend on the one image alone and follow its contrast, as they should
when grey, washed-out samples are to be told from crisp ones.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn

from aeaug.faults import Fault, one_line, reading

__all__ = ["FEATURE_NET_PATH", "FeatureNet", "Features", "extract", "load_feature_net", "require_features"]

FEATURE_NET_PATH = Path(__file__).with_name("feature_net.pt")


class FeatureNet(nn.Module):
    """Three convolutions (28 → 14 → 7 → 7 pixels), a linear layer to the features, a linear classifier."""

    num_features = 96
    num_classes = 10

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 64, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, self.num_features),
        )
        self.classifier = nn.Linear(self.num_features, self.num_classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features and class logits.

        Args:
            images: ``(B, 1, 28, 28)`` in [-1, 1].

        Returns:
            features ``(B, 96)`` and logits ``(B, 10)``.
        """
        features = self.body(images)
        return features, self.classifier(features.relu())


@dataclass(frozen=True)
class Features:
    """What metrics need to know of a set of images: ``features (N, F)`` and ``logits (N, 10)``, float32."""

    features: Tensor
    logits: Tensor

    def __len__(self) -> int:
        return len(self.features)


def load_feature_net(path: Path | None = None, device: torch.device | str = "cpu") -> tuple[FeatureNet, str]:
    """The frozen feature net in evaluation mode, and the SHA-256 of its weights file.

    Args:
        path: weights written by ``scripts/train_feature_net.py``; the pinned ones of this package if None.
        device: where to put the net.

    Raises:
        ValueError: if the file does not exist or does not hold a feature net.
    """
    path = FEATURE_NET_PATH if path is None else Path(path)
    remedy = "install the package again" if path == FEATURE_NET_PATH else "take another file"
    if not path.is_file():
        raise Fault(f"feature net: no file at {path}: {remedy}")
    with reading(Path(f"feature net: {path}"), remedy):
        content = path.read_bytes()
    with torch.device("meta"):  # weights come from the file: nothing to initialise, no draw from the global stream
        net = FeatureNet()
    try:
        saved = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
        net.load_state_dict(saved["state_dict"], assign=True)
    except Exception as error:
        why = f"does not hold the weights of a FeatureNet ({one_line(error, 100)})"
        raise Fault(f"feature net: {path} {why}: {remedy}") from error
    return net.to(device).eval().requires_grad_(False), hashlib.sha256(content).hexdigest()


@torch.no_grad()
def extract(images: Tensor, net: FeatureNet, batch_size: int = 500) -> Features:
    """Features and logits of any number of images, moved to the net's device chunk by chunk.

    Args:
        images: ``(N, 1, 28, 28)`` in [-1, 1], on any device.
        net: a feature net; what it returns lies on its device.
        batch_size: images per forward pass. It bounds memory and does not change the result beyond rounding.
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
