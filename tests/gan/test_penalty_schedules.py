"""Weights of penalties over training: ``gan/r1_schedule`` and ``gan/penalty_schedule``."""

from typing import get_args

import pytest

from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.options import SCHEDULES
from aeaug.gan.schedules import WeightSchedule
from aeaug.run.options import parse_options, unused
from tests.conftest import REPOSITORY, compose, quiet_trainer

SMALL = {"generator_width": 16, "discriminator_width": 16, "latent_dim": 8}
BCR = {"bcr": {"weight": 10.0, "translation": 0.125, "every": 1}}
SEVERAL = BCR | {"r2": {"gamma": 0.5, "every": 3}, "lecam": {"weight": 0.3, "decay": 0.99, "every": 1}}
NEVER = 10**9
WITH_ALL = ("gan/penalty=[bcr]", "gan/view=[geometric]", "gan/pseudo=[generated]")


def step(start, end, at=NEVER):
    return {"name": "step", "start": start, "end": end, "at": at}


def linear(until):
    return {"name": "linear", "start": 1.0, "end": 0.0, "begin": 0, "until": until}


def fitted(epochs=1, ckpt=None, keep=None, images_per_epoch=200, **options):
    """Ten steps an epoch, of 20 images."""
    module, trainer = GANModule(**SMALL, **options), quiet_trainer(max_epochs=epochs)
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=images_per_epoch)
    trainer.fit(module, data, ckpt_path=ckpt, weights_only=True)
    if keep is not None:
        trainer.save_checkpoint(keep)
    return module


def same(first, second):
    mine, others = first.state_dict(), second.state_dict()
    return all(mine[key].equal(others[key]) for key in others)


def test_all_of_the_weight_is_the_weight_itself():
    """Bit for bit, of all penalties at once, with what they remember and what they cost."""
    plain = fitted(penalty=SEVERAL)
    whole = fitted(penalty=SEVERAL, r1_schedule=step(1, 0), penalty_schedule=step(1, 0))
    assert same(whole, plain)
    assert whole.terms.states["lecam"]["averages"].equal(plain.terms.states["lecam"]["averages"])
    assert whole.images_discriminated == plain.images_discriminated


def test_none_of_it_is_no_penalty():
    """Not even one that is asked."""
    for given, without in (
        ({"r1_schedule": step(0, 1)}, {"r1_gamma": 0.0}),
        ({"penalty": SEVERAL, "penalty_schedule": step(0, 1)}, {}),
    ):
        scheduled, bare = fitted(**given), fitted(**without)
        assert same(scheduled, bare)
        assert scheduled.images_discriminated == bare.images_discriminated
        assert not any(scheduled.terms.states.values())


def test_half_of_it_is_half_the_weight():
    """Bit for bit too, as halving rounds nothing."""
    half = step(0.5, 0)
    halved = BCR | {"bcr": BCR["bcr"] | {"weight": 5.0}}
    assert same(fitted(penalty=BCR, penalty_schedule=half), fitted(penalty=halved))
    assert same(fitted(r1_gamma=4.0, r1_schedule=half), fitted(r1_gamma=2.0))


def test_each_of_the_two_is_of_its_own():
    assert same(fitted(penalty=BCR, r1_schedule=step(0, 1)), fitted(penalty=BCR, r1_gamma=0.0))
    assert same(fitted(penalty=BCR, penalty_schedule=step(0, 1)), fitted())
    assert not same(fitted(penalty=BCR, penalty_schedule=step(0, 1)), fitted(penalty=BCR))


def test_from_the_moment_of_a_step_on_training_is_that_without(tmp_path):
    fitted(penalty=BCR, keep=tmp_path / "whole.ckpt")  # the first 200 images, with the penalty
    after = fitted(2, ckpt=tmp_path / "whole.ckpt")
    assert same(fitted(2, penalty=BCR, penalty_schedule=step(1, 0, at=200)), after)


@pytest.mark.parametrize("until", [400, 900])
def test_a_resumed_training_ends_with_the_same_bits(until, tmp_path):
    given = {"penalty": SEVERAL, "penalty_schedule": linear(until), "r1_schedule": linear(until), "r1_gamma": 10.0}
    fitted(2, keep=tmp_path / "it.ckpt", **given)
    whole, resumed = fitted(3, **given), fitted(3, ckpt=tmp_path / "it.ckpt", **given)
    assert same(resumed, whole)
    assert not same(whole, fitted(3, penalty=SEVERAL, r1_gamma=10.0))
    loaded = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    for shown in (0, 300, 600, 900):
        found, wanted = (
            {type(term.penalty): term.weight for term in one.terms.due(0, shown)} for one in (loaded, whole)
        )
        assert found == wanted


