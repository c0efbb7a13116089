import math
from functools import partial

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins.precision import DoublePrecision

from aeaug.data import Batch, MNISTDataModule
from aeaug.faults import Fault
from aeaug.gan import GANModule
from aeaug.gan.losses import LOSSES
from aeaug.gan.networks import NETWORKS
from aeaug.gan.penalties import Penalty
from aeaug.gan.penalties.gradient import gradient_penalty
from aeaug.gan.penalties.lecam import lecam_penalty
from aeaug.gan.penalties.r1 import r1_penalty
from aeaug.randomness import generator
from aeaug.training.checkpoint import AtomicCheckpointIO
from aeaug.training.divergence import Diverged, scale
from tests.conftest import quiet_trainer

SMALL = {
    "generator_width": 16,
    "discriminator_width": 16,
    "latent_dim": 8,
    "log_every": 5,
    "lr_generator": 1e-3,
    "ema_halflife_images": 20_000,
}


def trainer(**options):
    return quiet_trainer(**({"max_epochs": 1, "plugins": [AtomicCheckpointIO()]} | options))


def data(images=200):
    return MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=images)


def weights(module):
    return [p.detach().clone() for p in module.parameters()]


def equal(first, second):
    return all(a.equal(b) for a, b in zip(first, second, strict=True))


WITH_PENALTIES = {"r2": {"gamma": 0.3, "every": 3}, "gradient": {"weight": 0.1, "every": 2}}
WITH_PENALTIES |= {"lecam": {"weight": 0.05, "decay": 0.9, "every": 1}}


@pytest.mark.parametrize(
    "options",
    [
        *(
            pytest.param(
                {"network": network, "loss": loss},
                marks=pytest.mark.long if (network, loss) == ("resnet", "minimax") else (),
            )
            for network in NETWORKS
            for loss in ("non_saturating", "minimax")
        ),
        *({"loss": loss} for loss in LOSSES if loss not in ("non_saturating", "minimax")),
        {"penalty": WITH_PENALTIES},
        {"loss": "wasserstein", "discriminator_steps": 3, "penalty": {"gradient": {"weight": 10.0, "every": 1}}},
    ],
    ids=str,
)
def test_training_equals_a_loop_written_out(options):
    """The reference: ten steps of plain PyTorch, line by line, on the same batches and latents."""
    options = {**SMALL, **options, "r1_gamma": 0.5, "r1_every": 4, "seed": 3}
    module, reference = GANModule(**options), GANModule(**options).double()
    g, d, loss = reference.generator, reference.discriminator, module.loss
    asked, turns = options.get("penalty", {}), options.get("discriminator_steps", 1)
    ema = [p.detach().clone() for p in g.parameters()]
    opt_g, opt_d = (torch.optim.Adam(one.parameters(), lr=1e-3, betas=(0.0, 0.99)) for one in (g, d))
    # Adam takes its full step along a gradient that is hardly more than rounding, as that of the last bias may be.
    if not loss.zero_decides:
        opt_g, opt_d = (torch.optim.SGD(one.parameters(), lr=1e-2) for one in (g, d))
        module.configure_optimizers = lambda: [torch.optim.SGD(p, lr=1e-2) for p in map(list, parameters(module))]
    trainer(precision="64-true").fit(module, data())  # what single precision rounds, many layers and steps make larger

    seen, averages = 0, None
    close = partial(torch.testing.assert_close, rtol=1e-6, atol=1e-5)
    with DoublePrecision().forward_context():
        for step, batch in enumerate(data_batches()):
            real = batch.images.double()
            z = torch.randn(20, 8, generator=generator(3, "training latents", step))
            real_logits, fake_logits = d(real), d(g(z).detach())
            objective = loss.discriminator_loss(real_logits, fake_logits)
            if step % 4 == 0:
                objective = objective + 4 * r1_penalty(d, real, 0.5)
            if asked and step % asked.get("r2", {"every": 100})["every"] == 0 and "r2" in asked:
                objective = objective + 3 * r1_penalty(d, g(z), 0.3)
            if "gradient" in asked and step % (every := asked["gradient"]["every"]) == 0:
                draw = generator(3, "gradient penalty", step, 0)
                weight = asked["gradient"]["weight"]
                objective = objective + every * gradient_penalty(d, real, g(z).detach(), weight, draw)
            if "lecam" in asked:
                now = torch.stack([real_logits.mean(), fake_logits.mean()]).detach()
                averages = now if averages is None else 0.9 * averages + 0.1 * now
                objective = objective + 0.05 * lecam_penalty(real_logits, fake_logits, *averages)
            opt_d.zero_grad()
            objective.backward()
            opt_d.step()
            if (step + 1) % turns == 0:
                opt_g.zero_grad()
                loss.generator_loss(d(g(z)), d(real) if loss.pairs else None).backward()
                opt_g.step()
            halflife = min(20_000, 0.05 * seen)
            decay = 0.5 ** (20 / halflife) if halflife else 0.0
            ema = [decay * average + (1 - decay) * p.detach() for average, p in zip(ema, g.parameters(), strict=True)]
            seen += 20
    for mine, expected in zip(module.generator.parameters(), g.parameters(), strict=True):
        close(mine, expected)
    for mine, expected in zip(module.discriminator.parameters(), d.parameters(), strict=True):
        close(mine, expected)
    for mine, expected in zip(module.ema.parameters(), ema, strict=True):
        close(mine, expected)


