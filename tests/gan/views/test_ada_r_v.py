import pytest

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.controllers import HeldOut
from aeaug.gan.views import ViewOptions
from aeaug.gan.views.geometric import AdaptiveView
from tests.conftest import quiet_trainer

FAST = {"target": 0.001, "images": 400, "most": 0.9, "hold_out": 0.2}


def test_p_follows_r_v(tmp_path):
    module = GANModule(generator_width=8, discriminator_width=8, r1_gamma=0, view={"ada_r_v": FAST})
    assert isinstance(module.views[0], AdaptiveView)
    assert module.watch._controllers == {"ada_r_v": HeldOut(target=0.001, images=400, most=0.9)}
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200).holding_out(20)
    module.hold_out(data.train_images, data.held_out_images)
    trainer = quiet_trainer(max_epochs=6)
    trainer.fit(module, data)
    assert 0 < module.watch.rates["ada_r_v"] <= 0.9
    assert module.views[0].rate(0) == module.watch.rates["ada_r_v"]
    trainer.save_checkpoint(tmp_path / "it.ckpt")
    again = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    assert again.watch.rates == module.watch.rates


def test_one_view_follows_one_signal():
    with pytest.raises(ValueError, match=r"gan/view=\[ada,ada_r_v\]: they are one view"):
        ViewOptions.model_validate({"ada": {"target": 0.6, "images": 10, "most": 0.8}, "ada_r_v": FAST})
