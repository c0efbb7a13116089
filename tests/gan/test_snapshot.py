"""The snapshot is the discriminator as an epoch begins, which is that of the checkpoint before; and stands still."""

import pytest
import torch

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.snapshot import Snapshot
from aeaug.training.checkpoint import EpochCheckpoint
from tests.conftest import quiet_trainer

CPU = torch.device("cpu")
LAYERS = [{}, {"spectral_norm": True, "dropout": 0.3}]


def module_of(**options):
    return GANModule(generator_width=8, discriminator_width=8, latent_dim=4, **options)


def images(count=5, seed=3):
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def weights(network):
    return {key: one.clone() for key, one in network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(one[key].equal(other[key]) for key in other)


@pytest.mark.parametrize("layers", LAYERS, ids=["plain", "regularised"])
def test_it_is_the_discriminator_of_its_moment(layers):
    module, x = module_of(**layers), images()
    snapshot = Snapshot(module, CPU)
    then = module.judge(x)
    assert snapshot(x).equal(then)
    identity = snapshot.identity
    module.discriminator.train()
    module.discriminator(images(seed=4))  # power iteration moves
    with torch.no_grad():
        for one in module.discriminator.parameters():
            one.mul_(1.5)
    assert snapshot(x).equal(then)
    assert snapshot.identity == identity
    snapshot.take()
    assert snapshot(x).equal(module.judge(x))
    assert not snapshot(x).equal(then)
    assert (snapshot.taken, snapshot.identity != identity) == (1, True)


@pytest.mark.parametrize("layers", LAYERS, ids=["plain", "regularised"])
def test_who_asks_it_moves_nothing_and_gradients_pass_to_images_alone(layers):
    module, x = module_of(**layers), images().requires_grad_()
    snapshot, before = Snapshot(module, CPU), weights(module)
    with torch.autocast("cpu", torch.bfloat16):
        logits = snapshot(x.bfloat16())
    assert logits.dtype == torch.float32
    snapshot(x).sum().backward()
    assert (x.grad.flatten(1).norm(dim=1) > 0).all()
    assert all(one.grad is None for one in module.parameters())
    assert same(weights(module), before)


class Kept(EpochCheckpoint):
    """One file an epoch."""

    def on_train_epoch_end(self, trainer, pl_module):
        self.path = self.path.with_name(f"{trainer.current_epoch + 1}.ckpt")
        super().on_train_epoch_end(trainer, pl_module)


@pytest.mark.parametrize("layers", LAYERS, ids=["plain", "regularised"])
def test_in_training_it_is_that_of_the_checkpoint_before_also_where_training_goes_on(layers, tmp_path):
    def taken(folder, epochs, checkpoint=None):
        module, found = module_of(**layers), []
        snapshot = Snapshot(module, CPU)
        data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=60)
        data.before_epochs(lambda: (snapshot.take(), found.append((module.steps, weights(snapshot._network)))))
        folder.mkdir(exist_ok=True)
        callbacks = [Kept(folder / "0.ckpt", lambda module: None)]
        quiet_trainer(max_epochs=epochs, callbacks=callbacks).fit(module, data, ckpt_path=checkpoint, weights_only=True)
        return found

    whole = taken(tmp_path / "whole", 3)
    resumed = taken(tmp_path / "resumed", 3, tmp_path / "whole" / "1.ckpt")
    assert [steps for steps, _ in whole] == [0, 3, 6]
    assert [steps for steps, _ in resumed] == [3, 6]
    assert same(whole[0][1], weights(module_of(**layers).discriminator))
    for epoch, (_, found) in enumerate(whole[1:], 1):
        kept = torch.load(tmp_path / "whole" / f"{epoch}.ckpt", weights_only=True)["state_dict"]
        saved = {key.removeprefix("discriminator."): one for key, one in kept.items() if key.startswith("discr")}
        assert same(found, saved)
        assert same(resumed[epoch - 1][1], found)
