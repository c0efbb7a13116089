"""Rates of views and of the generator's images over training: ``gan/view_schedule`` and ``gan/pseudo_schedule``."""

import pytest
import torch

from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.run.options import parse_options, unused
from tests.conftest import compose
from tests.gan.test_penalty_schedules import SMALL, by_sign, fitted, linear, same, step

GEOMETRIC = {"geometric": {"probability": 0.5}}
GENERATED = {"generated": {"probability": 0.5}}
OF = {"view": GEOMETRIC, "pseudo": GENERATED}
CUT = {"diffaugment": {"translation": 0.125, "cutout": 0.5}}

group = pytest.mark.parametrize("group", list(OF))


def scheduled(group, schedule, **more):
    return {group: OF[group], f"{group}_schedule": schedule, **more}


@group
def test_all_of_the_rate_is_the_rate_itself_and_none_of_it_is_nothing(group):
    plain = fitted(**{group: OF[group]})
    assert same(fitted(**scheduled(group, step(1, 0))), plain)
    assert same(fitted(**scheduled(group, step(0, 1))), fitted())
    assert not same(plain, fitted())


@group
def test_half_of_it_is_half_the_rate(group):
    ((name, options),) = OF[group].items()
    halved = {name: {"probability": options["probability"] / 2}}
    assert same(fitted(**scheduled(group, step(0.5, 0))), fitted(**{group: halved}))


@group
def test_from_the_moment_of_a_step_on_training_is_that_without(group, tmp_path):
    fitted(keep=tmp_path / "whole.ckpt", **{group: OF[group]})  # the first 200 images
    after = fitted(2, ckpt=tmp_path / "whole.ckpt")
    assert same(fitted(2, **scheduled(group, step(1, 0, at=200))), after)


@pytest.mark.parametrize(("group", "adaptive"), [("view", "ada"), ("pseudo", "apa")])
def test_by_r_t_it_is_the_adaptive_one_with_its_clamp(group, adaptive):
    """A share of 0.5 that goes from 0 to 1 in 800 images, where the other's p would in 1,600: bit for bit, as both
    rise by powers of two of the same number."""
    other = {group: {adaptive: {"target": 0.1, "images": 1_600, "most": 0.5}}}
    mine, theirs = fitted(4, **scheduled(group, by_sign(0.1, 800))), fitted(4, **other)
    assert same(mine, theirs)
    (rate,), (others,) = mine.watch.rates.values(), theirs.watch.rates.values()
    assert 0 < rate / 2 == others
    assert mine.images_pseudo == theirs.images_pseudo


@group
@pytest.mark.parametrize("schedule", [linear(900), by_sign(0.0, 500)], ids=["linear", "r_t"])
def test_a_resumed_training_ends_with_the_same_bits(group, schedule, tmp_path):
    given = scheduled(group, schedule)
    fitted(2, keep=tmp_path / "it.ckpt", **given)
    whole, resumed = fitted(3, **given), fitted(3, ckpt=tmp_path / "it.ckpt", **given)
    assert same(resumed, whole)
    assert resumed.images_pseudo == whole.images_pseudo
    assert not same(whole, fitted(3, **{group: OF[group]}))
    loaded = GANModule.load_from_checkpoint(tmp_path / "it.ckpt", weights_only=True)
    for shown in (0, 300, 600):
        rates = [(*one.views, *one.pseudo)[0].rate(shown) for one in (loaded, fitted(2, **given))]
        assert rates[0] == rates[1] < 0.5 or shown == 0


def test_noise_that_fades_by_a_schedule_is_noise_that_fades_by_itself():
    """Up to how a share is rounded."""
    noise = {"instance_noise": {"sigma": 0.5, "until": 200}}
    stays = {"instance_noise": {"sigma": 0.5, "until": None}}
    itself = fitted(2, view=noise).state_dict()
    by_schedule = fitted(2, view=stays, view_schedule=linear(200)).state_dict()
    for key, value in itself.items():
        torch.testing.assert_close(by_schedule[key], value, rtol=1e-4, atol=1e-5)
    assert not same(fitted(2, view=stays), fitted(2, view=noise))


def test_a_view_without_a_rate_stays_beside_one_that_has_gone():
    gone = fitted(view=CUT | GEOMETRIC, view_schedule=step(0, 1))
    assert same(gone, fitted(view=CUT))


def test_each_group_has_a_share_of_its_own():
    module = GANModule(
        **SMALL,
        **scheduled("view", by_sign(0.5)),
        **scheduled("pseudo", linear(400)),
    )
    assert module.watch.rates == {"view": 0.0}
    assert module.views[0].rate(0) == 0.0
    assert [module.pseudo[0].rate(shown) for shown in (0, 200, 400)] == [0.5, 0.25, 0.0]


@pytest.mark.parametrize(
    ("given", "idle"),
    [
        (["gan/view=[geometric]"], False),
        (["gan/view=[diffaugment,instance_noise]"], False),
        (["gan/view=[diffaugment,ada]"], True),
        ([], True),
    ],
)
def test_a_schedule_is_of_views_with_a_rate_of_their_own(given, idle):
    fades = ["gan.view.instance_noise.until=null"] if "instance_noise" in str(given) else []
    options = parse_options(compose([*given, *fades, "gan/view_schedule=step", "variant=x"]))
    assert ("gan.view_schedule" in unused(options)) == idle
    assert ("view_schedule" in options.gan.schedules()) != idle


def test_nothing_is_said_of_what_is_not_chosen():
    """So that options of runs of before stay what they were."""
    said = GANOptions.model_fields.keys() & {"view_schedule", "pseudo_schedule"}
    assert said
    assert not said & parse_options(compose(["variant=x"])).gan.model_dump().keys()
