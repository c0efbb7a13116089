import pytest
import torch

from aeaug.data import MNISTDataModule, to_float
from aeaug.gan import GANModule
from aeaug.gan.controllers import HeldOut, RealSign, Watch
from aeaug.gan.controllers.r_v import MOST_JUDGED, FollowingHeldOut, gaps
from aeaug.gan.seen import Judged, Seen
from tests.conftest import quiet_trainer
from tests.gan.controllers.test_watch import watching

SMALL = {"generator_width": 8, "discriminator_width": 8, "latent_dim": 4}


def logits(*means, spread=0.1, n=40):
    """Sets of logits with exactly these means."""
    noise = torch.randn(len(means), n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return [mean + spread * (one - one.mean()) for mean, one in zip(means, noise, strict=True)]


def r_v(*sets):
    numerator, denominator = gaps(*sets).tolist()
    return numerator / denominator


@pytest.mark.parametrize(("held_out", "value"), [(2.0, 0.0), (1.0, 0.25), (0.0, 0.5), (-2.0, 1.0), (3.0, -0.25)])
def test_it_says_where_held_out_images_lie_between_training_and_generated_ones(held_out, value):
    sets = logits(2.0, held_out, -2.0)
    assert r_v(*sets) == pytest.approx(value, abs=1e-12)
    assert r_v(*(7 * one - 30 for one in sets)) == pytest.approx(value, abs=1e-9)  # whatever the logits' unit and zero
    assert r_v(sets[0], sets[1][:3] - sets[1][:3].mean() + held_out, sets[2]) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "sets",
    [
        logits(1.0, 0.0, 1.0),  # no gap
        logits(1.0, 0.0, 1.5),  # generated ones are found more real
        logits(1.03, 0.0, 1.0),  # a gap of less than two standard errors
        [torch.ones(5).double(), torch.zeros(5).double(), torch.ones(5).double() - 1e-9],  # of rounding
        logits(float("nan"), 0.0, 1.0),
        logits(1.0, 0.0, -float("inf")),
    ],
)
def test_without_a_scale_there_is_no_signal(sets):
    assert gaps(*sets).tolist() == [0, 0]


def test_its_certainty_is_that_of_training_and_of_generated_images():
    """Of the two means that the gap is between; how held-out logits scatter is no part of it."""
    one, scattered = torch.ones(16).double(), torch.tensor([0.5, -0.5] * 8).double()
    assert gaps(one, 0 * one, 0.9 + scattered).tolist() == [0, 0], "a gap of 0.1, two standard errors of 0.25"
    assert gaps(0.1 + scattered, one, 0 * one).tolist() == [0, 0]
    assert gaps(one, scattered, 0.9 * one).tolist() == pytest.approx([1, 0.1], abs=1e-12)
    assert gaps(one, 0 * one, 0.8 + scattered).tolist() == [0, 0], "of 16 logits with a deviation of 0.5: 1.6 errors"
    assert gaps(one, 0 * one, 0.7 + scattered).tolist() == pytest.approx([1, 0.3], abs=1e-12), "2.4 errors"


def seen(judged):
    images, none = torch.zeros(1, 1, 28, 28), torch.zeros(1)
    return Seen(lambda x: x, images, images, none.bool(), none, none, lambda purpose: None, lambda x: x, 0, judged)


def test_it_is_asked_for_when_the_rate_is_decided_and_a_rate_without_signal_stays():
    answers = iter([logits(2, -1, -2), logits(1, 0, 1), logits(2, 1.5, -2)])
    asked = []

    def judged():
        asked.append(len(found))
        return Judged(*next(answers))

    watch, found = Watch(), []
    rate = watch.add("it", HeldOut(target=0.5, images=400))
    assert watch.judges
    assert not watching(1)[0].judges
    for place in range(10):
        watch.observe(seen(judged), 20, last=place == 9)
        found.append(rate(0))
    assert asked == [3, 7, 9]
    assert found == pytest.approx([0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.1])


def test_beside_another_controller_each_follows_its_own_signal():
    """One asks for held-out images, the other, which is there first, does not."""
    watch = Watch()
    sign = watch.add("sign", RealSign(target=-0.5, images=800))
    held_out = watch.add("held out", HeldOut(target=0.5, images=400))
    assert watch.judges
    for gap in (0.0, 1.0):
        for _ in range(4):
            watch.observe(seen(lambda gap=gap: Judged(*logits(2 * gap, -gap, -2 * gap))), 20, last=False)
    assert watch.rates == {"sign": pytest.approx(0.2), "held out": pytest.approx(0.2)}
    assert (sign(0), held_out(0)) == (watch.rates["sign"], watch.rates["held out"])


def test_of_several_processes_the_sums_are_what_counts():
    assert HeldOut(target=0.5, images=1).signal(seen(lambda: Judged(*logits(2, 0, -2)))).tolist() == pytest.approx(
        [2, 4]
    )


def test_its_probability_is_clamped():
    controller = FollowingHeldOut(target=0.4, images=100, most=0.8, hold_out=0.1).controller
    assert controller.moved(0.7, 0.41, 50) == 0.8
    assert controller.moved(0.7, 0.39, 50) == pytest.approx(0.2)


def fitted(watched, epochs=2, **options):
    module = GANModule(**SMALL, **options)
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200).holding_out(20)
    if watched:
        module.watch.add("it", HeldOut(target=0.5, images=400))
        module.hold_out(data.train_images, data.held_out_images)
    quiet_trainer(max_epochs=epochs).fit(module, data)
    return module, data


def test_looking_moves_nothing_and_is_counted():
    """Nobody follows the rate: all weights are those without a controller, power iteration's vectors among them."""
    (alone, _), (watched, _) = (fitted(watched, spectral_norm=True) for watched in (False, True))
    state = alone.state_dict()
    assert all(one.equal(state[key]) for key, one in watched.state_dict().items())
    decisions = 2 * 3  # of ten batches, after 4, 8 and 10
    assert watched.images_discriminated - alone.images_discriminated == decisions * (80 + 20 + 80)


def test_what_is_judged_is_what_who_looks_at_it_sees():
    module, data = fitted(True, dropout=0.3)
    judged = module._judged()
    assert judged.train.equal(module.judge(to_float(data.train_images)))
    assert judged.held_out.equal(module.judge(to_float(data.held_out_images)))
    assert judged.generated.shape == (80,)
    assert not judged.generated.requires_grad
    assert all(first.equal(second) for first, second in zip(judged, module._judged(), strict=True))
    module.hold_out(data.train_images.repeat(9, 1, 1), data.held_out_images)
    assert len(module._judged().train) == MOST_JUDGED


def test_who_follows_it_says_which_images_are_held_out():
    module = GANModule(**SMALL)
    module.watch.add("it", HeldOut(target=0.5, images=400))
    with pytest.raises(ValueError, match=r"^a controller follows r_v: hold_out"):
        quiet_trainer(max_epochs=1).fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20))