class Darker:
    """A view of half the brightness, with a draw of its own for each image."""

    def __call__(self, images, generator, shown):
        return images * torch.rand(len(images), 1, 1, 1, generator=generator)


def test_a_view_stands_between_every_image_and_the_discriminator():
    module, passed = GANModule(**SMALL, r1_gamma=0.0), []
    module.look_through(Darker())
    module.discriminator.register_forward_hook(lambda _, given, made: passed.append(given[0].detach()))
    trainer().fit(module, data())
    for step, batch in zip(range(10), data_batches(), strict=True):
        together, generated = passed[2 * step : 2 * step + 2]
        draw = generator(0, "the discriminator's view, Darker", step, 0)
        shade = torch.rand(40, 1, 1, 1, generator=draw)
        torch.testing.assert_close(together[:20], batch.images * shade[:20])
        assert together[20:].abs().max() <= shade[20:].max()
        assert not generated.equal(together[20:])  # other draws, of another discriminator
    assert module.generator[0].weight.grad.abs().sum() > 0, "through the view"


def test_a_view_that_shows_nothing_teaches_the_generator_nothing():
    module = GANModule(**SMALL)
    module.look_through(lambda images, generator, shown: images * 0)
    before = weights(module)[: len(list(module.generator.parameters()))]
    trainer().fit(module, data())
    assert all(p.grad.count_nonzero() == 0 for p in module.generator.parameters())
    assert equal(before, module.generator.parameters())


class MeanOfBlank(Penalty):
    """D² of blank images, as many as real ones, which it is shown beside them."""

    every: int = 2

    def more(self, images, draw):
        return torch.cat([torch.zeros(20, 1, 28, 28), torch.ones(20, 1, 28, 28)])

    def __call__(self, seen, more_logits, state):
        state["calls"] = state.get("calls", torch.zeros(())) + 1
        assert torch.cat([seen.real, seen.fake]).shape == (40, 1, 28, 28)
        expected = seen.discriminator(torch.zeros(1, 1, 28, 28)), seen.discriminator(torch.ones(1, 1, 28, 28))
        for logits, one in zip(more_logits, expected, strict=True):
            torch.testing.assert_close(logits, one.expand(20), rtol=1e-4, atol=1e-5)
        return more_logits[0].square().mean()


def test_images_of_a_penalty_go_through_the_discriminator_in_the_same_pass(tmp_path):
    module, passed = GANModule(**SMALL, r1_gamma=0.0), []
    module.penalise("blank", MeanOfBlank())
    module.discriminator.register_forward_hook(lambda _, given, made: passed.append(len(given[0])))
    one = trainer()
    one.fit(module, data())
    assert passed == [80, 1, 1, 20, 40, 20] * 5
    assert module.images_discriminated == sum(passed)
    # What it remembers is in the checkpoint, which can be read without it.
    one.save_checkpoint(tmp_path / "gan.ckpt", weights_only=False)
    alone = GANModule.load_from_checkpoint(tmp_path / "gan.ckpt", weights_only=True)
    assert equal(weights(alone), weights(module))
    assert alone.terms.states == {"blank": {"calls": torch.tensor(5.0)}}


def data_batches():
    one = data()
    one.setup()
    return one.train_dataloader()


