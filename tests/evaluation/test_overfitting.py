import math

import lightning as L
import pytest
import torch
from torch import nn

from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.overfitting import OverfittingProbe
from aeaug.gan import GANModule
from aeaug.gan.losses import LOSSES
from tests.gan.test_module import SMALL, equal, trainer, weights


class MeanPixel(nn.Module):
    """A discriminator whose logit is known: a multiple of the mean pixel."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.scale, self.seen = scale, []

    def forward(self, images):
        assert not torch.is_grad_enabled()
        self.seen.append(images)
        return images.mean((1, 2, 3)) * self.scale


class Constant(nn.Module):
    """A generator of images that are all ``value``."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, z):
        return torch.full((len(z), 1, 28, 28), self.value)


def flat(*values):
    """An image a value, all its pixels that value: what :class:`MeanPixel` says of it is known."""
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 1, 28, 28)


def planted(generated, scale=1.0):
    module = GANModule(**SMALL)
    module.discriminator, module.generator = MeanPixel(scale), Constant(generated)
    return module


def test_every_number_has_its_closed_form():
    probe = OverfittingProbe(flat(0.9, 0.5, 0.3, -0.1), flat(0.4, -0.2), flat(0.8, 0.6, -0.4))
    report = probe(planted(-0.4, scale=10))
    expected = {
        "logit_train": 4.0,
        "logit_validation": 1.0,
        "logit_generated": -4.0,
        "logit_decoded": 10 / 3,
        "real_train": 0.75,
        "real_validation": 0.5,
        "real_generated": 0.0,
        "real_decoded": 2 / 3,
        "r_t": 0.5,
        "r_v": 3 / 8,
    }
    assert report == pytest.approx(expected, abs=1e-6)
    assert all(type(value) is float for value in report.values())


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_signs_are_read_where_the_loss_gives_them_a_meaning(loss):
    module = planted(-0.4, scale=10)
    module.loss = LOSSES[loss]
    report = OverfittingProbe(flat(0.9, 0.5), flat(0.4), flat(0.8))(module)
    signs = {key for key, value in report.items() if value is None}
    expected = {"r_t", *(f"real_{name}" for name in ("train", "validation", "generated", "decoded"))}
    assert signs == (set() if LOSSES[loss].zero_decides else expected)
    assert report["r_v"] == pytest.approx(3 / 11)


@pytest.mark.parametrize(("validation", "r_v"), [(0.5, 0.0), (-0.5, 1.0), (0.0, 0.5), (0.7, -0.2)])
@pytest.mark.parametrize("scale", [0.01, 1.0, 1e30])
def test_r_v_goes_from_training_images_to_generated_ones_and_does_not_depend_on_the_logits_scale(
    validation, r_v, scale
):
    report = OverfittingProbe(flat(0.5, 0.5), flat(validation))(planted(-0.5, scale))
    assert report["r_v"] == pytest.approx(r_v, abs=1e-6)


def test_a_logit_of_zero_is_neither_real_nor_of_a_sign():
    report = OverfittingProbe(flat(0.0, 0.5), flat(0.0))(planted(-0.5))
    assert (report["real_train"], report["real_validation"], report["r_t"]) == (0.5, 0.0, 0.5)


def test_nothing_injected_is_no_number():
    report = OverfittingProbe(flat(0.5), flat(0.1))(planted(-0.5))
    assert report["logit_decoded"] is None
    assert report["real_decoded"] is None


@pytest.mark.parametrize("generated", [0.5, 0.5 - 1e-8, 0.4])
def test_no_r_v_where_its_denominator_may_be_zero(generated):
    """Two standard errors of the mean of these training images are 0.2."""
    report = OverfittingProbe(flat(0.7, 0.3, 0.7, 0.3), flat(0.0))(planted(generated))
    assert report["r_v"] is None
    assert report["logit_train"] == pytest.approx(0.5)


def test_no_r_v_where_generated_images_are_called_more_real_than_training_images():
    report = OverfittingProbe(flat(-0.5), flat(-0.7))(planted(0.5))
    assert report["r_v"] is None
    assert report["logit_generated"] > report["logit_train"]


def test_r_v_just_beyond_two_standard_errors():
    train = flat(0.7, 0.3, 0.7, 0.3)  # spread 0.2, so that the mean's standard error is 0.1
    assert OverfittingProbe(train, flat(0.0))(planted(0.31))["r_v"] is None
    assert OverfittingProbe(train, flat(0.0))(planted(0.29))["r_v"] == pytest.approx(0.5 / 0.21, rel=1e-5)


