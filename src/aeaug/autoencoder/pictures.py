"""What an autoencoder looks like in TensorBoard: reconstructions, decodes of random codes, the codes themselves, and
where they have two numbers the manifold."""

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

from aeaug.autoencoder.manifold import manifold
from aeaug.autoencoder.module import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.randomness import generator

__all__ = ["log_pictures"]

PROJECTED = 1000


@torch.no_grad()
def log_pictures(writer: SummaryWriter, autoencoder: AutoencoderModule, data: MNISTDataModule) -> None:
    """Write image grids and, for the projector, up to 1,000 codes of training images with the names of
    their classes.

    Random codes are drawn from independent Gaussians with the mean and spread of each dimension over the training
    subset. Of codes with two numbers there is the manifold too (:mod:`aeaug.autoencoder.manifold`).
    """
    held_out = to_float(data.splits.val_images[:32])
    pairs = torch.stack([held_out, autoencoder(held_out)], dim=1).flatten(0, 1)
    writer.add_image("samples/held-out originals beside reconstructions", _grid(pairs, 8))

    images, labels = to_float(data.train_images), data.train_labels
    z = torch.cat([autoencoder.encode(part) for part in images.split(4096)])
    draw = generator(autoencoder.hparams["seed"], "random codes")
    noise = torch.randn(64, z.shape[1], generator=draw)
    decoded = autoencoder.decode(z.mean(0) + z.std(0, correction=0) * noise)
    writer.add_image("samples/decodes of random codes", _grid(decoded, 8))

    if autoencoder.latent_dim == 2:
        writer.add_image("samples/manifold", manifold(autoencoder, images))

    thumbnails = 1 - (images[:PROJECTED] + 1) / 2  # dark on light, as the projector's page is
    names = data.description.class_names
    classes = [names[label] if names else "image" for label in labels[:PROJECTED].tolist()]
    writer.add_embedding(z[:PROJECTED], classes, thumbnails, tag="codes")


def _grid(images: Tensor, columns: int) -> Tensor:
    grid: Tensor = make_grid((images + 1) / 2, nrow=columns, pad_value=0.5)
    return grid
