"""consistency: its term, its limits, and that it teaches what it says."""

import pytest
import torch

from aeaug.augmentation.consistency import Consistency
from aeaug.data import to_float
from aeaug.gan import GANModule
from aeaug.gan.seen import Seen

SMALL = {"generator_width": 16, "discriminator_width": 16, "latent_dim": 8, "seed": 3}


def entered(transform, weight=10.0, **options):
    module = GANModule(**SMALL, **options)
    Consistency(name="consistency", weight=weight).enter(module, transform)
    return module


def test_both_kinds_count_and_gradients_reach_both_sides():
    penalty = entered(lambda some, _: 2 * some, weight=0.5).terms.penalties["consistency"]
    real, fake = torch.full((4, 1, 28, 28), 0.1), torch.full((4, 1, 28, 28), -0.2)
    scale = torch.tensor(1.0, requires_grad=True)
    discriminator = lambda images: scale * images[:, 0, 0, 0]  # noqa: E731
    more = discriminator(penalty.more(torch.cat([real, fake]), lambda _: torch.Generator()))
    seen = Seen(discriminator, real, fake, None, discriminator(real), discriminator(fake), None, None)
    value = penalty(seen, more.split(4), {})
    assert value.item() == pytest.approx(0.5 * (0.1**2 + 0.2**2), rel=1e-5)
    value.backward()
    assert scale.grad.item() == pytest.approx(2 * value.item(), rel=1e-5)


def test_the_share_of_the_weight_that_is_in_force_is_that_of_the_images_shown(trained):
    """Of the term's weight 10; where it is 0, nothing is asked of T or of the discriminator."""
    module, asked = GANModule(**SMALL, r1_gamma=0.0), []
    doubled = lambda some, _: asked.append(len(some)) or 2 * some  # noqa: E731
    shared = Consistency(name="consistency", weight=10.0)
    shared.enter(module, doubled, lambda shown: max(0.0, 1 - shown / 100))
    assert [term.weight for shown in (0, 20, 99, 100, 180) for term in module.terms.due(0, shown)] == pytest.approx(
        [1, 0.8, 0.01]
    )
    trained(module)
    assert asked == [40] * 5
    assert module.images_discriminated == 5 * (40 + 40 + 20) + 5 * (40 + 20)


def test_t_comes_before_the_views_that_are_there_and_both_are_seen_through_the_same_draws(trained):
    """Noise of a view, which an autoencoder would take away, is on an image and on what T makes of it."""
    module, given, seen = GANModule(**SMALL, r1_gamma=0.0), [], []
    module.look_through(lambda some, draw, shown: some + torch.rand(some.shape, generator=draw))
    Consistency(name="consistency", weight=10.0).enter(module, lambda some, _: given.append(some) or some * 0 + 0.5)
    module.discriminator.register_forward_pre_hook(lambda _, some: seen.append(some[0].detach()))
    trained(module)
    passes = [some for some in seen if len(some) == 80]
    assert len(passes) == len(given) == 10
    for before, together in zip(given, passes, strict=True):
        own, beside = together.split(40)
        torch.testing.assert_close(own - before, beside - 0.5, rtol=0, atol=1e-5)
        assert (own - before).std() > 0.2


def test_where_t_changes_nothing_training_is_that_of_none(trained):
    same, plain = trained(entered(lambda some, _: some)), trained(GANModule(**SMALL))
    for mine, expected in zip(same.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, expected, rtol=1e-3, atol=1e-5)


def test_images_that_t_makes_are_no_targets_and_are_counted(trained):
    module, asked = entered(lambda some, _: asked.append(some) or -some, r1_gamma=0.0), []
    trained(module)
    assert [len(some) for some in asked] == [40] * 10
    assert not any(some.requires_grad for some in asked)
    assert module.images_discriminated == 10 * (40 + 40 + 20)


def test_the_discriminator_learns_to_overlook_what_t_does(trained, embedded):
    """T flips images left to right: how differently the discriminator sees the two after training."""
    flip = lambda some, _: some.flip(-1)  # noqa: E731
    images = to_float(embedded.splits.val_images[:500])

    def difference(module):
        with torch.no_grad():
            logits, flipped = (module.discriminator(some) for some in (images, images.flip(-1)))
        return float((logits - flipped).square().mean() / logits.var())

    assert difference(trained(entered(flip), 20)) < 0.5 * difference(trained(GANModule(**SMALL), 20))
