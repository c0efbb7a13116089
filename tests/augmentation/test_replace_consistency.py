"""replace_consistency: both of its parts, each as it is alone."""

import torch

from aeaug.augmentation.consistency import Consistency
from aeaug.augmentation.replace import Replace
from aeaug.augmentation.replace_consistency import ReplaceConsistency
from aeaug.gan import GANModule
from tests.augmentation.test_consistency import SMALL

BOTH = ReplaceConsistency(name="replace_consistency", probability=0.3, weight=10.0)
ALONE = Replace(name="replace", probability=0.3)


def entered(augmentation, transform):
    module = GANModule(**SMALL)
    augmentation.enter(module, transform)
    return module


def test_what_is_handed_out_is_that_of_replace():
    assert BOTH.rates() == ALONE.rates() == {"probability": 0.3}
    assert BOTH.real_share() == ALONE.real_share()
    assert BOTH.least(100) == ALONE.least(100)
    assert BOTH.transforms
    assert not ALONE.transforms


def test_the_term_is_that_of_consistency(trained):
    flip = lambda some, _: some.flip(-1)  # noqa: E731
    alone = Consistency(name="consistency", weight=10.0)
    mine, expected = (trained(entered(one, flip)) for one in (BOTH, alone))
    assert all(a.equal(b) for a, b in zip(mine.parameters(), expected.parameters(), strict=True))


def test_where_t_changes_nothing_it_is_replace(trained):
    same, plain = trained(entered(BOTH, lambda some, _: some)), trained(entered(ALONE, lambda some, _: some))
    assert (list(plain.terms.penalties), list(same.terms.penalties)) == (["r1"], ["r1", "consistency"])
    for mine, expected in zip(same.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, expected, rtol=1e-3, atol=1e-5)