def test_every_parameter_moves_and_is_finite():
    module = GANModule(**SMALL)
    before = weights(module)
    trainer().fit(module, data())
    for old, new in zip(before, module.parameters(), strict=True):
        assert new.isfinite().all()
        assert not old.equal(new)


def test_counts_are_images_and_steps():
    module = GANModule(**SMALL)
    trainer(max_epochs=3).fit(module, data(images=190))  # the tenth batch holds 10
    assert module.images_seen == 570
    assert module.steps == 30


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"loss": "relativistic"}, 4 * 190),  # real images again in the generator's step
        ({"discriminator_steps": 5}, 2 * 190 + 20 + 10),
        ({"penalty": {"gradient": {"weight": 10.0, "every": 1}}}, 4 * 190),
        ({"penalty": {"lecam": {"weight": 0.3, "decay": 0.9, "every": 1}}}, 3 * 190),
    ],
    ids=str,
)
def test_so_are_those_of_other_losses_and_penalties(more, count):
    module, passed = GANModule(**SMALL, **more, r1_gamma=0.0), []
    module.discriminator.register_forward_hook(lambda _, given, made: passed.append(len(given[0])))
    trainer().fit(module, data(images=190))  # the tenth batch holds 10
    assert module.images_discriminated == sum(passed) == count


@pytest.mark.parametrize(("r1_gamma", "r1_every", "penalised"), [(0.0, 1, 0), (1.0, 1, 10), (1.0, 4, 3)])
def test_images_that_pass_through_the_discriminator_are_counted(r1_gamma, r1_every, penalised):
    module, passed = GANModule(**SMALL, r1_gamma=r1_gamma, r1_every=r1_every), []
    module.discriminator.register_forward_hook(lambda _, given, made: passed.append(len(given[0])))
    trainer().fit(module, data(images=190))  # the tenth batch holds 10
    penalties = sum(20 if step * r1_every < 9 else 10 for step in range(penalised))
    assert module.images_discriminated == sum(passed) == 3 * 190 + penalties


def test_training_does_not_depend_on_the_global_stream():
    runs = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        module = GANModule(**SMALL)
        trainer().fit(module, data())
        runs.append(weights(module))
    assert equal(*runs)


def test_seeds_differ():
    assert not equal(weights(GANModule(**SMALL, seed=0)), weights(GANModule(**SMALL, seed=1)))


def test_samples_depend_on_seed_and_purpose_alone():
    module = GANModule(**SMALL)
    first = module.sample(10, 0, "evaluation")
    torch.rand(3)
    assert first.shape == (10, 1, 28, 28)
    assert first.abs().max() <= 1
    torch.testing.assert_close(first, module.sample(10, 0, "evaluation", batch_size=3), atol=1e-6, rtol=0)
    assert first[:4].allclose(module.sample(4, 0, "evaluation"), atol=1e-6)
    assert not first.equal(module.sample(10, 1, "evaluation"))
    assert not first.equal(module.sample(10, 0, "curve"))


@pytest.mark.parametrize("n", [0, -1])
def test_a_number_of_samples_is_one(n):
    with pytest.raises(ValueError, match=rf"^n={n}: must be at least 1$"):
        GANModule().sample(n, seed=0, purpose="test")


def test_samples_come_from_the_average():
    module = GANModule(**SMALL)
    with torch.no_grad():
        for p in module.generator.parameters():
            p.fill_(math.nan)
    assert module.sample(2, 0, "x").isfinite().all()


def test_checkpoint_round_trip_alone(tmp_path):
    module = GANModule(**SMALL, network="dcgan")
    one = trainer()
    one.fit(module, data())
    one.save_checkpoint(tmp_path / "gan.ckpt", weights_only=False)
    alone = GANModule.load_from_checkpoint(tmp_path / "gan.ckpt", weights_only=True)
    assert equal(weights(alone), weights(module))
    assert (alone.steps, alone.images_seen) == (module.steps, module.images_seen)
    assert alone.sample(3, 0, "x").equal(module.sample(3, 0, "x"))


@pytest.mark.parametrize("more", [{}, {"penalty": WITH_PENALTIES}, {"discriminator_steps": 3}], ids=str)
def test_interrupted_after_any_epoch_gives_the_same_weights(more, tmp_path):
    whole = GANModule(**SMALL, **more)
    trainer(max_epochs=3).fit(whole, data())
    for stop in (1, 2):
        part = GANModule(**SMALL, **more)
        one = trainer(max_epochs=stop)
        one.fit(part, data())
        one.save_checkpoint(tmp_path / "part.ckpt", weights_only=False)
        rest = GANModule(**SMALL, **more)
        trainer(max_epochs=3).fit(rest, data(), ckpt_path=tmp_path / "part.ckpt", weights_only=True)
        assert equal(weights(rest), weights(whole))
        assert rest.images_seen == whole.images_seen


