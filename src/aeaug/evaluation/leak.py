r"""Leak: how much of the autoencoder's smoothing the generator learnt instead of the data.

Two measures, both against *reconstructions* of the training subset (codes unperturbed), so that all arms that share an
autoencoder are measured with the same instrument, the arm without injection among them:

- a classifier trained to tell the subset's real images from their reconstructions, applied to the generated ones. A
  GAN's images differ from real ones in many ways, so its share is read beside that of an arm that injects nothing;
- :math:`\mathrm{FD}(G, R) - \mathrm{FD}(G, \text{test})` at equal numbers of images: negative where the generated
  images G are closer to the reconstructions R than to real images. R is of the training subset, so that memorising it
  lowers the difference too: it is read beside that of an arm that injects nothing.

Real images have 256 grey levels and decoded ones have none, which would tell them apart without any smoothing:
everything is rounded to those levels before the classifier sees it.
"""

from typing import TypedDict

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import balanced_order
from aeaug.evaluation import FeatureNet, extract
from aeaug.evaluation.classifier import STEPS, train_classifier
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.randomness import generator

__all__ = ["Leak", "leak"]

LARGEST = 5_000  # training images the classifier sees, and no more for those it is tested on
CHUNK = 2_000


class Leak(TypedDict):
    """Shares, in [0, 1], of images taken for reconstructions: of the generated ones, of real and reconstructed held-out
    ones (which give the ``held_out_accuracy``), and of the images the arm was fed; and Fréchet distances of the
    generated images to the reconstructions and to the test split."""

    held_out_accuracy: float
    share_generated: float
    share_real: float
    share_reconstructed: float
    share_decoded: float | None
    frechet_to_reconstructed: float
    frechet_to_test: float
    frechet_difference: float


def leak(
    generated: Tensor,
    decoded: Tensor | None,
    autoencoder: AutoencoderModule,
    data: MNISTDataModule,
    net: FeatureNet,
    seed: int,
    classifier_steps: int = STEPS,
) -> Leak:
    """Measure the leak of ``autoencoder`` into ``generated (N, 1, 28, 28)``; ``decoded``: what the arm was fed."""
    train = to_float(data.train_images[_some(len(data.train_images), LARGEST)])
    held_out = to_float(data.splits.val_images[_some(len(data.splits.val_images), LARGEST)])
    reconstructed = _reconstruct(autoencoder, train)
    targets = torch.arange(2).repeat_interleave(len(train))
    classifier = train_classifier(
        torch.cat([_grey_levels(train), _grey_levels(reconstructed)]),
        targets,
        2,
        seed,
        "real against reconstructed",
        classifier_steps,
    )

    def share(images: Tensor) -> float:
        return float((classifier.classes(_grey_levels(images.cpu())) == 1).double().mean())

    share_real, share_reconstructed = share(held_out), share(_reconstruct(autoencoder, held_out))
    n = min(len(train), len(generated))
    features = extract(generated[:n], net).features
    to_reconstructed = frechet_distance(extract(reconstructed[:n], net).features, features)
    # Drawn as the training subset is: class-balanced, where it is only a part.
    fresh = balanced_order(data.splits.test_labels, seed=0)[:n]
    to_test = frechet_distance(extract(to_float(data.splits.test_images[fresh]), net).features, features)
    return Leak(
        held_out_accuracy=(1 - share_real + share_reconstructed) / 2,
        share_generated=share(generated),
        share_real=share_real,
        share_reconstructed=share_reconstructed,
        share_decoded=None if decoded is None else share(decoded),
        frechet_to_reconstructed=to_reconstructed,
        frechet_to_test=to_test,
        frechet_difference=to_reconstructed - to_test,
    )


def _some(n: int, most: int) -> Tensor:
    """All of n indices in their order, or ``most`` of them at random: neighbours in MNIST are by the same writer."""
    return torch.arange(n) if n <= most else torch.randperm(n, generator=generator(0, "leak's images"))[:most]


@torch.no_grad()
def _reconstruct(autoencoder: AutoencoderModule, images: Tensor) -> Tensor:
    return torch.cat([autoencoder(part.to(autoencoder.device)).cpu() for part in images.split(CHUNK)])


def _grey_levels(images: Tensor) -> Tensor:
    """``images`` in [-1, 1], rounded to the 256 levels of real ones."""
    return images.add(1).mul(255 / 2).round().mul(2 / 255).sub(1)
