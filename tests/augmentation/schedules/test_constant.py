from aeaug.augmentation.schedules import Constant, share_of
from aeaug.gan import GANModule


def test_all_of_the_rate_all_the_time():
    assert share_of(Constant(name="constant"), GANModule(generator_width=8, discriminator_width=8)) is None
