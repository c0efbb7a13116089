"""The clean latent codes of the training subset, computed once, and what perturbations need to know of them."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from aeaug.training.progress import progress_bar

__all__ = ["LatentCodes"]


@dataclass
class LatentCodes:
    """``z: (N, D)``, the codes of the N training images; ``sigma: (D,)``, their standard deviation per dimension."""

    z: Tensor
    sigma: Tensor = field(init=False)
    _neighbours: dict[int, Tensor] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        assert self.z.ndim == 2
        self.sigma = self.z.std(0, correction=0)

    def neighbours(self, k: int) -> Tensor:
        """Return ``(N, k)`` int64: for every code its ``k`` nearest others (Euclidean), nearest first; cached.

        Raises ``ValueError`` unless 1 ≤ k < N.
        """
        n = len(self.z)
        if not 1 <= k < n:
            raise ValueError(f"perturbation.neighbours={k}: must be between 1 and {n - 1} (data.n_train={n})")
        if k not in self._neighbours:
            # All of MNIST takes a quarter of a minute; a few hundred codes show no bar.
            chunks = progress_bar(torch.arange(n).split(1024), "nearest neighbours", delay=2, leave=False, unit="chunk")
            self._neighbours[k] = torch.cat([self._nearest(rows, k) for rows in chunks])
        return self._neighbours[k]

    def _nearest(self, rows: Tensor, k: int) -> Tensor:
        rows = rows.to(self.z.device)
        distances = torch.cdist(self.z[rows], self.z)
        distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf  # not its own neighbour
        return distances.topk(k, dim=1, largest=False).indices
