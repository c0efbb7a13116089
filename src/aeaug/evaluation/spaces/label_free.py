r"""The training of a net without labels: VICReg (Bardes, Ponce & LeCun 2022, arXiv:2105.04906).

Two random views of each of n images pass the net and an expander, which is thrown away afterwards, and become Z and Z',
``(n, D)``. Views of one image shall agree (invariance), no dimension shall collapse (variance), no two shall tell the
same (covariance):

.. math::
    L = \frac{25}{nD} \|Z - Z'\|_F^2 + \sum_{Y \in \{Z, Z'\}} \Bigl(
        \frac{25}{2D} \sum_d \max\bigl(0, 1 - \sqrt{C(Y)_{dd} + 10^{-4}}\bigr)
        + \frac1D \sum_{d \neq e} C(Y)_{de}^2 \Bigr)

with C the unbiased covariance. The pinned nets ``self_supervised`` were trained so, by
``scripts/train_self_supervised_net.py``, and the space ``label_free`` is, on a user's own images.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, grid_sample, interpolate, mse_loss

from aeaug.data.images import shape_of, to_float
from aeaug.evaluation.features import FeatureNet, extract
from aeaug.evaluation.spaces.fitting import fit
from aeaug.randomness import seeded_init

__all__ = ["standardise", "train", "vicreg", "view"]

EXPANDED = 256  # D, and the width of the expander's hidden layer

# A view is the same digit by another hand, or another piece of such clothing. Blur, noise and contrast are left
# alone: a metric has to see them.
UNWARPED = 0.3  # share of views that are whole-pixel shifts alone: warped pixels are interpolated, so a little blurred
SHIFT = 2  # along each axis, at most, in pixels of MNIST's, of which 28 are a side
ROTATION = math.radians(15)
STRETCH = 0.15  # of each axis, natural logarithm of the factor
SHEAR = 0.2
ELASTIC = 1.0  # such pixels, standard deviation of the displacements at the nodes
NODES = 5  # of the elastic displacement, along each axis
ERASED = 0.5  # share of views of which a rectangle is erased
SIDES = (6, 10)  # of it, such pixels
SIDE = 28  # of the images that the lengths above are of


def view(images: Tensor, draw: torch.Generator) -> Tensor:
    """A random view of each of ``images: (B, C, H, W)`` in [-1, 1], of the same shape and range."""
    n, _, height, width = images.shape

    def scaled(length: int) -> int:
        return max(1, round(length * width / SIDE))

    def uniform(largest: float, *shape: int) -> Tensor:
        return (2 * torch.rand(n, *shape, generator=draw) - 1) * largest

    def pixels(values: Tensor) -> Tensor:  # in the coordinates of a grid, which reach from -1 to 1
        return values * 2 / width

    warped = (torch.rand(n, generator=draw) >= UNWARPED).float()
    angle, shear = uniform(ROTATION) * warped, uniform(SHEAR) * warped
    stretch = (uniform(STRETCH, 2) * warped[:, None]).exp()
    rotation = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).view(n, 2, 2)
    form = torch.stack([stretch[:, 0], shear, torch.zeros(n), stretch[:, 1]], 1).view(n, 2, 2)
    offset = pixels(torch.randint(-scaled(SHIFT), scaled(SHIFT) + 1, (n, 2, 1), generator=draw))
    grid = affine_grid(torch.cat([rotation @ form, offset], 2), list(images.shape), align_corners=False)
    nodes = (
        pixels(torch.randn(n, 2, NODES, NODES, generator=draw) * (ELASTIC * width / SIDE)) * warped[:, None, None, None]
    )
    elastic = interpolate(nodes, size=(height, width), mode="bicubic", align_corners=True)
    ink = grid_sample(images + 1, grid + elastic.permute(0, 2, 3, 1), align_corners=False)  # no ink outside

    shortest, longest = map(scaled, SIDES)
    sides = torch.randint(shortest, longest + 1, (n, 2, 1), generator=draw)
    starts = (torch.rand(n, 2, 1, generator=draw) * (height + 1 - sides)).long()
    inside = (torch.arange(height) >= starts) & (torch.arange(height) < starts + sides)
    erased = torch.rand(n, 1, 1, generator=draw) < ERASED
    return ink.masked_fill((inside[:, 0, :, None] & inside[:, 1, None, :] & erased)[:, None], 0) - 1


def vicreg(first: Tensor, second: Tensor) -> Tensor:
    """The loss above, of Z and Z' ``(n, D)``: a scalar; n >= 2."""
    loss = 25 * mse_loss(first, second)
    for expanded in (first, second):
        covariance = expanded.T.cov()
        variance = covariance.diagonal()
        loss = loss + 25 / 2 * (1 - (variance + 1e-4).sqrt()).relu().mean()
        loss = loss + (covariance.square().sum() - variance.square().sum()) / len(covariance)
    return loss


def train(images: Tensor, *, epochs: int, batch_size: int, lr: float, seed: int, progress: bool = True) -> FeatureNet:
    """A net without classes trained on ``images: (N, H, W)``, or in colour ``(N, C, H, W)``, uint8, by AdamW with a
    one-cycle schedule, in batches of at least 2. ``progress``: show a bar."""
    with seeded_init(seed, "self-supervised net weights"):
        net = FeatureNet(shape_of(images), num_classes=0)
        expander = nn.Sequential(
            nn.ReLU(),
            nn.Linear(net.num_features, EXPANDED),
            nn.BatchNorm1d(EXPANDED),
            nn.ReLU(),
            nn.Linear(EXPANDED, EXPANDED),
        )

    def loss_of(batch: Tensor, draw: torch.Generator) -> Tensor:
        originals = to_float(images[batch])
        features, _ = net(torch.cat([view(originals, draw), view(originals, draw)]))
        return vicreg(*expander(features).chunk(2))

    how: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "lr": lr, "weight_decay": 1e-4, "seed": seed}
    both = [*net.parameters(), *expander.parameters()]
    fit(both, len(images), loss_of, **how, net="self-supervised net", draws="views", progress=progress)
    standardise(net.eval(), to_float(images))
    return net


@torch.no_grad()
def standardise(net: FeatureNet, images: Tensor) -> None:
    """Give the features of ``images`` mean 0 and, on average over features, variance 1, by the net's last layer.

    The expander leaves their scale open, and with it the unit of the Fréchet distance.
    """
    features = extract(images, net).features
    scale = features.var(0).mean().sqrt()
    last = net.body[-1]
    assert isinstance(last, nn.Linear)
    last.weight.div_(scale)
    last.bias.sub_(features.mean(0)).div_(scale)
