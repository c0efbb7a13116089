"""The grid's axes and ends, by a decoder that shows the code it is given."""

import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aeaug.artifacts import ArtifactStore
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.manifold import SIDE, manifold, manifold_codes
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.data import to_float
from aeaug.run.pipeline import Run
from tests.conftest import options

MORE = ["autoencoder.latent_dim=2", "evaluation.test=false"]


def codes(n=100_001):
    """Evenly from 0 to 1, and from -3 to 1 the other way round, in any order."""
    even = torch.linspace(0, 1, n)
    return torch.stack([even, 1 - 4 * even], 1)[torch.randperm(n, generator=torch.Generator().manual_seed(0))]


def test_the_first_number_grows_to_the_right_and_the_second_upwards():
    rows = manifold_codes(codes(), 5).view(5, 5, 2)
    across = torch.tensor([0.01, 0.255, 0.5, 0.745, 0.99])
    torch.testing.assert_close(rows[..., 0], across.expand(5, 5), rtol=0, atol=1e-4)
    torch.testing.assert_close(rows[..., 1], (4 * across - 3).flip(0)[:, None].expand(5, 5), rtol=0, atol=1e-4)


def test_as_many_training_codes_lie_between_any_two_columns():
    z = codes(10_000) ** 3  # crowded around 0
    edges = manifold_codes(z, 8)[:8, 0]
    counts = torch.histogram(z[:, 0], edges).hist
    torch.testing.assert_close(counts, torch.full((7,), 1_400.0), rtol=0, atol=2)


class Shown(AutoencoderModule):
    """Codes are the first two intensities, and a code's image has the first at its left half, the second at its
    right."""

    def encode(self, images):
        return (images.flatten(1)[:, :2] + 1) / 2

    def decode(self, z):
        halves = torch.repeat_interleave(z, 14, 1)
        return halves[:, None, None, :].expand(-1, 1, 28, 28) * 2 - 1


def test_the_picture_has_each_codes_image_in_its_place():
    images = torch.full((101, 1, 28, 28), -1.0)
    images[:, 0, 0, 0] = torch.linspace(-1, 1, 101)
    images[:, 0, 0, 1] = torch.linspace(1, -1, 101) / 2
    picture = manifold(Shown("mlp", 2), images)
    size = 29 * SIDE + 1  # lines of a pixel around every image
    assert picture.shape == (1, size, size)
    cells = picture[0, 1:, 1:].reshape(SIDE, 29, SIDE, 29)[:, :28, :, :28]
    first, second = cells[..., :14], cells[..., 14:]
    ends = torch.linspace(0.01, 0.99, SIDE)
    torch.testing.assert_close(first, ends.view(1, 1, SIDE, 1).expand_as(first), rtol=0, atol=1e-5)
    upwards = (0.25 + ends / 2).flip(0)
    torch.testing.assert_close(second, upwards.view(SIDE, 1, 1, 1).expand_as(second), rtol=0, atol=1e-5)


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("encoder", [["autoencoder=mlp"], ["autoencoder=pca"]], ids="".join)
def test_it_is_logged_once_by_the_autoencoder_and_lies_among_the_runs_samples(encoder, tmp_path):
    experiment = Run(options(tmp_path, *encoder, *MORE, "arm=append_gaussian", "variant=x"))
    experiment.run()
    expected = manifold(experiment.artifact.module, to_float(experiment.data.train_images))
    with Image.open(experiment.folder.samples / "manifold.png") as picture:
        assert picture.size == expected.shape[:0:-1]
    folder = tmp_path / "artifacts" / "autoencoder" / experiment.artifact.key / "tensorboard"
    (event,) = EventAccumulator(str(folder)).Reload().Images("samples/manifold")
    assert (event.width, event.height) == expected.shape[:0:-1]


def test_codes_of_another_size_have_none(tmp_path, embedded):
    chosen = options(tmp_path, "autoencoder=pca").autoencoder
    artifact = trained_autoencoder(ArtifactStore(tmp_path), chosen, embedded, progress=False)
    folder = tmp_path / "autoencoder" / artifact.key / "tensorboard"
    assert "samples/manifold" not in EventAccumulator(str(folder)).Reload().Tags()["images"]
