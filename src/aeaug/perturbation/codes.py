"""The clean latent codes of the training subset, computed once, and what perturbations need to know of them."""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.training.progress import progress_bar

__all__ = ["LatentCodes", "Mixture"]


SAME = 1e-4  # of the codes' spread: more than rounding makes of one code


class Mixture(NamedTuple):
    """K Gaussians: ``weights: (K,)``, ``means: (K, D)`` and ``roots: (K, D, D)``, lower triangles L with L Lᵀ their
    covariances."""

    weights: Tensor
    means: Tensor
    roots: Tensor


@dataclass
class LatentCodes:
    """``z: (N, D)``, the codes of the N training images; ``mean`` and ``sigma: (D,)``, their mean and standard
    deviation per dimension."""

    z: Tensor
    mean: Tensor = field(init=False)
    sigma: Tensor = field(init=False)
    _neighbours: dict[int, Tensor] = field(init=False, default_factory=dict, repr=False)
    _mixtures: dict[int, Mixture] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        assert self.z.ndim == 2
        self.mean = self.z.mean(0)
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

    def near(self, z: Tensor, k: int, generator: torch.Generator, own: Tensor | None = None) -> Tensor:
        """Return ``(M, D)``: for every row of ``z: (M, D)`` one of its ``k`` nearest codes, drawn uniformly; of codes
        themselves, ``own: (M,)`` where it is known which, one of their nearest others."""
        nearest = self.neighbours(k)[own] if own is not None else self._nearest_to(z.detach(), k)
        choice = torch.randint(k, (len(z), 1), generator=generator, device=z.device)
        return self.z[nearest.gather(1, choice).squeeze(1)]

    def other(self, count: int, generator: torch.Generator, own: Tensor | None = None) -> Tensor:
        """Return ``(M, D)``: ``count`` codes drawn uniformly; another for each of ``own: (M,)``. N ≥ 2."""
        n = len(self.z) - (own is not None)
        drawn = torch.randint(n, (count,), generator=generator, device=self.z.device)
        return self.z[drawn if own is None else drawn + (drawn >= own)]

    def mixture(self, components: int) -> Mixture:
        """Return the mixture of so many Gaussians that scikit-learn's EM fits to the codes, always the same; cached.

        Raises ``ValueError`` unless 1 ≤ components ≤ N.
        """
        n = len(self.z)
        if not 1 <= components <= n:
            raise ValueError(f"perturbation.components={components}: must be between 1 and {n} (data.n_train={n})")
        if components not in self._mixtures:
            from sklearn.mixture import GaussianMixture  # takes a second to import, and most runs have no use for it

            fitted = GaussianMixture(components, random_state=0).fit(self.z.detach().cpu().double().numpy())
            roots = torch.linalg.cholesky(torch.from_numpy(fitted.covariances_))
            parts = torch.from_numpy(fitted.weights_), torch.from_numpy(fitted.means_), roots
            self._mixtures[components] = Mixture(*(part.to(self.z) for part in parts))
        return self._mixtures[components]

    def _nearest_to(self, z: Tensor, k: int) -> Tensor:
        if not 1 <= k <= len(self.z):
            raise ValueError(f"perturbation.neighbours={k}: must be between 1 and {len(self.z)}")
        distances = torch.cdist(z, self.z, compute_mode="donot_use_mm_for_euclid_dist")
        # The code of a training image, encoded again, is no neighbour of its own.
        distances[distances <= SAME * self.sigma.norm()] = torch.inf
        return distances.topk(k, dim=1, largest=False).indices

    def _nearest(self, rows: Tensor, k: int) -> Tensor:
        rows = rows.to(self.z.device)
        distances = torch.cdist(self.z[rows], self.z)
        distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf  # not its own neighbour
        return distances.topk(k, dim=1, largest=False).indices
