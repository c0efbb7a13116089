import pytest
import torch
from pydantic import ValidationError

from aeaug.perturbation import Encoded, LatentCodes
from aeaug.perturbation.chain import Chain
from aeaug.perturbation.dropout import Dropout
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.interpolate import Interpolate
from tests.perturbation.conftest import draw

LINKS = {
    "interpolate": {"name": "interpolate", "neighbours": 2, "within": "subset"},
    "gaussian": {"name": "gaussian", "gamma": 0.5},
    "dropout": {"name": "dropout", "rate": 0.3},
    "posterior": {"name": "posterior", "temperature": 1.0},
}


def chain(*names):
    return Chain(name="chain", links=[LINKS[name] for name in names])


def test_each_is_given_what_the_one_before_made(codes):
    index, generator = torch.tensor([3, 4, 3]), draw(7)
    first = Interpolate(**LINKS["interpolate"])(codes, index, generator)
    second = Gaussian(**LINKS["gaussian"]).moved(Encoded(first), codes, generator)
    third = Dropout(**LINKS["dropout"]).moved(Encoded(second), codes, generator)
    assert chain("interpolate", "gaussian", "dropout")(codes, index, draw(7)).equal(third)


def test_what_was_made_is_no_training_code_and_may_come_near_its_own_image():
    """On a line of codes at 0, 10, 20, … one step from 20 leads towards 10 or 30; where it ended, the nearest two are
    20 and that one, so the next may lead back to 20 and beyond what was made, but no further than those."""
    line = LatentCodes(10 * torch.arange(5.0)[:, None])
    index = torch.full((4_000,), 2)
    once = Interpolate(**LINKS["interpolate"])(line, index, draw())[:, 0]
    twice = Chain(name="chain", links=[LINKS["interpolate"], LINKS["interpolate"]])(line, index, draw())[:, 0]
    assert ((twice >= 10) & (twice <= 30)).all()
    assert ((once < 20) == (twice < 20)).all()
    back = (twice - 20).abs() < (once - 20).abs()
    assert 0.4 < back.double().mean() < 0.6


def test_the_deviation_stays_that_of_the_image():
    codes = LatentCodes(torch.zeros(2, 1), torch.tensor([[1e-9], [5.0]]))
    moved = chain("gaussian", "posterior")(codes, torch.tensor([0, 1]).repeat(1_000), draw())[:, 0]
    assert moved[::2].abs().max() < 1e-6
    assert moved[1::2].std() == pytest.approx(5.0, rel=0.1)


@pytest.mark.parametrize("links", [[], [LINKS["gaussian"]], [LINKS["gaussian"]] * 9, [{"name": "reconstruct"}] * 2])
def test_it_has_two_to_eight_links_that_perturb(links):
    with pytest.raises(ValidationError):
        Chain(name="chain", links=links)
