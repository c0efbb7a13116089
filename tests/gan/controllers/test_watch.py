"""Every four batches, over all processes; a checkpoint in between loses nothing."""

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
        return seen.real_logits.mean()

    @override
    def moved(self, rate, signal, images):
        return signal + images


def seen(value, mean=lambda tensor: tensor):
    logits = torch.full((3,), float(value))
    images, synthetic = torch.zeros(3, 1, 28, 28), torch.zeros(3, dtype=torch.bool)
    return Seen(lambda x: x, images, images, synthetic, logits, logits, lambda purpose: None, mean)


def watching(*values, before=None, images=10):
    watch = Watch()
    rate = watch.add("it", Kept())
    if before is not None:
        watch.load_state_dict(before)
    found = []
    for value in values:
        watch.observe(seen(value), images)
        found.append(rate(0))
    return watch, found


def test_it_decides_after_every_fourth_batch_on_the_mean_of_four():
    watch, found = watching(1, 2, 3, 4, 10, 10, 10, 30, 5)
    assert found == [0, 0, 0, 42.5, 42.5, 42.5, 42.5, 55, 55]
    assert watch.rates == {"it": 55}


@pytest.mark.parametrize("at", range(1, 9))
def test_a_checkpoint_between_decisions_loses_nothing(at):
    values = [1, 2, 3, 4, 10, 10, 10, 30, 5]
    whole, found = watching(*values)
    first, early = watching(*values[:at])
    state = first.state_dict()
    assert all(
        isinstance(one, torch.Tensor | float | int)
        for part in (state["rates"], state["signals"])
        for one in part.values()
    )
    second, late = watching(*values[at:], before=state)
    assert early + late == found
    assert second.rates == whole.rates
    assert watching(before=second.state_dict())[0].state_dict().keys() == whole.state_dict().keys()


def test_a_signal_that_there_is_not_moves_nothing_and_one_in_four_does_not_spoil_the_others():
    nan = float("nan")
    assert watching(nan, nan, nan, nan)[1] == [0, 0, 0, 0]
    assert watching(nan, 2, nan, 4)[1][-1] == pytest.approx(43)


def test_processes_decide_alike():
    watch = Watch()
    rate = watch.add("it", Kept())
    for value in (1, 2, 3, 4):
        watch.observe(seen(value, mean=lambda tensor: tensor + 0.5), 20)  # the others' mean
    assert rate(0) == pytest.approx(3 + 80)


def test_who_watches_nothing_keeps_nothing():
    watch = Watch()
    watch.observe(seen(1), 10)
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
    trainer.save_checkpoint(tmp_path / "it.ckpt")
    kept = torch.load(tmp_path / "it.ckpt", weights_only=True)["progress"]["controllers"]
    assert kept["rates"] == {"it": rate(0)}
    assert len(kept["signals"]["it"]) == 2  # of ten steps
    assert kept["images"] == 40
    again = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)  # from saved scalars alone
    assert again.watch.rates == {}
    again.watch.add("it", Kept())
    assert again.watch.rates == {"it": rate(0)}
