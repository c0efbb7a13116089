"""The nets behind the feature spaces of a run, or of whatever else is measured."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

from aeaug.artifacts import ArtifactStore
from aeaug.data.description import DataSet
from aeaug.data.splits import Splits
from aeaug.evaluation.features import SPACES, Extractor, Space, load_feature_net
from aeaug.evaluation.kept import Nets
from aeaug.evaluation.spaces import TRAINED
from aeaug.evaluation.spaces.fidelity import fidelity_net
from aeaug.evaluation.spaces.trained import fault_of_images, trained_net
from aeaug.evaluation.spaces.untrained import untrained_net
from aeaug.faults import Fault

__all__ = ["FeatureSpaces"]


class FeatureSpaces:
    """The nets behind the spaces of a run, or of whatever else is measured, on ``device``.

    Those that need no training are there at once, so that one that cannot be had is said before any work. The others
    are looked for in ``store`` when :attr:`nets` is first asked for, and trained where they are not there, with a bar
    where ``progress``; ``in_small``: hardly.

    Args:
        spaces: their names, the leading one first.
        data: what is to be measured.
        splits: its images.
        key: of the option that names the spaces.

    Raises ``ValueError`` in one line, which names ``key``, where there are too few images to train a net on, and
    :class:`aeaug.faults.Fault` for a net that cannot be had.
    """

    def __init__(
        self,
        spaces: Sequence[Space],
        data: DataSet,
        splits: Splits,
        store: ArtifactStore,
        key: str,
        device: torch.device | str = "cpu",
        *,
        in_small: bool = False,
        progress: bool = False,
    ) -> None:
        for space in spaces:
            if space in TRAINED and (fault := fault_of_images(space, data, splits)):
                raise ValueError(f"{key}: {fault}")
        self._spaces, self._data, self._splits, self._store = tuple(spaces), data, splits, store
        self._device, self._in_small, self._progress = device, in_small, progress
        self._ready = {space: _ready(space, data, device, key) for space in spaces if space not in TRAINED}

    @cached_property
    def nets(self) -> Nets:
        """The net of every space, the leading one first, frozen, in evaluation mode, and its hash."""
        options: dict[str, Any] = {"in_small": self._in_small, "progress": self._progress}
        return {
            space: self._ready[space]
            if space in self._ready
            else trained_net(space, self._data, self._splits, self._store, self._device, **options)
            for space in self._spaces
        }


def _ready(space: Space, data: DataSet, device: torch.device | str, key: str) -> tuple[Extractor, str]:
    if space in SPACES:
        return load_feature_net(data, device=device, space=space)
    if space == "random":
        return untrained_net(data, device)
    try:
        return fidelity_net(space, data, device)
    except Fault as fault:
        raise Fault(f"{key}={fault}") from fault
