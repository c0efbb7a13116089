"""The spaces ``torch_fidelity:<extractor>``: the networks of the package torch-fidelity's registry, trained elsewhere.

Inception-v3, VGG16, CLIP and DINOv2 are registered there, and whatever else a program registers itself. They see
colour of 256 levels: images are rounded to these, as real ones are, and grey ones stand in all three channels. Features
are those that torch-fidelity takes for FID. It is an extra of this package, ``pip install 'aeaug[fidelity]'``, and
fetches an extractor's weights when it is first used, into PyTorch's folder for them (``TORCH_HOME``).

The hash beside a number is of the extractor's name, torch-fidelity's version, and all weights.
"""

import hashlib
import importlib.util
from contextlib import redirect_stdout
from importlib.metadata import version
from io import StringIO

import torch
from torch import Tensor, nn
from typing_extensions import override

from aeaug.data.description import DataSet
from aeaug.data.images import Shape
from aeaug.data.subset import fingerprint
from aeaug.evaluation.features import Extractor
from aeaug.evaluation.spaces import PREFIX
from aeaug.faults import Fault, one_line
from aeaug.installed import with_extra

__all__ = ["FidelityNet", "fidelity_net"]

RGB = 3
CHUNK = 50  # images at once: they are enlarged, to 299 pixels a side by Inception


class FidelityNet(Extractor):
    """An ``extractor`` of torch-fidelity's, shown images of ``shape``, grey or of red, green and blue."""

    def __init__(self, extractor: nn.Module, shape: Shape) -> None:
        """Raises ``ValueError`` where its features of an image are no vector."""
        super().__init__()
        assert shape[0] in (1, RGB), "images are grey, or of red, green and blue"
        self.shape, self.num_classes = shape, 0
        self.extractor = extractor
        # An extractor may have no weights, and the device of a net is that of its parameters.
        self.place = nn.Parameter(torch.empty(0), requires_grad=False)
        with torch.no_grad():
            features = self._features(torch.zeros(2, *shape))
        if features.ndim != 2 or len(features) != 2:
            raise ValueError(f"its features of 2 images have the shape {tuple(features.shape)}, and are no vectors")
        self.num_features = features.shape[1]

    @override
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self._features(images)
        return features, features[:, :0]

    def _features(self, images: Tensor) -> Tensor:
        levels = images.add(1).mul(255 / 2).round().clamp(0, 255).to(torch.uint8)
        parts = levels.expand(-1, RGB, -1, -1).contiguous().split(CHUNK)
        return torch.cat([self.extractor(part)[0].float() for part in parts])


def fidelity_net(space: str, data: DataSet, device: torch.device | str = "cpu") -> tuple[FidelityNet, str]:
    """The net of ``space``, ``torch_fidelity:<extractor>``, for ``data``, frozen, in evaluation mode, and its hash.

    Raises :class:`Fault`, in one line, where torch-fidelity is not installed, has no such extractor, or cannot have its
    weights.
    """
    if importlib.util.find_spec("torch_fidelity") is None:
        raise Fault(f"{space}: torch-fidelity is not installed: {with_extra('fidelity')}")
    from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY
    from torch_fidelity.utils import create_feature_extractor

    name = space.removeprefix(PREFIX)
    if name not in FEATURE_EXTRACTORS_REGISTRY:
        known = ", ".join(sorted(FEATURE_EXTRACTORS_REGISTRY))
        raise Fault(f"{space}: torch-fidelity has no such extractor; it has {known}")
    try:
        features = FEATURE_EXTRACTORS_REGISTRY[name].get_default_feature_layer_for_metric("fid")
        with redirect_stdout(StringIO()), torch.random.fork_rng(devices=[]):
            extractor = create_feature_extractor(name, [features], cuda=False, verbose=False)
            net = FidelityNet(extractor, data.shape)
    except Exception as error:  # of whatever fetches the weights, and of whoever wrote the extractor
        where = "its weights are fetched over the network, or lie where TORCH_HOME says"
        raise Fault(f"{space}: it could not be set up ({one_line(error) or type(error).__name__}); {where}") from error
    state = extractor.state_dict()
    named = "\n".join((name, version("torch-fidelity"), *state))
    digest = hashlib.sha256((named + fingerprint(*state.values())).encode()).hexdigest()
    return net.to(device).eval().requires_grad_(False), digest
