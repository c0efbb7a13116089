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


@pytest.mark.parametrize(
    ("rates", "steps"), [({}, [7]), ({"ratio": 1.0}, [7]), ({"ratio": 1.0, "share": lambda images: 0.5}, [4, 3])]
)
def test_blocks_hand_out_the_same_batches(rates, steps):
    given = {"source": constant_source, "shown": None} | rates
    one, blocks = loader(**given), loader(**given, in_blocks=True)
    for index in (0, 1):
        for each in (one, blocks):
            each.set_epoch(index)
        counted, taken, sizes = [], [], []
        for block in blocks:
            sizes.append(block.steps)
            for batch in block:
                taken.append(batch)
                counted.append(blocks.shown)
        assert sizes == steps
        assert len(blocks) == len(steps)
        assert blocks.batches == one.batches == len(one) == sum(steps)
        for batch, theirs, shown in zip(one, taken, counted, strict=True):
            assert one.shown == shown
            assert all(part.equal(other) for part, other in zip(batch, theirs, strict=True))


def test_what_is_left_of_a_block_is_no_next_block():
    with pytest.raises(AssertionError, match="all of a block"):
        list(loader(in_blocks=True))


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


@pytest.mark.parametrize("rates", [{}, {"ratio": 0.7}, {"ratio": 1 / 3}, {"probability": 0.3}])
def test_what_is_shown_is_counted(rates):
    one, images, synthetic = loader(source=constant_source, batch_size=7, **rates), 0, 0
    assert one.shown is None
    for index in range(3):
        one.set_epoch(index)
        for batch in one:
            images, synthetic = images + len(batch.images), synthetic + int(batch.synthetic.sum())
            assert one.shown[:2] == (images, synthetic)
    assert images == 300
    assert bool(synthetic) == bool(rates)


def test_processes_count_the_images_of_all():
    options = {"batch_size": 20, "source": constant_source, "probability": 0.5}
    alone, first, second = loader(**options), *(loader(**options, rank=rank, world_size=2) for rank in range(2))
    for batches in zip(alone, first, second, strict=True):
        assert first.shown == second.shown == alone.shown
        assert len(batches[0].images) == 2 * len(batches[1].images)


def test_counts_go_on_and_are_unknown_where_earlier_epochs_were_not_counted():
    options = {"source": constant_source, "ratio": 1 / 3}
    whole = loader(**options)
    for index in range(3):
        epoch(whole, index)
        if index == 1:
            so_far = whole.shown
    resumed, unknowing = loader(**options, shown=so_far), loader(**options)
    for one in (resumed, unknowing):
        epoch(one, 2)
    assert resumed.shown == whole.shown == (300, whole.shown.synthetic, 300, whole.shown.synthetic)
    assert unknowing.shown is None
    epoch(unknowing, 0)  # from the start again
    assert unknowing.shown.images == 100


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.77])
def test_the_share_replaced_is_binomial(probability):
    one = loader(source=constant_source, probability=probability, images_per_epoch=60_000)
    epoch(one)
    deviation = (60_000 * probability * (1 - probability)) ** 0.5
    assert abs(one.shown.synthetic - 60_000 * probability) < 5 * deviation


def test_time_in_the_source_is_counted():
    one = loader(source=constant_source, ratio=1.0)
    assert one.augmentation_seconds == 0
    epoch(one)
    assert 0 < one.augmentation_seconds < 10


def falling(shown):
    """From all of the rates to none at 240 images."""
    return max(0.0, 1 - shown / 240)


@pytest.mark.parametrize("rates", [{"ratio": 1.0}, {"probability": 0.7}])
def test_rates_are_read_before_every_fourth_batch(rates):
    asked = []
    one = loader(source=constant_source, share=lambda shown: asked.append(shown) or 1.0, batch_size=10, **rates)
    images = torch.cat([epoch(one, index)[0] for index in range(2)])
    assert asked == [0, 40, 80, 100, 140, 180]
    _, synthetic, origin = epoch(loader(source=constant_source, batch_size=10, **rates), 1)
    assert images.shape[0] == 200
    again = loader(source=constant_source, share=lambda shown: 1.0, batch_size=10, **rates)
    epoch(again, 0)
    _, same, of = epoch(again, 1)
    assert same.equal(synthetic)
    assert of.equal(origin)


@pytest.mark.parametrize("rates", [{"ratio": 1.0}, {"probability": 0.7}])
def test_what_fades_out_ends_and_real_images_keep_their_order(rates):
    one = loader(source=constant_source, share=falling, batch_size=10, **rates)
    synthetic, origin = (torch.cat(parts) for parts in zip(*(epoch(one, index)[1:] for index in range(4)), strict=True))
    assert synthetic[:40].float().mean() > 0.3
    assert not synthetic[240:].any()
    assert one.shown.images == 400
    assert one.shown.synthetic == synthetic.sum()
    plain = torch.cat([epoch(loader(batch_size=10), index)[2] for index in range(4)])
    shown = origin if "probability" in rates else origin[~synthetic]
    assert shown.equal(plain[: len(shown)])


def test_an_epoch_of_changing_rates_goes_on_from_the_state_of_the_one_before():
    options = {"source": constant_source, "share": falling, "ratio": 1.0, "batch_size": 10}
    whole = loader(**options)
    epochs = [epoch(whole, index) for index in range(2)]
    first = loader(**options)
    epoch(first, 0)
    resumed = loader(**options, shown=first.shown)
    for mine, undisturbed in zip(epoch(resumed, 1), epochs[1], strict=True):
        assert mine.equal(undisturbed)
    assert resumed.shown == whole.shown
    assert whole.shown.position > 200
    with pytest.raises(ValueError, match=r"^epoch 1: where rates change, an epoch begins where the one before"):
        epoch(loader(**options), 1)


def test_processes_share_the_batches_of_one_where_rates_change():
    options = {"batch_size": 20, "source": constant_source, "ratio": 1.0, "share": falling}
    alone, *ranks = loader(**options), *(loader(**options, rank=rank, world_size=2) for rank in range(2))
    for whole, first, second in zip(alone, *ranks, strict=True):
        assert whole.images.equal(torch.cat([first.images, second.images]))
