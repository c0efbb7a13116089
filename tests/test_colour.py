"""Images in colour: what is done to a grey image is done to each channel, and what is shown is all of them."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from aeaug.augmentation.sources.blur import blurred
from aeaug.augmentation.sources.shift import shifted
from aeaug.autoencoder.networks import NETWORKS as AUTOENCODERS
from aeaug.autoencoder.networks import VARIATIONAL, build_decoder, build_encoder
from aeaug.data.images import to_float
from aeaug.evaluation import corruptions
from aeaug.evaluation.pixel_gaussian import pixel_gaussian
from aeaug.export.block import Block
from aeaug.export.numpy_file import write_npy
from aeaug.export.pixels import to_bytes
from aeaug.export.png import write_grid, write_pngs
from aeaug.gan.networks import NETWORKS, build_discriminator, build_generator
from aeaug.gan.views.diffaugment import DiffAugment
from aeaug.gan.views.geometric import geometric, transforms
from aeaug.training.pictures import grid, image_rows, log_picture, save_picture

SHAPE = (3, 28, 28)


@pytest.fixture
def stored():
    return torch.randint(0, 256, (6, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def images(stored):
    return to_float(stored)


def test_both_forms_say_the_same(stored, images):
    assert images.shape == stored.shape
    assert images.dtype == torch.float32
    assert to_bytes(images).equal(stored)
    for channel in range(3):
        assert images[:, channel : channel + 1].equal(to_float(stored[:, channel]))
        assert to_bytes(images[:, channel : channel + 1]).equal(stored[:, channel])


def cut(images):
    return DiffAugment(translation=0.125, cutout=0.5)(images, torch.Generator().manual_seed(1))


def turned(images):
    return geometric(images, transforms(len(images), 28, 0.8, torch.Generator().manual_seed(1), images.device))


def moved(images):
    return shifted(images, torch.linspace(-3, 3, 2 * len(images)).view(-1, 2))


@pytest.mark.parametrize("change", [cut, turned, moved, lambda x: blurred(x, 1.5), corruptions.blurred])
def test_each_channel_is_changed_as_a_grey_image(change, images):
    changed = change(images)
    assert changed.shape == images.shape
    for channel in range(3):
        torch.testing.assert_close(
            changed[:, channel : channel + 1], change(images[:, channel : channel + 1]), rtol=0, atol=1e-6
        )


@pytest.mark.parametrize("network", NETWORKS)
def test_every_gan_is_of_colours(network, images):
    assert build_discriminator(network, 8, 1, shape=SHAPE)(images).shape == (6,)
    assert build_generator(network, 5, 8, 1, shape=SHAPE)(torch.zeros(2, 5)).shape == (2, *SHAPE)


@pytest.mark.parametrize("network", AUTOENCODERS)
def test_every_autoencoder_is_of_colours(network, images):
    codes = images[0].numel() if network == "identity" else 7
    encoded = build_encoder(network, codes, SHAPE)(images)
    assert encoded.shape == (6, (2 if network in VARIATIONAL else 1) * codes)
    assert build_decoder(network, codes, SHAPE)(torch.zeros(2, codes)).shape == (2, *SHAPE)


def test_the_gaussian_of_pixels_knows_how_channels_go_together():
    grey = torch.rand(50, 1, 6, 6, generator=torch.Generator().manual_seed(0)) - 0.5
    drawn = pixel_gaussian(grey.expand(-1, 3, -1, -1), 20, 0)
    assert drawn.shape == (20, 3, 6, 6)
    torch.testing.assert_close(drawn[:, 0], drawn[:, 2], rtol=0, atol=1e-4)


def test_pictures_show_every_channel(images, tmp_path):
    picture = grid(images, 3)
    assert picture.shape == (3, 2 * 29 + 1, 3 * 29 + 1)
    for channel in range(3):
        assert picture[channel : channel + 1].equal(grid(images[:, channel : channel + 1], 3))
    assert image_rows([images, images]).shape == (3, 2 * 30, 6 * 29 + 1)
    save_picture(tmp_path / "picture.png", picture)
    shown = np.asarray(Image.open(tmp_path / "picture.png"))
    assert shown.shape == (59, 88, 3)
    assert np.abs(shown / 255 - picture.movedim(0, 2).numpy()).max() <= 0.5 / 15 + 1e-6, "of 16 levels the nearest"


def test_tensorboard_is_told_how_many_channels_there_are(images, tmp_path, monkeypatch):
    written = []
    with SummaryWriter(str(tmp_path)) as writer:
        monkeypatch.setattr(writer._get_file_writer(), "add_summary", lambda summary, step: written.append(summary))
        for one in (images, images[:, :1]):
            log_picture(writer, "samples", grid(one, 3), 0)
    shown = [summary.value[0].image for summary in written]
    assert [image.colorspace for image in shown] == [3, 1]
    assert [Image.open(io.BytesIO(image.encoded_image_string)).mode for image in shown] == ["RGB", "L"]


def test_files_hold_every_channel(stored, tmp_path):
    def blocks():
        return [Block(part.numpy()) for part in stored.split(4)]

    write_npy(tmp_path / "images.npy", 6, blocks())
    assert np.array_equal(np.load(tmp_path / "images.npy"), stored.numpy())
    write_pngs(tmp_path / "images", 6, blocks())
    first = np.asarray(Image.open(tmp_path / "images" / "000000.png"))
    assert np.array_equal(first, stored[0].movedim(0, 2).numpy())
    write_grid(tmp_path / "grid.png", 6, blocks())
    whole = np.asarray(Image.open(tmp_path / "grid.png"))
    assert whole.shape == (2 * 29 + 1, 3 * 29 + 1, 3)
    assert np.array_equal(whole[30:58, 1:29], stored[3].movedim(0, 2).numpy())
