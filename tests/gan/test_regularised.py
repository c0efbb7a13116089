"""Spectral norm bounds slopes and stands still for onlookers; dropout keeps means, and its draws are handed over."""

import copy

import pytest
import torch
from torch import nn

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.networks import build_discriminator
from aeaug.gan.regularised import Dropout, dropping, looked_at, regularised
from tests.conftest import quiet_trainer


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count, seed=3):
    return torch.rand(count, 1, 28, 28, generator=rng(seed)) * 2 - 1


def states(network):
    return {key: one.clone() for key, one in network.state_dict().items()}


def equal(one, other):
    return all(one[key].equal(other[key]) for key in other)


def test_every_weight_has_a_largest_singular_value_of_1():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_discriminator("mlp", 64, 2, spectral_norm=True)
    for _ in range(200):
        network(images(2))
    for layer in network:
        if isinstance(layer, nn.Linear):
            assert float(torch.linalg.matrix_norm(layer.weight.detach(), 2)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("network", ["mlp", "article"])
def test_the_discriminator_is_1_lipschitz(network):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = build_discriminator(network, 64, 3, spectral_norm=True)
        plain = build_discriminator(network, 64, 3)
        for weights in plain.parameters():
            weights.data.mul_(3)
    for _ in range(100):
        built(images(2))
    x, y = images(500, 4), images(500, 5)
    apart = (x - y).flatten(1).norm(dim=1)
    with looked_at(built):
        slopes = (built(x) - built(y)).abs() / apart
    assert float(slopes.max()) <= 1 + 1e-3
    assert float(((plain(x) - plain(y)).abs() / apart).max()) > 1  # what was normalised has to be


def test_power_iteration_moves_in_the_discriminators_own_pass_alone():
    network = build_discriminator("mlp", 16, 2, spectral_norm=True)
    before = states(network)
    with looked_at(network):
        network(images(4))
    assert equal(states(network), before)
    assert network.training
    network(images(4))
    assert not equal(states(network), before)


def test_in_training_it_moves_once_a_step_whoever_else_looks():
    """R1 is due in every second step, and the generator looks in all of them."""
    module = GANModule(generator_width=8, discriminator_width=8, latent_dim=4, spectral_norm=True, r1_every=2)
    moved, parametrization = [], module.discriminator[1].parametrizations.weight[0]
    method = type(parametrization)._power_method

    def counted(self, *given):
        if self is parametrization:
            moved.append(module.steps)
        return method(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(parametrization), "_power_method", counted)
        data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
        quiet_trainer(max_epochs=1).fit(module, data)
    assert moved == list(range(10))


def test_without_either_nothing_is_added():
    plain = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    assert [type(layer) for layer in regularised(plain, False, 0.0)] == [nn.Linear, nn.ReLU, nn.Linear]
    assert [type(layer) for layer in regularised(plain, False, 0.5)] == [nn.Linear, nn.ReLU, Dropout, nn.Linear]


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    layer, x = Dropout(0.3), torch.ones(50_000)
    with dropping(layer, rng()):
        seen = layer(x)
    assert seen.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert float((seen == 0).float().mean()) == pytest.approx(0.3, abs=5 * (0.21 / 50_000) ** 0.5)
    assert layer(x).equal(x)  # nobody drops


def test_its_draws_are_those_that_are_handed_over():
    network = build_discriminator("mlp", 16, 2, dropout=0.5)
    elsewhere, found = torch.get_rng_state(), []
    for seed in (0, 0, 1):
        with dropping(network, rng(seed)):
            found.append(network(images(8)))
    assert found[0].equal(found[1])
    assert not found[0].equal(found[2])
    assert torch.get_rng_state().equal(elsewhere)


@pytest.mark.parametrize(
    "options", [{"spectral_norm": True}, {"dropout": 0.3}, {"spectral_norm": True, "dropout": 0.3}]
)
def test_who_looks_at_it_in_training_changes_nothing(options):
    """A training whose discriminator is judged after every step is the one that nobody watched."""

    def trained(look):
        module = GANModule(generator_width=8, discriminator_width=8, latent_dim=4, **options)
        step = module.training_step

        def training_step(*given):
            step(*given)
            if look:
                module.judge(images(5))

        module.training_step = training_step
        data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
        quiet_trainer(max_epochs=1).fit(module, data)
        return module

    watched, alone = trained(True), trained(False)
    assert equal(watched.state_dict(), alone.state_dict())
    assert watched.judge(images(5)).equal(watched.judge(images(5)))


def test_a_checkpoint_is_rebuilt_from_its_saved_scalars(tmp_path):
    module = GANModule(generator_width=8, discriminator_width=8, latent_dim=4, spectral_norm=True, dropout=0.2)
    trainer = quiet_trainer(max_epochs=1)
    trainer.fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200))
    trainer.save_checkpoint(tmp_path / "it.ckpt")
    again = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    assert equal(again.state_dict(), module.state_dict())
    assert again.judge(images(5)).equal(module.judge(images(5)))
    assert copy.deepcopy(again.discriminator)  # as evaluation does with networks


@pytest.mark.parametrize("added", [{"penalty": {"r2": {"gamma": 1.0, "every": 2}}}, {"r1_gamma": 1.0}])
def test_what_is_dropped_out_in_a_step_does_not_depend_on_what_else_an_arm_shows(added, monkeypatch):
    from aeaug.gan import module as step

    def seeds(**options):
        found, whole = [], step.dropping
        monkeypatch.setattr(step, "dropping", lambda net, draw: found.append(draw.initial_seed()) or whole(net, draw))
        one = GANModule(
            generator_width=8, discriminator_width=8, latent_dim=4, dropout=0.2, **{"r1_gamma": 0} | options
        )
        quiet_trainer(max_epochs=1).fit(
            one, MNISTDataModule("mnist_5k", n_train=50, batch_size=10, images_per_epoch=50)
        )
        monkeypatch.setattr(step, "dropping", whole)
        return found

    plain, more = seeds(), seeds(**added)
    assert len(set(plain)) == len(plain) == 2 * 5
    assert [seed for seed in more if seed in plain] == plain
    assert len(more) == len(set(more)) > len(plain)
