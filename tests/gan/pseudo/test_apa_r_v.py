import pytest

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.controllers import HeldOut
from aeaug.gan.pseudo import PseudoOptions
from aeaug.gan.pseudo.generated import AdaptivePseudo
from tests.conftest import quiet_trainer

FAST = {"target": 0.001, "images": 400, "most": 0.5, "hold_out": 0.2}


def test_p_follows_r_v_and_images_are_replaced():
    module = GANModule(generator_width=8, discriminator_width=8, r1_gamma=0, pseudo={"apa_r_v": FAST})
    assert isinstance(module.pseudo[0], AdaptivePseudo)
    assert module.watch._controllers == {"apa_r_v": HeldOut(target=0.001, images=400, most=0.5)}
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200).holding_out(20)
    module.hold_out(data.train_images, data.held_out_images)
    quiet_trainer(max_epochs=6).fit(module, data)
    assert 0 < module.watch.rates["apa_r_v"] <= 0.5
    assert 0 < module.images_pseudo < 0.5 * 1200


def test_one_thing_follows_one_signal():
    with pytest.raises(ValueError, match=r"gan/pseudo=\[apa,apa_r_v\]: they do one thing"):
        PseudoOptions.model_validate({"apa": {"target": 0.6, "images": 10, "most": 0.8}, "apa_r_v": FAST})
