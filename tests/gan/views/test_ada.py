"""That p follows r_t, or is held at its clamp."""

import math

import pytest

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.controllers import RealSign
from aeaug.gan.views.ada import ADA
from aeaug.gan.views.geometric import AdaptiveView
from tests.conftest import quiet_trainer


def test_p_follows_r_t(tmp_path):
    module = GANModule(
        generator_width=8, discriminator_width=8, view={"ada": {"target": 0.0, "images": 400, "most": 0.9}}
    )
    assert isinstance(module.views[0], AdaptiveView)
    assert module.watch.rates == {"ada": 0.0}
    assert module.views[0].rate(0) == 0
    trainer = quiet_trainer(max_epochs=4)
    trainer.fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200))
    assert 0 < module.watch.rates["ada"] <= 1
    assert module.views[0].rate(0) == module.watch.rates["ada"]
    trainer.save_checkpoint(tmp_path / "it.ckpt")
    again = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    assert again.watch.rates == module.watch.rates  # the view is one of its saved scalars
    assert ADA(target=0.6, images=500, most=0.8).controller == RealSign(target=0.6, images=500, most=0.8)
    assert math.isclose(again.views[0].rate(0), module.watch.rates["ada"])


@pytest.mark.parametrize(("group", "name"), [("view", "ada"), ("pseudo", "apa")])
def test_above_a_target_that_is_always_passed_its_probability_is_constant_from_the_fourth_batch_on(group, name):
    module = GANModule(
        generator_width=8, discriminator_width=8, **{group: {name: {"target": -0.999, "images": 1, "most": 0.3}}}
    )
    found, observe = [], module.watch.observe
    module.watch.observe = lambda *given: observe(*given) or found.append(module.watch.rates[name])
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
    quiet_trainer(max_epochs=2).fit(module, data)
    assert found == [0] * 3 + [0.3] * 17
