import pytest

from aeaug.augmentation.schedules.r_v import ByHeldOut
from aeaug.gan import GANModule
from aeaug.gan.controllers import HeldOut


def test_the_share_is_what_the_controller_of_that_name_decides():
    module = GANModule(generator_width=8, discriminator_width=8)
    share = ByHeldOut(name="r_v", target=0.4, images=1_000, hold_out=0.1).of(module)
    assert share(0) == 0
    module.watch.load_state_dict({"rates": {"augmentation": 0.3}})
    assert share(10**6) == pytest.approx(0.3)
    assert module.watch._controllers == {"augmentation": HeldOut(target=0.4, images=1_000)}
    assert module.watch.judges
