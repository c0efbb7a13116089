import pytest

from aeaug.gan import GANModule
from aeaug.gan.pseudo.apa import APA
from tests.gan.test_module import SMALL, data, equal, trainer, weights

FAST = {"apa": {"target": -0.99, "images": 400, "most": 0.5}}


def fitted(epochs=2, **options):
    module = GANModule(**(SMALL | options))
    trainer(max_epochs=epochs).fit(module, data())
    return module


def test_where_r_t_stays_below_its_target_it_is_as_without():
    """An r_t above 0.999 takes a discriminator that calls each of 80 images real."""
    slow = {"apa": {"target": 0.999999, "images": 10**9, "most": 0.8}}
    with_apa = fitted(pseudo=slow, lr_discriminator=1e-8)
    assert with_apa.images_pseudo == 0
    assert equal(weights(with_apa), weights(fitted(lr_discriminator=1e-8)))


def test_replaced_images_are_counted_and_are_no_real_ones():
    """r_t is above -0.99, so that p rises by 80 / 400 every four batches, to 0.5: of 400 images shown, 80 at p = 0,
    then at 0.2, 0.4 (an epoch of ten batches ends after the third decision), 0.5 and so on."""
    module = fitted(pseudo=FAST)
    assert module.watch.rates == {"apa": 0.5}
    rates = [0.0] * 4 + [0.2] * 4 + [0.4] * 2 + [0.5] * 10
    expected, spread = 20 * sum(rates), (20 * sum(p * (1 - p) for p in rates)) ** 0.5
    assert module.images_pseudo == pytest.approx(expected, abs=5 * spread)
    assert not equal(weights(module), weights(fitted()))


def test_signs_are_of_images_that_are_real():
    seen = []

    class Told(GANModule):
        def _with_pseudo(self, batch):
            found = super()._with_pseudo(batch)
            seen.append((batch, found))
            return found

    module = Told(**SMALL, pseudo=FAST)
    trainer(max_epochs=1).fit(module, data())
    for before, after in seen:
        replaced_ones = (after.images != before.images).flatten(1).any(1)
        assert replaced_ones.equal(after.synthetic)
        assert not before.synthetic.any()
    assert any(after.synthetic.any() for _, after in seen)


def test_its_images_are_those_of_the_generator_at_that_step_without_a_gradient():
    module = fitted(epochs=1, pseudo=FAST)
    images = module._fresh(5, "latents of AdaptivePseudo")
    assert images.shape == (5, 1, 28, 28)
    assert not images.requires_grad
    assert images.equal(module._fresh(5, "latents of AdaptivePseudo"))
    assert APA(**FAST["apa"]).controller.most == 0.5


def test_a_resumed_training_goes_on_with_rate_and_count(tmp_path):
    whole = fitted(epochs=3, pseudo=FAST)
    module = GANModule(**SMALL, pseudo=FAST)
    first = trainer(max_epochs=2)
    first.fit(module, data())
    first.save_checkpoint(tmp_path / "it.ckpt")
    again = GANModule(**SMALL, pseudo=FAST)
    trainer(max_epochs=3).fit(again, data(), ckpt_path=tmp_path / "it.ckpt", weights_only=True)
    assert again.images_pseudo == whole.images_pseudo > module.images_pseudo
    assert again.watch.rates == whole.watch.rates
    assert equal(weights(again), weights(whole))
    read = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    assert (read.images_pseudo, len(read.pseudo)) == (module.images_pseudo, 1)
