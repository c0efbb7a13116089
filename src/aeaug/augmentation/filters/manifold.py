r"""manifold: shown where its code is no farther from the training codes than these are from each other.

x is encoded again, so that what is judged is the image, whoever made it, with all that the decoder has done to it. With

.. math:: d(z, A) = \min_{a \in A} \| (z - a) / \sigma \|,

A the codes of the training subset and σ_d their standard deviation in dimension d, accepted is x with d(Enc(x), A) at
most the r-quantile of d(a, A \ {a}) over A. Distances are in units of σ, as perturbations are: an autoencoder gives its
dimensions any scale. Those in which all training codes are the same are left out.

Of other real images about a share r is accepted; perturbed ones lie nearer. Of what ``gaussian`` makes with γ = 0.5 of
100 and of 500 embedded images by ``autoencoder=mlp``, r = 0.1 accepts 0.68 and 0.38, r = 0.25 0.97 and 0.81, r = 0.5
all and 0.98.
"""

from typing import TYPE_CHECKING, Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.filters.filter import Filtering, Rule
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.gan.snapshot import Snapshot

__all__ = ["Manifold", "least_distances"]

CHUNK = 1024  # codes whose distances to all training codes are held at once


def least_distances(z: Tensor, codes: Tensor, *, same: bool = False) -> Tensor:
    """Return ``(M,)``: the distance (Euclidean) of each of ``z: (M, D)`` to the nearest of ``codes: (N, D)``; ``same``:
    z are the codes, and none is its own neighbour, N ≥ 2.

    Which is the nearest is found by a matrix product, which is several times as fast where N is large, and may
    take another that is as near to 1e-6 of the codes' squared norms; how far that is, is computed from the difference.
    """
    found = []
    for start in range(0, len(z), CHUNK):
        part = z[start : start + CHUNK]
        distances = torch.cdist(part, codes, compute_mode="use_mm_for_euclid_dist")
        if same:
            rows = torch.arange(len(part), device=z.device)
            distances[rows, rows + start] = torch.inf
        found.append(torch.linalg.vector_norm(part - codes[distances.argmin(1)], dim=1))
    return torch.cat(found) if found else z.new_zeros(0)


class Manifold(Filtering):
    """``filter=manifold``. ``quantile``: r, of the training codes' distances to their nearest others."""

    name: Literal["manifold"]
    quantile: Number = Field(ge=0, le=1)

    @override
    def rule(self, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Rule:
        sigma, encode = decoded.codes.sigma, decoded.autoencoder.encode
        varies = sigma > 0
        codes = (decoded.codes.z / sigma)[:, varies]
        most = torch.quantile(least_distances(codes, codes, same=True), self.quantile)

        def accepts(images: Tensor, indices: Tensor) -> Tensor:
            z = torch.cat([encode(part) for part in images.split(CHUNK)])
            return least_distances((z / sigma)[:, varies], codes) <= most

        return accepts
