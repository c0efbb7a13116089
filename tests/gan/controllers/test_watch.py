"""Every four batches and at the end of an epoch, over all processes."""

import pytest
import torch
from typing_extensions import override

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.controllers import Controller, Watch
from aeaug.gan.seen import Seen
from tests.conftest import quiet_trainer


class Kept(Controller):
    """Its signal is the mean logit of real images; its rate the mean of the last four, and how many these were."""

    @override
    def signal(self, seen):
        kept = ~seen.real_logits.isnan()
        return torch.stack([seen.real_logits[kept].sum(), kept.sum().float()])

    @override
    def moved(self, rate, signal, images):
        return signal + images


def seen(value, mean=lambda tensor: tensor):
    logits = torch.full((3,), float(value))
    images, synthetic = torch.zeros(3, 1, 28, 28), torch.zeros(3, dtype=torch.bool)
    return Seen(lambda x: x, images, images, synthetic, logits, logits, lambda purpose: None, mean)


def watching(*values, before=None, images=10, ends=()):
    """The rate after each of ``values``; an epoch ends with those whose place is in ``ends``."""
    watch = Watch()
    rate = watch.add("it", Kept())
    if before is not None:
        watch.load_state_dict(before)
    found = []
    for place, value in enumerate(values):
        watch.observe(seen(value), images, last=place in ends)
        found.append(rate(0))
    return watch, found


def test_it_decides_after_every_fourth_batch_on_the_mean_of_four():
    watch, found = watching(1, 2, 3, 4, 10, 10, 10, 30, 5)
    assert found == [0, 0, 0, 42.5, 42.5, 42.5, 42.5, 55, 55]
    assert watch.rates == {"it": 55}


def test_at_the_end_of_an_epoch_it_decides_on_what_there_is_and_begins_anew():
    values = [1, 2, 3, 4, 10, 20, 7, 7, 7, 7]
    whole, found = watching(*values, ends=[5])
    assert found[:6] == [0, 0, 0, 42.5, 42.5, 35]
    assert found[6:] == [35, 35, 35, 47]
    first, early = watching(*values[:6], ends=[5])
    assert first.state_dict() == {"rates": {"it": 35}}
    _, late = watching(*values[6:], before=first.state_dict())
    assert early + late == found
    assert whole.state_dict() == {"rates": {"it": 47}}


def test_what_it_decided_on_in_an_epoch_is_the_mean_of_its_signals():
    watch, _ = watching(1, 2, 3, 4, 10, 20, ends=[5])
    assert watch.signals == {"it": pytest.approx((2.5 + 15) / 2)}
    watch.begin_epoch()
    assert watch.signals == {"it": None}
    watch.observe(seen(7), 10, last=True)
    assert watch.signals == {"it": 7}
    assert watch.state_dict().keys() == {"rates"}, "between epochs there are no signals to keep"


def test_a_signal_that_there_is_not_moves_nothing_and_one_in_four_does_not_spoil_the_others():
    nan = float("nan")
    assert watching(nan, nan, nan, nan)[1] == [0, 0, 0, 0]
    assert watching(nan, 2, nan, 4)[1][-1] == pytest.approx(43)


def test_what_counts_is_the_mean_over_the_images_of_all_processes():
    """Of two processes, one has three images of 1 and the other none: that is a signal of 1."""
    watch = Watch()
    rate = watch.add("it", Kept())
    for _ in range(4):
        watch.observe(seen(1, mean=lambda tensor: tensor / 2), 20, last=False)
    assert rate(0) == pytest.approx(1 + 80)


def test_who_watches_nothing_keeps_nothing():
    watch = Watch()
    watch.observe(seen(1), 10, last=True)
    assert watch.state_dict() == {}
    assert watch.rates == {}


def test_in_training_every_step_is_seen_and_the_checkpoint_has_its_state(tmp_path):
    module = GANModule(generator_width=8, discriminator_width=8, latent_dim=4)
    rate, asked = module.watch.add("it", Kept()), []
    step = module.training_step
    module.training_step = lambda *given: asked.append(rate(0)) or step(*given)
    trainer = quiet_trainer(max_epochs=1)
    trainer.fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200))
    assert len(set(asked[:4])) == len(set(asked[4:8])) == len(set(asked[8:])) == 1
    assert len(set(asked)) == 3
    assert rate(0) not in asked  # of the last two batches
    trainer.save_checkpoint(tmp_path / "it.ckpt")
    kept = torch.load(tmp_path / "it.ckpt", weights_only=True)["progress"]["controllers"]
    assert kept == {"rates": {"it": rate(0)}}
    again = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)  # from saved scalars alone
    assert again.watch.rates == {}
    again.watch.add("it", Kept())
    assert again.watch.rates == {"it": rate(0)}


def test_what_goes_by_time_is_in_force_beside_what_is_decided():
    watch = Watch()
    watch.time("fading", lambda shown: 1 - shown / 100)
    assert watch.in_force(25) == {"fading": 0.75}
    assert watch.state_dict() == {}, "a function of the images shown is not to be kept"
    watch.load_state_dict({"rates": {"it": 0.5}})
    watch.add("it", None)
    assert watch.in_force(100) == {"fading": 0.0, "it": 0.5}
    with pytest.raises(AssertionError):
        watch.time("fading", lambda shown: 1.0)
