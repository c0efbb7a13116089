"""What is shown of a trained GAN: images side by side, nearest training images, codes for the projector."""

from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.augmentation.sources import Source
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.description import A_ROW
from aeaug.evaluation import Extractor, extract
from aeaug.evaluation.distances import nearest
from aeaug.gan import GANModule
from aeaug.training.pictures import image_rows

__all__ = ["CodeSets", "code_sets", "comparison", "nearest_training_images"]

NEIGHBOURS = 3
SEARCHED = 10_000  # training images; more would take longer than all the rest
PROJECTED = 50  # codes of each kind


def comparison(module: GANModule, source: Source | None, data: MNISTDataModule, seed: int) -> Tensor:
    """A picture ``(C, H, W)`` in [0, 1]: ten real images, synthetic ones made from them, and generated ones, a row
    each."""
    indices = torch.arange(A_ROW) % len(data.train_images)
    rows = [to_float(data.train_images[indices])]
    if source is not None:
        rows.append(source.sample(indices, seed))
    rows.append(_generated(module, seed, A_ROW))
    return image_rows(rows)


def nearest_training_images(module: GANModule, data: MNISTDataModule, net: Extractor, seed: int) -> Tensor:
    """A picture ``(C, H, W)`` in [0, 1]: ten generated images, and under each its three nearest training images in
    feature space, of the first 10,000 of the subset; nearest first."""
    images = _generated(module, seed, A_ROW)
    training = to_float(data.train_images[:SEARCHED])
    _, found = nearest(extract(images, net).features, extract(training, net).features, NEIGHBOURS)
    return image_rows([images, *(training[column] for column in found.cpu().T)])


class CodeSets(NamedTuple):
    """By kind of image (real, decoded, generated): ``codes (N, D)``, ``classes (N,)``, ``images (N, C, H, W)``."""

    codes: dict[str, Tensor]
    classes: dict[str, Tensor]
    images: dict[str, Tensor]


@torch.no_grad()
def code_sets(
    module: GANModule,
    source: Source | None,
    autoencoder: AutoencoderModule,
    data: MNISTDataModule,
    net: Extractor,
    seed: int,
) -> CodeSets:
    """Up to 50 images of each kind, decoded ones where there is a ``source``, with their codes and classes: of decoded
    and generated images what the feature net takes them for, -1 where it knows no classes."""
    indices = torch.arange(min(PROJECTED, len(data.train_images)))
    images, classes = {"real": to_float(data.train_images[indices])}, {"real": data.train_labels[indices]}
    if source is not None:
        images["decoded"] = source.sample(indices, seed)
    images["generated"] = _generated(module, seed, PROJECTED)
    for kind in [kind for kind in images if kind not in classes]:
        logits = extract(images[kind], net).logits
        classes[kind] = logits.argmax(1).cpu() if net.num_classes else torch.full((len(logits),), -1)
    codes = {kind: autoencoder.encode(one.to(autoencoder.device)).cpu() for kind, one in images.items()}
    return CodeSets(codes, classes, images)


def _generated(module: GANModule, seed: int, n: int) -> Tensor:
    """The first ``n`` of the images that the validation curve's grid shows too."""
    return module.sample(max(n, 64), seed, "validation latents")[:n].cpu()