def test_from_within_an_epoch_no_training_goes_on_and_from_its_last_batch_it_is_the_same(tmp_path):
    """An epoch is ten batches, twenty steps of both optimizers."""
    kept = ModelCheckpoint(tmp_path, "{step}", save_top_k=-1, every_n_train_steps=10)
    whole = GANModule(**SMALL)
    trainer(max_epochs=2, enable_checkpointing=True, callbacks=[kept]).fit(whole, data())
    for step, epoch in ((10, 0), (30, 1)):
        path, fresh = tmp_path / f"step={step}.ckpt", GANModule(**SMALL)
        said = (
            rf"^the checkpoint was saved within epoch {epoch}, after {10 * step} images, [^\n]*: go on from one of an"
        )
        with pytest.raises(Fault, match=said):
            trainer(max_epochs=2).fit(fresh, data(), ckpt_path=path, weights_only=True)
        assert GANModule.load_from_checkpoint(path, weights_only=True).images_seen == 10 * step
    rest = GANModule(**SMALL)
    trainer(max_epochs=2).fit(rest, data(), ckpt_path=tmp_path / "step=20.ckpt", weights_only=True)
    assert equal(weights(rest), weights(whole))


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_nan_or_inf_ends_training(poison):
    module = GANModule(**SMALL)
    with torch.no_grad():
        next(module.discriminator.parameters()).fill_(poison)
    with pytest.raises(Diverged, match="after 100 images"):
        trainer().fit(module, data())


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
@pytest.mark.parametrize("which", ["generator", "discriminator"])
def test_a_learning_rate_of_a_million_ends_training(network, loss, which):
    """Also where the loss hides it: a discriminator that is sure has a loss of 0."""
    module = GANModule(**(SMALL | {f"lr_{which}": 1e6}), network=network, loss=loss)
    with pytest.raises(Diverged, match=rf"{which}.* after \d+ images \(discriminator's loss"):
        trainer().fit(module, data())
    assert module.images_seen == 100, "at the first entry of the log"


@pytest.mark.cases(1)
@pytest.mark.parametrize("network", NETWORKS)
def test_ten_times_the_learning_rates_are_no_divergence(network):
    module = GANModule(**(SMALL | {"lr_generator": 2e-2}), network=network, lr_discriminator=1e-2)
    trainer().fit(module, data(images=1_000))
    assert all(1 / 2 < growth < 20 for growth in growths(module))


def growths(module):
    return [
        float(scale(network)) / start for network, start in zip(module._watched.values(), module._start, strict=True)
    ]


@pytest.mark.parametrize(("every", "steps"), [(4, [80, 160, 280, 360]), (5, [100, 200, 300, 400]), (20, [200, 400])])
def test_losses_are_logged_every_so_many_steps_and_once_an_epoch_at_least(every, steps):
    logged = []

    class Told(Logger):
        name = version = ""

        def log_hyperparams(self, *args, **kwargs):
            pass

        def log_metrics(self, metrics, step):
            logged.append(step)
            assert {"training/loss_discriminator", "training/loss_generator"} <= metrics.keys()

    module = GANModule(**(SMALL | {"log_every": every}))
    trainer(max_epochs=2, logger=Told()).fit(module, data())
    assert logged == steps


def test_callbacks_go_by_the_losses_of_an_epoch(tmp_path):
    """Lightning's own keep the best weights by them, and logging them for callbacks logs them nowhere else."""
    best = ModelCheckpoint(tmp_path, monitor="training/loss_generator", save_weights_only=True)
    fitted = trainer(max_epochs=2, callbacks=[best], enable_checkpointing=True)
    fitted.fit(GANModule(**SMALL), data())
    told = {"loss_discriminator", "loss_generator", "growth_generator", "growth_discriminator"}
    assert fitted.callback_metrics.keys() == {f"training/{name}" for name in told}
    assert 0 < best.best_model_score <= fitted.callback_metrics["training/loss_generator"]


