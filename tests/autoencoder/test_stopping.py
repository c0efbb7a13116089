"""What decides when an autoencoder's training ends, and what it may look at."""

import pytest
import torch

from aeaug.artifacts import ArtifactStore
from aeaug.autoencoder import AutoencoderModule, training
from aeaug.autoencoder.training import fit, trained_autoencoder
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.mixture import mixture_plan
from tests.autoencoder.test_autoencoder import options

STOPPINGS = ["fixed", "hold_out", "validation"]
EARLY = {"steps": 400, "check_every": 10, "lr": 1e-2, "batch_size": 10}


def subset(n=40, **splits):
    """The embedded data with a small subset, to be played with."""
    data = MNISTDataModule("mnist_5k", n_train=n)
    data.setup()
    data.splits = data.splits._replace(**splits)
    return data


def weights(tmp_path, chosen, data):
    return list(fit(chosen, data, tmp_path, progress=False)[0].parameters())


def same(one, other):
    return all(a.equal(b) for a, b in zip(one, other, strict=True))


def seen(monkeypatch):
    """Every batch of images that a loss is computed of with a gradient."""
    batches, loss = [], AutoencoderModule._loss

    def spy(self, images, draw=None):
        if torch.is_grad_enabled():
            batches.append(images)
        return loss(self, images, draw)

    monkeypatch.setattr(AutoencoderModule, "_loss", spy)
    return batches


@pytest.mark.parametrize("stopping", STOPPINGS)
def test_images_beyond_the_subset_decide_where_that_is_asked_for_and_nowhere_else(tmp_path, stopping):
    """Poisoned ones, white and black: another validation slice, other weights, or the same to the last bit."""
    data = subset()
    white = torch.full_like(data.splits.val_images, 255)
    chosen = options(stopping=stopping, **EARLY | {"steps": 60, "patience": 1})
    found = [weights(tmp_path, chosen, subset(val_images=one)) for one in (data.splits.val_images, white)]
    assert same(*found) == (stopping != "validation")


def test_a_fixed_number_of_steps_reads_no_held_out_image(tmp_path):
    data = subset()
    del data.splits  # not even the weights' soundness is judged on them
    assert fit(options(), data, tmp_path, progress=False)[1].steps == 8


@pytest.mark.parametrize("steps", [1, 7, 20, 21, 53])
def test_steps_are_those_that_were_asked_for(tmp_path, monkeypatch, steps):
    """Wherever an epoch ends."""
    monkeypatch.setattr(training, "LOG_EVERY", 20)
    batches = seen(monkeypatch)
    _, fitted = fit(options(steps=steps, batch_size=12), subset(), tmp_path, progress=False)
    assert (fitted.steps, fitted.kept, len(batches)) == (steps, steps, steps)
    assert {len(batch) for batch in batches} == {12}


def test_the_first_steps_of_a_longer_training_are_a_shorter_one(tmp_path, monkeypatch):
    """Across passes over 40 images, and however often losses are looked at."""
    batches = seen(monkeypatch)
    fit(options(steps=45, batch_size=12), subset(), tmp_path, progress=False)
    long = batches[:]
    batches.clear()
    monkeypatch.setattr(training, "LOG_EVERY", 7)
    fit(options(steps=23, batch_size=12), subset(), tmp_path, progress=False)
    assert len(long) == 45
    assert same(batches, long[:23])


def test_it_is_a_plain_loop_over_the_batches(tmp_path):
    """Nothing that the Trainer adds changes a bit."""
    data, chosen = subset(), options(steps=30, batch_size=12)
    module = AutoencoderModule(chosen.network, chosen.latent_dim, chosen.loss, chosen.lr, chosen.seed)
    adam = module.configure_optimizers()
    order = mixture_plan(40, 0, 30 * 12, seed=chosen.seed).origin
    for batch in to_float(data.train_images)[order].split(12):
        adam.zero_grad()
        module._loss(batch).backward()
        adam.step()
    assert same(module.parameters(), weights(tmp_path, chosen, data))


@pytest.mark.parametrize("stopping", STOPPINGS)
def test_the_same_weights_again_bit_for_bit(tmp_path, stopping):
    chosen = options(stopping=stopping, **EARLY | {"steps": 20})
    found = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        found.append(weights(tmp_path, chosen, subset()))
    assert same(*found)


def test_what_is_held_out_is_never_trained_on_and_the_seed_draws_it(tmp_path, monkeypatch):
    data, batches, parts = subset(), seen(monkeypatch), []
    images = to_float(data.train_images).flatten(1)
    for seed in (0, 1):
        batches.clear()
        fit(options(stopping="hold_out", hold_out=0.25, seed=seed, steps=40), data, tmp_path, progress=False)
        shown = torch.cat(batches).flatten(1)
        parts.append((images[:, None] == shown[None]).all(2).any(1))
    assert [int(part.sum()) for part in parts] == [30, 30]
    assert not parts[0].equal(parts[1])


def test_stopping_early_keeps_the_best_look_and_ends_after_its_patience(tmp_path):
    data = subset(n=20)
    chosen = options(stopping="validation", **EARLY)
    module, fitted = fit(chosen, data, tmp_path, progress=False)
    assert fitted.steps == fitted.kept + chosen.patience * chosen.check_every < chosen.steps
    fixed = {
        steps: fit(options(**EARLY | {"steps": steps}), data, tmp_path, progress=False)[0]
        for steps in range(10, fitted.steps + 1, chosen.check_every)
    }
    held_out = to_float(data.splits.val_images)
    losses = {steps: one.loss_on(held_out) for steps, one in fixed.items()}
    assert min(losses, key=losses.get) == fitted.kept
    assert same(module.parameters(), fixed[fitted.kept].parameters())


@pytest.mark.parametrize("stopping", STOPPINGS)
def test_the_report_says_what_decided_and_how_many_steps_it_took(tmp_path, stopping):
    data = subset()
    summary = trained_autoencoder(ArtifactStore(tmp_path), options(stopping=stopping), data, progress=False).summary
    assert (summary["stopping"], summary["steps"]) == (stopping, 8)
    assert summary["kept"] in (4, 8)
    assert summary["val_mse"] > 0


def test_a_number_that_would_leave_steps_unlooked_at_is_refused():
    line = r"autoencoder\.steps=9: must be a multiple of autoencoder\.check_every=4"
    with pytest.raises(ValueError, match=line):
        options(steps=9, stopping="hold_out")
    assert options(steps=9).steps == 9
