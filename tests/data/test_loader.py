import pytest
import torch

from aeaug.data.images import to_float
from aeaug.data.loader import MixtureLoader

N = 60
# Image i is filled with i, so a pixel tells where it came from.
IMAGES = torch.arange(N, dtype=torch.uint8)[:, None, None].expand(N, 28, 28).contiguous()


def constant_source(indices, generator):
    """Synthetic images no real one looks like: 1 − origin / 1000, with the generator's mark in one pixel."""
    images = (1 - indices.float() / 1000)[:, None, None, None].repeat(1, 1, 28, 28)
    images[:, 0, 0, 0] = torch.rand(len(indices), generator=generator)
    return images


def loader(**options):
    settings = {"batch_size": 16, "images_per_epoch": 100, "seed": 0} | options
    return MixtureLoader(IMAGES, **settings)


def epoch(one, index=0):
    one.set_epoch(index)
    batches = list(one)
    return [torch.cat(parts) for parts in zip(*batches, strict=True)]


def test_an_epoch_holds_exactly_its_images():
    one = loader()
    sizes = [len(batch.images) for batch in one]
    assert sizes == [16] * 6 + [4]
    assert len(one) == len(sizes)


def test_images_are_float_in_range_and_what_their_origin_says():
    images, synthetic, origin = epoch(loader())
    assert images.dtype == torch.float32
    assert images.shape == (100, 1, 28, 28)
    assert not synthetic.any()
    assert images.equal(to_float(IMAGES)[origin])


def test_to_float_hits_both_ends():
    assert to_float(torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1)).flatten().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("rates", [{"ratio": 1.0}, {"probability": 0.5}])
def test_provenance_of_synthetic_images(rates):
    images, synthetic, origin = epoch(loader(source=constant_source, **rates))
    assert 20 < synthetic.sum() < 80
    assert images[~synthetic].equal(to_float(IMAGES)[origin[~synthetic]])
    assert images[synthetic][:, 0, 1, 1].equal(1 - origin[synthetic].float() / 1000)


def test_synthetic_images_are_made_afresh_each_epoch_and_repeat_with_the_seed():
    one = loader(source=constant_source, ratio=1.0)
    marks = []
    for index in (0, 1, 0):
        images, synthetic, _ = epoch(one, index)
        marks.append(images[synthetic][:, 0, 0, 0])
    assert marks[0].equal(marks[2])
    assert not set(marks[0].tolist()) & set(marks[1].tolist())


def test_epochs_go_on_where_the_last_one_ended():
    one = loader(images_per_epoch=40)
    origins = torch.cat([epoch(one, index)[2] for index in range(3)])
    for one_pass in origins.split(N):
        assert one_pass.sort().values.equal(torch.arange(N))


@pytest.mark.parametrize("rates", [{}, {"ratio": 1.0}])
def test_processes_share_the_batches_of_one(rates):
    options = {"batch_size": 20, "images_per_epoch": 100, "source": constant_source, **rates}
    alone = list(loader(**options))
    ranks = [list(loader(**options, rank=rank, world_size=2)) for rank in range(2)]
    for whole, first, second in zip(alone, *ranks, strict=True):
        assert len(first.images) == len(second.images) == 10
        assert whole.images.equal(torch.cat([first.images, second.images]))


@pytest.mark.parametrize(("batch_size", "per_epoch"), [(101, 100), (0, 100)])
def test_a_batch_must_fit_the_epoch(batch_size, per_epoch):
    with pytest.raises(ValueError, match=rf"budget\.batch_size={batch_size}: .*images_per_epoch={per_epoch}"):
        loader(batch_size=batch_size, images_per_epoch=per_epoch)


def test_a_batch_must_divide_among_processes():
    with pytest.raises(ValueError, match=r"budget\.batch_size=15 .* multiples of the number of processes, 2"):
        loader(batch_size=15, world_size=2)


def test_time_in_the_source_is_counted():
    one = loader(source=constant_source, ratio=1.0)
    assert one.augmentation_seconds == 0
    epoch(one)
    assert 0 < one.augmentation_seconds < 10