@pytest.mark.parametrize("name", ["discriminator_steps", "log_every"])
def test_a_number_of_steps_is_one(name):
    with pytest.raises(ValueError, match=rf"^{name}=0: must be at least 1$"):
        GANModule(**(SMALL | {name: 0}))


def test_a_module_of_another_precision_makes_images():
    module = GANModule(**SMALL).double()
    assert module.sample(3, 0, "samples").allclose(GANModule(**SMALL).sample(3, 0, "samples"), atol=1e-5)


def test_divergence_is_found_at_the_end_of_an_epoch_shorter_than_the_log_interval():
    module = GANModule(**(SMALL | {"lr_discriminator": 1e6, "log_every": 1_000}))
    with pytest.raises(Diverged, match="after 200 images"):
        trainer().fit(module, data())


@pytest.mark.parametrize("lose", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_training_though_weights_are(lose):
    module = GANModule(**SMALL)
    own = module.loss
    module.loss = own._replace(generator_loss=lambda fake, real: own.generator_loss(fake, real) * 0 + lose)
    module.configure_optimizers = lambda: [torch.optim.SGD(p, lr=0.0) for p in map(list, parameters(module))]
    with pytest.raises(Diverged, match="the generator's loss is not finite after 100 images"):
        trainer().fit(module, data())


def parameters(module):
    return module.generator.parameters(), module.discriminator.parameters()


def test_images_that_are_not_finite_are_no_samples():
    """Finite weights can make them, where what they multiply is beyond float32."""
    module = GANModule(**SMALL)
    assert module.sample(7, 0, "x").isfinite().all()
    with torch.no_grad():
        for weights in module.ema.parameters():
            weights.fill_(1e30)
    assert all(weights.isfinite().all() for weights in module.ema.parameters())
    with pytest.raises(Diverged, match="7 of 7 images that the generator made are not finite after 0 images"):
        module.sample(7, 0, "x")


def test_the_start_is_that_of_the_first_weights_after_a_resume_too(tmp_path):
    """What a checkpoint holds is no start: a network that grew beyond bounds is beyond them after a resume."""
    grown = GANModule(**SMALL)
    one = trainer()
    one.fit(grown, data())
    with torch.no_grad():
        for weights in grown.discriminator.parameters():
            weights.mul_(150)
    one.save_checkpoint(tmp_path / "grown.ckpt", weights_only=False)
    alone = GANModule.load_from_checkpoint(tmp_path / "grown.ckpt", weights_only=True)
    assert growths(alone) == growths(grown)
    assert growths(alone)[1] == pytest.approx(150, rel=0.1)
    with pytest.raises(Diverged, match=r"the discriminator's weights have grown to \d+ times .* after 300 images"):
        trainer(max_epochs=2).fit(GANModule(**SMALL), data(), ckpt_path=tmp_path / "grown.ckpt", weights_only=True)


def test_log_has_the_losses_and_what_the_discriminator_says():
    class Recorder(L.pytorch.loggers.logger.Logger):
        name, version, entries = "r", 0, []

        def log_metrics(self, metrics, step=None):
            self.entries.append((step, metrics))

        def log_hyperparams(self, *args, **kwargs):
            pass

    recorder, one = Recorder(), data()
    one.inject(lambda indices, generator: torch.zeros(len(indices), 1, 28, 28), ratio=1.0)
    trainer(logger=recorder).fit(GANModule(**SMALL), one)
    assert [step for step, _ in recorder.entries] == [100, 200]
    assert set(recorder.entries[0][1]) == {
        "training/loss_discriminator",
        "training/loss_generator",
        "training/growth_generator",
        "training/growth_discriminator",
        "training/logit_real",
        "training/logit_decoded",
        "training/logit_generated",
    }


@pytest.mark.parametrize("network", ["mlp", pytest.param("resnet", marks=pytest.mark.long)])
def test_bf16_autocast_trains(network):
    module = GANModule(**SMALL, network=network)
    trainer(precision="bf16-mixed").fit(module, data())
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in module.parameters())


def test_unknown_loss_is_named():
    with pytest.raises(ValueError, match=r"gan\.loss=mine: must be one of minimax, non_saturating, .*relativistic"):
        GANModule(loss="mine")


def test_a_batch_is_what_the_datamodule_says():
    batch = next(iter(data_batches()))
    assert isinstance(batch, Batch)
    assert batch.images.shape == (20, 1, 28, 28)
