"""What does not depend on an arm is computed once: features of real images, floors, what an autoencoder is worth.

It is kept as artifacts (:mod:`aeaug.artifacts`): the key of one is a hash of the images, feature nets, autoencoder,
seed and options behind it, and of a version of the sources that decide it. What any of these changes is another
artifact, so that none is ever taken for what it is not; of two runs that want the same one, one builds it and the other
waits. Numbers and tensors come back as they were, to the last bit.
"""

import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import Tensor

from aeaug.artifacts import ArtifactStore, recipe_version
from aeaug.data import to_float
from aeaug.data.subset import fingerprint
from aeaug.evaluation.features import Extractor, Features, Space, extract
from aeaug.faults import reading
from aeaug.training.checkpoint import read_archive
from aeaug.writing import archived

__all__ = ["DEFINING", "PACKAGE", "Kept", "Nets", "leading", "sha256_of", "telling_classes"]

Nets = Mapping[Space, tuple[Extractor, str]]
"""The net of every space, the leading one's first, and the SHA-256 of its weights, as :func:`load_feature_nets` returns
them."""

# What decides what is kept, beside what stands in its key itself: a change here computes it anew.
PACKAGE = Path(__file__).parents[1]
_FEATURES = ("evaluation/features.py", "data/images.py")
DEFINING = (
    *_FEATURES,
    "evaluation/autoencoder_quality.py",
    "classifier.py",
    "evaluation/distances.py",
    "evaluation/evaluator.py",
    "evaluation/few_images.py",
    "evaluation/final.py",
    "evaluation/floors.py",
    "evaluation/leak.py",
    *sorted(f"evaluation/metrics/{path.name}" for path in PACKAGE.glob("evaluation/metrics/*.py")),
    "evaluation/pixel_gaussian.py",
    *sorted(f"augmentation/sources/{path.name}" for path in PACKAGE.glob("augmentation/sources/*.py")),
    *sorted(f"augmentation/filters/{path.name}" for path in PACKAGE.glob("augmentation/filters/*.py")),
    "autoencoder/intrinsic_dimension.py",
    "autoencoder/linear_probe.py",
    "autoencoder/module.py",
    "autoencoder/networks.py",
    *sorted(f"autoencoder/objectives/{path.name}" for path in PACKAGE.glob("autoencoder/objectives/*.py")),
    "data/subset.py",
    *sorted(f"gan/networks/{path.name}" for path in PACKAGE.glob("gan/networks/*.py")),
    "gan/regularised.py",
    "gan/snapshot.py",
    *sorted(f"perturbation/{path.name}" for path in PACKAGE.glob("perturbation/*.py")),
    "one_thread.py",
    "randomness.py",
)
_LIBRARIES = {
    name: ".".join(version(name).split(".")[:2]) for name in ("numpy", "scipy", "scikit-learn", "torchmetrics")
}
# Of the code that is running: a file that is edited during a sweep does not count for it.
_OF_FEATURES = recipe_version(*(PACKAGE / name for name in _FEATURES))
_OF_NUMBERS = {**recipe_version(*(PACKAGE / name for name in DEFINING)), **_LIBRARIES}


class Kept:
    """What was computed before, from ``store``; without one, everything is computed when it is asked for."""

    def __init__(self, store: ArtifactStore | None = None) -> None:
        self._store = store

    def features(self, images: Tensor, net: Extractor, sha256: str) -> Features:
        """Features of ``images``, real ones, by ``net`` with weights of this ``sha256``; on the net's device.

        ``images``: ``(N, C, H, W)`` float in [-1, 1], or uint8 as they are stored.
        """

        def compute() -> dict[str, Tensor]:
            found = extract(images if images.is_floating_point() else to_float(images), net)
            return {"features": found.features, "logits": found.logits}

        of = {"images": fingerprint(images), "net": sha256}
        device = next(net.parameters()).device
        found = self._tensors("features", of, _OF_FEATURES, compute)
        return Features(found["features"].to(device), found["logits"].to(device))

    def tensor(self, name: str, compute: Callable[..., Tensor], of: Tensor) -> Tensor:
        """What ``compute(of)`` returns; see :data:`aeaug.evaluation.metric.Keep`."""
        recipe = {"name": name, "of": fingerprint(of)}
        return self._tensors("reference", recipe, _OF_NUMBERS, lambda: {"tensor": compute(of)})["tensor"].to(of.device)

    def tensors(self, kind: str, of: Mapping[str, Any], compute: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """The tensors, by name, that ``compute`` makes of what ``of`` identifies, a dictionary that JSON can hold."""
        return self._tensors(kind, of, _OF_NUMBERS, compute)

    def numbers(self, kind: str, of: Mapping[str, Any], compute: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """What ``compute`` makes of what ``of`` identifies; both dictionaries that JSON can hold."""
        if self._store is None:
            return dict(compute())

        def build(folder: Path) -> None:
            text = json.dumps(compute(), indent=2, allow_nan=False)
            (folder / "numbers.json").write_text(text + "\n")

        folder = self._store.get(kind, {"of": dict(of), "version": _OF_NUMBERS}, build)
        with reading(folder / "numbers.json", _remedy(folder)):
            found = json.loads((folder / "numbers.json").read_text())
            if not isinstance(found, dict):
                raise ValueError("holds no numbers by name")
        return found

    def _tensors(
        self, kind: str, of: Mapping[str, Any], code: Mapping[str, str], compute: Callable[[], dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        if self._store is None:
            return compute()

        def build(folder: Path) -> None:
            found = {name: tensor.detach().cpu().contiguous() for name, tensor in compute().items()}
            (folder / "tensors.pt").write_bytes(archived(found))

        folder = self._store.get(kind, {"of": dict(of), "version": dict(code)}, build)
        found: dict[str, Tensor] = read_archive(folder / "tensors.pt", _remedy(folder))
        return found


def leading(nets: Nets) -> Space:
    """The space in which everything is measured, and what is read over training."""
    return next(iter(nets))


def telling_classes(nets: Nets) -> Space | None:
    """The first space whose net knows classes; None where none does."""
    return next((space for space, (net, _) in nets.items() if net.num_classes), None)


def sha256_of(nets: Nets) -> dict[str, str]:
    """The SHA-256 of the weights behind each space."""
    return {space: sha256 for space, (_, sha256) in nets.items()}


def _remedy(folder: Path) -> str:
    return f"delete the folder {folder}, and it is computed anew"
