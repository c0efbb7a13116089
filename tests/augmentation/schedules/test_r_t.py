import pytest

from aeaug.augmentation.schedules.r_t import ByRealSign
from aeaug.gan import GANModule
from aeaug.gan.controllers import RealSign


def test_the_share_is_what_the_controller_of_that_name_decides():
    module = GANModule(generator_width=8, discriminator_width=8)
    share = ByRealSign(name="r_t", target=0.4, images=1_000).of(module)
    assert share(0) == 0
    assert module.watch.rates == {"augmentation": 0.0}
    module.watch.load_state_dict({"rates": {"augmentation": 0.3}})
    assert share(10**6) == pytest.approx(0.3)
    assert module.watch._controllers == {"augmentation": RealSign(target=0.4, images=1_000)}