def test_what_an_augmentation_adds_has_a_schedule_of_its_own():
    module = GANModule(**SMALL, penalty=BCR, penalty_schedule=linear(400))
    module.penalise("another", module.terms.penalties["bcr"])
    assert module.terms.shares.keys() == {"bcr"}


def by_sign(target, images=400):
    return {"name": "r_t", "target": target, "images": images}


def test_before_the_first_decision_there_is_no_penalty():
    """It comes with the fourth batch, and weights begin at 0."""
    given = {"penalty": SEVERAL, "r1_schedule": by_sign(-0.999), "penalty_schedule": by_sign(-0.999)}
    assert same(fitted(images_per_epoch=80, **given), fitted(images_per_epoch=80, r1_gamma=0.0))
    assert not same(fitted(images_per_epoch=100, **given), fitted(images_per_epoch=100, r1_gamma=0.0))


def test_the_weight_follows_what_the_discriminator_says():
    """With a target that is always passed it rises by the images shown over ``images``, every four batches of 20, and
    with an epoch's last, up to the whole."""
    module = fitted(2, r1_gamma=4.0, r1_schedule=by_sign(-0.999))
    assert module.watch.rates == {"r1": pytest.approx(1.0)}
    (term,) = module.terms.due(0, 400)
    assert term.weight == pytest.approx(8)
    assert fitted(1, r1_gamma=4.0, r1_schedule=by_sign(-0.999)).watch.rates == {"r1": pytest.approx(0.5)}
    assert not same(module, fitted(2, r1_gamma=0.0))
    assert not same(module, fitted(2, r1_gamma=4.0))


def test_a_controlled_weight_resumes_with_the_same_bits(tmp_path):
    given = {"penalty": SEVERAL, "penalty_schedule": by_sign(0.1, 500), "r1_schedule": by_sign(0.0, 900)}
    kept = fitted(2, keep=tmp_path / "it.ckpt", **given)
    assert all(0 < rate < 1 for rate in kept.watch.rates.values())
    assert len(set(kept.watch.rates.values())) == 2
    whole, resumed = fitted(3, **given), fitted(3, ckpt=tmp_path / "it.ckpt", **given)
    assert same(resumed, whole)
    assert resumed.watch.rates == whole.watch.rates
    assert whole.watch.rates != kept.watch.rates


def test_what_follows_images_held_out_is_told_of_some():
    options = parse_options(compose(["gan/r1_schedule=r_v", "variant=x", "data.n_train=100"]))
    assert options.hold_outs() == {"gan.r1_schedule.hold_out": 0.1}
    assert options.held_out(100) == 10
    schedule = options.gan.model_dump()["r1_schedule"] | {"target": 0.0001, "images": 400}
    with pytest.raises(ValueError, match="a controller follows r_v"):
        fitted(r1_schedule=schedule)
    module, data = GANModule(**SMALL, r1_schedule=schedule), MNISTDataModule("mnist_5k", n_train=100, batch_size=20)
    data.images_per_epoch = 200
    data = data.holding_out(10)
    module.hold_out(data.train_images, data.held_out_images)
    quiet_trainer(max_epochs=1).fit(module, data)
    assert 0 < module.watch.rates["r1"] < 1


@pytest.mark.parametrize(
    "given", [{"r1_gamma": 0.0, "r1_schedule": {"name": "it"}}, *({key: {"name": "it"}} for key in SCHEDULES[1:])]
)
def test_a_schedule_that_does_not_exist_is_refused_even_where_nothing_has_a_weight(given):
    with pytest.raises(ValueError, match="'it'"):
        GANModule(**SMALL, **given)


@pytest.mark.parametrize("group", SCHEDULES)
def test_every_schedule_may_be_chosen_and_without_one_nothing_is_said(group):
    names = {get_args(one.model_fields["name"].annotation)[0] for one in get_args(get_args(WeightSchedule)[0])}
    assert names == {file.stem for file in (REPOSITORY / "conf" / "gan" / group).glob("*.yaml")}
    for name in names:
        chosen = parse_options(compose([f"gan/{group}={name}", *WITH_ALL, "variant=x"]))
        assert chosen.gan.model_dump()[group]["name"] == name
        assert f"gan.{group}" not in unused(chosen)
    assert not [key for key in parse_options(compose(["variant=x"])).gan.model_dump() if "schedule" in key]
