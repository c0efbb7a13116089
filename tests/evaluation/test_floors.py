import pytest
import torch

from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.floors import floors, real_sample


def subset(n_train, name="mnist_5k", root="data"):
    data = MNISTDataModule(name, root, n_train=n_train)
    data.setup()
    return data


def training_images_in(data, indices):
    return torch.isin(data.splits.unseen_pool_positions[indices], data.subset_positions)


@pytest.mark.parametrize("n_train", [100, 500, 2_500])
def test_another_real_sample_holds_no_training_image_where_others_suffice(n_train):
    data = subset(n_train)
    indices = real_sample(data, 1_000)
    assert len(indices.unique()) == 1_000
    assert not training_images_in(data, indices).any()
    # Not by index alone: the pixels.
    trained_on = {image.numpy().tobytes() for image in data.train_images}
    assert not any(image.numpy().tobytes() in trained_on for image in data.splits.unseen_images[indices])


def test_training_images_fill_up_where_others_do_not_suffice():
    data = subset(3_000)
    indices = real_sample(data, 1_000)
    assert len(indices.unique()) == 1_000
    assert training_images_in(data, indices).tolist() == [False] * 500 + [True] * 500


def test_another_real_sample_has_random_classes_as_a_perfect_generator_would():
    data = subset(500)
    counts = data.splits.pool_labels[real_sample(data, 1_000)].bincount()
    assert counts.sum() == 1_000
    chi_squared = float(((counts - 100.0) ** 2 / 100).sum())  # 9 degrees of freedom, a third of 3,000 drawn
    assert 0 < chi_squared < 25


def test_more_than_there_are_is_refused():
    with pytest.raises(ValueError, match="4000 real images asked for, mnist_5k has 3500 to give"):
        real_sample(subset(100), 4_000)


def test_floors_are_what_their_names_say():
    data = subset(100)
    sets = floors(data, 250, seed=3, source=None)
    assert list(sets) == ["real", "copy", "pixels"]
    images = {name: make() for name, make in sets.items()}
    assert all(floor.shape == (250, 1, 28, 28) for floor in images.values())
    assert images["copy"][100:200].equal(to_float(data.train_images))
    assert images["copy"][200:].equal(to_float(data.train_images[:50]))
    # The Gaussian keeps the subset's mean image, up to clipping and chance, and is none of its images.
    assert torch.allclose(images["pixels"].mean(0), to_float(data.train_images).mean(0), atol=0.35)
    assert not images["pixels"][:100].equal(images["copy"][:100])
    assert floors(data, 250, seed=3, source=None)["pixels"]().equal(images["pixels"])


def test_decoded_images_come_from_the_source():
    class Source:
        def sample(self, indices, seed):
            return indices.view(-1, 1, 1, 1).expand(-1, 1, 28, 28) + seed

    decoded = floors(subset(100), 250, seed=3, source=Source())["decoded"]()
    assert decoded[:, 0, 0, 0].tolist() == [i % 100 + 3 for i in range(250)]
