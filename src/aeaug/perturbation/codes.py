"""The clean latent codes of the training subset, computed once, and what perturbations need to know of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.one_thread import one_thread
from aeaug.training.progress import progress_bar

__all__ = ["Encoded", "LatentCodes", "Mixture", "Score"]

Score = Callable[[Tensor], Tensor]
"""``(M, D) -> (M,)``: what the discriminator says of the images of codes, each of its own alone."""


CHUNK = 1024  # codes whose distances are held at once
ROUNDING = 1e-6  # of the largest standard deviation: a smaller one is none
SAME = 1e-4  # of the codes' spread: more than rounding makes of one code


class Encoded(NamedTuple):
    """Codes to be perturbed, ``z: (M, D)``; ``own: (M,)``: of training images, which; ``deviation: (M, D)``: of a
    variational autoencoder's codes, the standard deviations."""

    z: Tensor
    own: Tensor | None = None
    deviation: Tensor | None = None


class Mixture(NamedTuple):
    """K Gaussians: ``weights: (K,)``, ``means: (K, D)`` and ``roots: (K, D, D)``, lower triangles L with L Lᵀ their
    covariances."""

    weights: Tensor
    means: Tensor
    roots: Tensor


@dataclass
class LatentCodes:
    """``z: (N, D)``, the codes of the N training images; ``deviation: (N, D)``, where the autoencoder is variational,
    their standard deviations; ``labels: (N,)``, the images' classes, where they are known; ``score``: of any codes, for
    who asks for it. What takes one of these and finds it lacking raises ``ValueError``. ``mean`` and ``sigma: (D,)``,
    mean and standard deviation of the codes per dimension, 0 where nothing but rounding tells them apart, as in a
    principal component beyond the N - 1 that N images have."""

    z: Tensor
    deviation: Tensor | None = None
    labels: Tensor | None = None
    score: Score | None = field(default=None, repr=False)
    mean: Tensor = field(init=False)
    sigma: Tensor = field(init=False)
    _neighbours: dict[tuple[int, bool], Tensor] = field(init=False, default_factory=dict, repr=False)
    _mixtures: dict[int, Mixture] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        assert self.z.ndim == 2
        self.mean = self.z.mean(0)
        sigma = self.z.std(0, correction=0)
        self.sigma = torch.where(sigma > ROUNDING * sigma.max(), sigma, 0.0)

    def of(self, index: Tensor) -> Encoded:
        """The codes of the training images ``index: (M,)``."""
        return Encoded(self.z[index], index, None if self.deviation is None else self.deviation[index])

    def neighbours(self, k: int, *, same_class: bool = False) -> Tensor:
        """Return ``(N, k)`` int64: for every code its ``k`` nearest others (Euclidean), or those of its own class,
        nearest first; cached.

        Raises ``ValueError`` unless 1 ≤ k < N, or the smallest class's number.
        """
        n = int(self._labels.unique(return_counts=True)[1].min()) if same_class else len(self.z)
        if not 1 <= k < n:
            of = f"of {n} images in the smallest class" if same_class else f"data.n_train={n}"
            raise ValueError(f"perturbation.neighbours={k}: must be between 1 and {n - 1} ({of})")
        if (k, same_class) not in self._neighbours:
            # All of MNIST takes a quarter of a minute; a few hundred codes show no bar.
            rows = torch.arange(len(self.z)).split(CHUNK)
            chunks = progress_bar(rows, "nearest neighbours", delay=2, leave=False, unit="chunk")
            found = [self._nearest(rows, k, same_class) for rows in chunks]
            self._neighbours[k, same_class] = torch.cat(found)
        return self._neighbours[k, same_class]

    def near(self, of: Encoded, k: int, generator: torch.Generator, *, same_class: bool = False) -> Tensor:
        """Return ``(M, D)``: for every code ``of`` images one of its ``k`` nearest training codes, drawn uniformly; of
        training images' own, one of their nearest others, or of those of the same class.

        Raises ``ValueError`` unless 1 ≤ k < N, or the smallest class's number; of other codes unless 1 ≤ k ≤ N, and
        with ``same_class``: nobody knows their class."""
        z = of.z
        if of.own is None and same_class:
            raise ValueError("perturbation.within=class: nobody knows the class of other images")
        if of.own is not None:
            nearest = self.neighbours(k, same_class=same_class)[of.own]
        else:
            nearest = self._nearest_to(z.detach(), k)
        choice = torch.randint(k, (len(z), 1), generator=generator, device=z.device)
        return self.z[nearest.gather(1, choice).squeeze(1)]

    def other(self, count: int, generator: torch.Generator, own: Tensor | None = None) -> Tensor:
        """Return ``(M, D)``: ``count`` codes drawn uniformly; another for each of ``own: (M,)``. N ≥ 2."""
        n = len(self.z) - (own is not None)
        drawn = torch.randint(n, (count,), generator=generator, device=self.z.device)
        return self.z[drawn if own is None else drawn + (drawn >= own)]

    def two_of_class(self, own: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return two distinct codes ``(M, D)`` of the class of each of the training images ``own: (M,)``, drawn
        uniformly; a class has at least two."""
        order, counts = self._labels.argsort(stable=True), self._labels.bincount()
        label = self._labels[own]
        begin, number = (counts.cumsum(0) - counts)[label], counts[label]
        u, v = torch.rand(2, len(own), generator=generator, device=self.z.device, dtype=torch.float64)
        first, second = (u * number).long(), (v * (number - 1)).long()
        second = second + (second >= first)
        return self.z[order[begin + first]], self.z[order[begin + second]]

    @property
    def _labels(self) -> Tensor:
        if self.labels is None:
            raise ValueError("perturbation.within=class: it needs labels, and there are none")
        return self.labels

    def mixture(self, components: int) -> Mixture:
        """Return the mixture of so many Gaussians that scikit-learn's EM fits to the codes, always the same; cached.

        Raises ``ValueError`` unless 1 ≤ components ≤ N.
        """
        n = len(self.z)
        if not 1 <= components <= n:
            raise ValueError(f"perturbation.components={components}: must be between 1 and {n} (data.n_train={n})")
        if components not in self._mixtures:
            from sklearn.mixture import GaussianMixture  # takes a second to import, and most runs have no use for it

            with one_thread():
                fitted = GaussianMixture(components, random_state=0).fit(self.z.detach().cpu().double().numpy())
            roots = torch.linalg.cholesky(torch.from_numpy(fitted.covariances_))
            parts = torch.from_numpy(fitted.weights_), torch.from_numpy(fitted.means_), roots
            self._mixtures[components] = Mixture(*(part.to(self.z) for part in parts))
        return self._mixtures[components]

    def _nearest_to(self, z: Tensor, k: int) -> Tensor:
        if not 1 <= k <= len(self.z):
            raise ValueError(f"perturbation.neighbours={k}: must be between 1 and {len(self.z)}")
        return torch.cat([self._nearest_of(part, k) for part in z.split(CHUNK)])

    def _nearest_of(self, z: Tensor, k: int) -> Tensor:
        distances = torch.cdist(z, self.z, compute_mode="donot_use_mm_for_euclid_dist")
        # The code of a training image, encoded again, is no neighbour of its own.
        distances[distances <= SAME * self.sigma.norm()] = torch.inf
        return distances.topk(k, dim=1, largest=False).indices

    def _nearest(self, rows: Tensor, k: int, same_class: bool) -> Tensor:
        rows = rows.to(self.z.device)
        distances = torch.cdist(self.z[rows], self.z)
        if same_class:
            distances[self._labels[rows, None] != self._labels] = torch.inf
        distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf  # not its own neighbour
        return distances.topk(k, dim=1, largest=False).indices
