"""What is shown of a source that rejects: the first that is accepted, and after so many tries the real image."""

import torch

from aeaug.augmentation.filters.filtered import FilteredSource
from aeaug.augmentation.sources.source import Source
from aeaug.data.loader import MixtureLoader

N = 40
REAL = torch.arange(N, dtype=torch.uint8)[:, None, None].expand(N, 28, 28).contiguous()


class Numbered(Source):
    """Images of one value, drawn from U(0, 1); ``asked`` remembers for whom."""

    def __init__(self):
        self.images, self.asked = REAL, []

    @property
    def identity(self):
        return {"source": "numbered"}

    def __call__(self, indices, generator):
        self.asked.append(indices)
        return torch.rand(len(indices), 1, 1, 1, generator=generator).expand(-1, 1, 28, 28).clone()


def filtered(accepts, tries):
    return FilteredSource(Numbered(), accepts, tries, {"filter": "mine"})


def below(limit):
    return lambda images, indices: images[:, 0, 0, 0] < limit


def everything(images, indices):
    return torch.ones(len(images), dtype=torch.bool)


def nothing(images, indices):
    return torch.zeros(len(images), dtype=torch.bool)


def test_where_everything_is_accepted_it_is_the_source(draw):
    one, indices = filtered(everything, 5), torch.tensor([3, 3, 0, 39])
    made = one.made(indices, draw(1))
    assert made.images.equal(Numbered()(indices, draw(1)))
    assert made.synthetic.all()
    assert made.drawn == 4
    assert len(one.source.asked) == 1


def test_where_nothing_is_accepted_the_real_images_stand(draw):
    one, indices = filtered(nothing, 5), torch.tensor([3, 3, 0, 39])
    made = one.made(indices, draw(1))
    assert made.images.equal(one.real(indices))
    assert not made.synthetic.any()
    assert made.drawn == 20
    assert one.sample(indices, seed=0).equal(one.real(indices))


def test_what_was_rejected_is_drawn_again_for_the_same_image_and_the_first_that_is_accepted_stands(draw):
    tries, indices = 4, torch.arange(N)
    one = filtered(below(0.3), tries)
    made = one.made(indices, draw(2))
    stream, left = draw(2), list(range(N))
    shown, count = {}, 0
    for _ in range(tries):
        values = torch.rand(len(left), 1, 1, 1, generator=stream).flatten().tolist() if left else []
        count += len(left)
        shown |= {i: value for i, value in zip(left, values, strict=True) if value < 0.3}
        left = [i for i in left if i not in shown]
    assert 0 < len(shown) < N
    assert made.drawn == count
    assert made.synthetic.tolist() == [i in shown for i in range(N)]
    expected = [shown.get(i, float(one.real(torch.tensor([i]))[0, 0, 0, 0])) for i in range(N)]
    assert made.images[:, 0, 3, 3].tolist() == expected


def test_no_image_is_asked_for_in_vain(draw):
    one = filtered(everything, 5)
    assert one.made(torch.tensor([], dtype=torch.long), draw()).images.shape == (0, 1, 28, 28)


def test_what_stands_in_is_real_and_what_was_drawn_is_counted():
    one = filtered(below(0.2), 3)
    options = {"batch_size": 10, "images_per_epoch": 100, "seed": 0, "ratio": 1.0}
    loader = MixtureLoader(REAL, source=one.made, **options)
    plain = MixtureLoader(REAL, source=Numbered(), **options)
    for epoch in range(2):
        loader.set_epoch(epoch)
        plain.set_epoch(epoch)
        for batch, usual in zip(loader, plain, strict=True):
            assert batch.origin.equal(usual.origin)
            assert batch.images[~batch.synthetic].equal(one.real(batch.origin[~batch.synthetic]))
            assert (batch.images[batch.synthetic] >= 0).all()  # as no real one is
            assert not (batch.synthetic & ~usual.synthetic).any()
        if epoch == 0:
            first, drawn = loader.shown, sum(len(asked) for asked in one.source.asked)
            assert loader.acceptance == first.synthetic / drawn
            assert first.drawn == drawn
    drawn = sum(len(asked) for asked in one.source.asked)
    assert loader.shown == (200, loader.shown.synthetic, 200, drawn)
    assert 0 < loader.shown.synthetic < plain.shown.synthetic == plain.shown.drawn
    assert loader.acceptance == (loader.shown.synthetic - first.synthetic) / (drawn - first.drawn)
    assert plain.acceptance == 1
    resumed = MixtureLoader(REAL, source=filtered(below(0.2), 3).made, shown=first, **options)
    resumed.set_epoch(1)
    list(resumed)
    assert (resumed.shown, resumed.acceptance) == (loader.shown, loader.acceptance)


def test_processes_share_the_batches_of_one():
    options = {"batch_size": 20, "images_per_epoch": 100, "seed": 0, "probability": 0.7}
    alone, *ranks = (
        list(MixtureLoader(REAL, source=filtered(below(0.2), 2).made, rank=rank, world_size=size, **options))
        for rank, size in ((0, 1), (0, 2), (1, 2))
    )
    for whole, first, second in zip(alone, *ranks, strict=True):
        assert whole.images.equal(torch.cat([first.images, second.images]))
        assert whole.synthetic.equal(torch.cat([first.synthetic, second.synthetic]))
