"""append_consistency: both of its parts, each as it is alone."""

import torch

from aeaug.augmentation.append import Append
from aeaug.augmentation.append_consistency import AppendConsistency
from aeaug.augmentation.consistency import Consistency
from aeaug.gan import GANModule
from tests.augmentation.test_consistency import SMALL

BOTH = AppendConsistency(name="append_consistency", ratio=2.0, weight=10.0)
ALONE = Append(name="append", ratio=2.0)


def entered(augmentation, transform):
    module = GANModule(**SMALL)
    augmentation.enter(module, transform)
    return module


def test_what_is_handed_out_is_that_of_append():
    assert BOTH.rates() == ALONE.rates() == {"ratio": 2.0}
    assert BOTH.real_share() == ALONE.real_share()
    assert BOTH.least(100) == ALONE.least(100)
    assert BOTH.transforms
    assert not ALONE.transforms


def test_the_term_is_that_of_consistency(trained):
    flip = lambda some, _: some.flip(-1)  # noqa: E731
    alone = Consistency(name="consistency", weight=10.0)
    mine, expected = (trained(entered(one, flip)) for one in (BOTH, alone))
    assert all(a.equal(b) for a, b in zip(mine.parameters(), expected.parameters(), strict=True))


def test_where_t_changes_nothing_it_is_append(trained):
    same, plain = trained(entered(BOTH, lambda some, _: some)), trained(entered(ALONE, lambda some, _: some))
    assert (list(plain.terms.penalties), list(same.terms.penalties)) == (["r1"], ["r1", "consistency"])
    for mine, expected in zip(same.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, expected, rtol=1e-3, atol=1e-5)