@pytest.mark.parametrize("scale", [math.nan, math.inf])
def test_a_logit_that_is_not_finite_leaves_no_report(scale):
    assert OverfittingProbe(flat(0.5), flat(0.1))(planted(-0.5, scale)) is None


def test_many_images_are_cut_to_a_thousand_that_stand_for_all():
    probe = OverfittingProbe(flat(*torch.linspace(-1, 1, 3_500).tolist()), flat(0.1, 0.2, 0.3))
    module = planted(-0.9)
    report = probe(module)
    sizes = [len(images) for images in module.discriminator.seen]
    assert sum(sizes) == 1_000 + 3 + 1_000
    assert max(sizes) <= 500
    assert report["logit_train"] == pytest.approx(0.0, abs=2e-3)  # the whole set's, although it is sorted


@pytest.fixture
def probe(embedded):
    images = to_float(embedded.train_images)
    return OverfittingProbe(images, to_float(embedded.splits.val_images), images[:50] * 0.9)


def test_it_looks_at_the_generator_that_is_trained_and_not_at_its_average(probe):
    module = GANModule(**SMALL)
    before = probe(module)
    with torch.no_grad():
        for p in module.ema.parameters():
            p.fill_(math.nan)
    assert probe(module) == before
    with torch.no_grad():
        for p in module.generator.parameters():
            p.mul_(2)
    after = probe(module)
    assert after["logit_generated"] != before["logit_generated"]
    assert after["logit_train"] == before["logit_train"]


def test_it_is_a_function_of_the_weights_and_the_seed(probe):
    module, other = GANModule(**SMALL), GANModule(**SMALL, seed=1)
    other.load_state_dict(module.state_dict())
    first = probe(module)
    torch.rand(3)
    assert probe(module) == first
    assert probe(other)["logit_generated"] != first["logit_generated"]


def test_it_computes_in_single_precision_within_a_training_that_does_not(probe, embedded):
    module = GANModule(**SMALL)
    images = torch.rand(4, 1, 28, 28)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert module.discriminator(images).dtype == torch.bfloat16
        within = probe(module)
        assert module.discriminator(images).dtype == torch.bfloat16
    assert within == probe(module)
    with torch.no_grad():
        expected = module.discriminator(to_float(embedded.train_images)).mean()
    assert within["logit_train"] == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_it_leaves_the_module_and_the_global_stream_alone(probe, training):
    module = GANModule(**SMALL).train(training)
    module.generator.train(not training)
    for weight in module.discriminator.parameters():
        weight.requires_grad_(training)
    modes = [part.training for part in module.modules()]
    wanted = [p.requires_grad for p in module.parameters()]
    before, stream = weights(module), torch.get_rng_state()
    probe(module)
    assert torch.get_rng_state().equal(stream)
    assert [part.training for part in module.modules()] == modes
    assert [p.requires_grad for p in module.parameters()] == wanted
    assert all(p.grad is None for p in module.parameters())
    assert equal(weights(module), before)


@pytest.mark.parametrize("network", ["mlp", "dcgan", "resnet"])
def test_a_training_that_is_probed_ends_with_the_same_bits(probe, network):
    class Every(L.Callback):
        reports = ()

        def on_train_batch_end(self, trainer, pl_module, *args):
            self.reports = (*self.reports, probe(pl_module))

    ends, probing = [], Every()
    for callbacks in ([], [probing]):
        module = GANModule(**SMALL, network=network)
        data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=100)
        trainer(callbacks=callbacks).fit(module, data)
        ends.append(weights(module))
    assert equal(*ends)
    assert len({report["logit_train"] for report in probing.reports}) == 5, "it saw a discriminator that learnt"


def test_images_of_another_shape_or_none_are_refused():
    with pytest.raises(ValueError, match=r"train: expected shape \(N, C, H, W\), N > 0, got \(3, 28, 28\)"):
        OverfittingProbe(torch.zeros(3, 28, 28), flat(0.0))
    with pytest.raises(ValueError, match=r"validation: .* got \(0, 1, 28, 28\)"):
        OverfittingProbe(flat(0.0), torch.zeros(0, 1, 28, 28))
    with pytest.raises(ValueError, match=r"decoded: "):
        OverfittingProbe(flat(0.0), flat(0.0), torch.zeros(2, 784))
