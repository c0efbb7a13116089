"""A step of the GAN is Lightning's: the same weights and counts whether or not somebody listens, and who does is
heard."""

from collections import Counter

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.plugins.precision import DoublePrecision
from lightning.pytorch.profilers import SimpleProfiler

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.run.pipeline import Run
from aeaug.training.hooks import OF_CALLBACKS, are_heard
from tests.conftest import options, quiet_trainer

EPOCHS, STEPS = 2, 10
"""Steps of an epoch; each is one of the discriminator and one of the generator."""


def fitted(module=None, **given):
    module = module or GANModule(generator_width=16, discriminator_width=16, latent_dim=8, r1_gamma=1.0, r1_every=3)
    trainer = quiet_trainer(max_epochs=EPOCHS, **given)
    trainer.fit(module, MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=20 * STEPS))
    return trainer, module


@pytest.fixture(scope="module")
def plain():
    return fitted()


def same(first, second):
    return all(map(torch.equal, first.state_dict().values(), second.state_dict().values()))


def test_nobody_listens_to_an_ordinary_training_and_its_steps_are_counted(plain):
    trainer, module = plain
    assert not are_heard(trainer, module)
    assert trainer.global_step == 2 * EPOCHS * STEPS
    assert module.steps == EPOCHS * STEPS


@pytest.mark.usefixtures("stocked")
def test_nobody_listens_in_a_run(tmp_path):
    experiment = Run(options(tmp_path, "arm=none"))
    experiment.run()
    assert not are_heard(experiment.module.trainer, experiment.module)


@pytest.mark.parametrize("hook", OF_CALLBACKS)
def test_a_callback_that_listens_is_heard_at_every_step_and_changes_nothing(plain, hook):
    heard = Counter()
    trainer, module = fitted(callbacks=[LambdaCallback(**{hook: lambda *_: heard.update([hook])})])
    assert are_heard(trainer, module)
    assert heard == {hook: 2 * EPOCHS * STEPS}
    assert trainer.global_step == plain[0].global_step
    assert same(module, plain[1])


@pytest.mark.parametrize("hook", [*OF_CALLBACKS, "backward"])
def test_a_module_that_listens_is_heard(plain, hook):
    heard = Counter()

    def listen(self, *given):
        heard.update([hook])
        return getattr(GANModule, hook)(self, *given)

    listening = type("Listening", (GANModule,), {hook: listen})
    trainer, module = fitted(listening(generator_width=16, discriminator_width=16, latent_dim=8, r1_every=3))
    assert heard == {hook: 2 * EPOCHS * STEPS}
    assert trainer.global_step == plain[0].global_step
    assert same(module, plain[1])


def test_a_profiler_has_every_step_of_an_optimizer(plain):
    profiler = SimpleProfiler()
    _, module = fitted(profiler=profiler)
    assert len(profiler.recorded_durations["optimizer_step"]) == 2 * EPOCHS * STEPS
    assert same(module, plain[1])


def test_in_bf16_nobody_listens_either_and_the_weights_are_those_of_who_is_heard():
    plainly, module = fitted(precision="bf16-mixed")
    heard, other = fitted(precision="bf16-mixed", callbacks=[LambdaCallback(on_after_backward=lambda *_: None)])
    assert not are_heard(plainly, module)
    assert are_heard(heard, other)
    assert same(module, other)


@pytest.mark.parametrize(
    "given",
    [{"plugins": [DoublePrecision()]}, {"strategy": "ddp", "devices": 1}],
    ids=["a precision of its own", "several processes"],
)
def test_what_has_a_part_in_a_step_is_asked(given):
    trainer = L.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, **given)
    assert are_heard(trainer, GANModule())


def test_losses_that_are_scaled_are(monkeypatch):
    trainer = L.Trainer(accelerator="cpu", precision="bf16-mixed", logger=False, enable_checkpointing=False)
    assert not are_heard(trainer, GANModule())
    monkeypatch.setattr(trainer.strategy.precision_plugin, "scaler", torch.amp.GradScaler("cpu"))
    assert are_heard(trainer, GANModule())
