"""score against a rule written out, over snapshots."""

from types import SimpleNamespace

import pytest
import torch

from aeaug.augmentation.filters.score import Score
from aeaug.data import to_float


def rule_of(decoded, snapshot, quantile):
    return Score(name="score", quantile=quantile, tries=1).rule(decoded, snapshot, seed=0)


@pytest.mark.parametrize("quantile", [0.0, 0.25, 0.9, 1.0])
def test_as_real_as_a_share_of_the_training_images(quantile, decoded, judging, embedded, draw):
    training = sorted(to_float(embedded.train_images).flatten(1).mean(1).tolist())
    place = quantile * (len(training) - 1)
    low = training[int(place)]
    least = low + (place % 1) * (training[min(int(place) + 1, len(training) - 1)] - low)
    images = to_float(embedded.splits.val_images[:300])
    found = rule_of(decoded, judging[1], quantile)(images, torch.zeros(300, dtype=torch.long))
    expected = images.flatten(1).mean(1) >= least
    assert found.equal(expected)
    assert expected.sum() > 0 or quantile == 1
    assert not expected.all() or quantile == 0


def test_it_goes_by_the_snapshot_and_follows_it(decoded, judging, embedded):
    module, snapshot = judging
    rule = rule_of(decoded, snapshot, 0.5)
    images, nobody = to_float(embedded.splits.val_images[:100]), torch.zeros(100, dtype=torch.long)
    bright = rule(images, nobody)
    with torch.no_grad():
        module.discriminator.factor.neg_()
    assert rule(images, nobody).equal(bright)
    snapshot.take()
    assert rule(images, nobody).equal(~bright)


def test_the_quantile_is_worked_out_once_for_a_snapshot(decoded, judging, embedded):
    _, snapshot = judging
    asked, network = [], snapshot._network.forward
    snapshot._network.forward = lambda images: asked.append(len(images)) or network(images)
    rule = rule_of(decoded, snapshot, 0.5)
    images = to_float(embedded.splits.val_images[:10])
    for _ in range(3):
        rule(images, torch.zeros(10, dtype=torch.long))
    assert asked == [200, 10, 10, 10]
    snapshot.take()
    rule(images, torch.zeros(10, dtype=torch.long))
    assert asked == [200, 10, 10, 10, 200, 10]


def test_of_a_large_subset_the_first_two_thousand_images_are_looked_at():
    """A thousand are black, the next thousand white, and all that follow a little brighter than grey."""
    images = torch.tensor([0] * 1_000 + [255] * 1_000 + [128] * 500, dtype=torch.uint8)
    snapshot = type("Bright", (), {"taken": 0, "__call__": lambda self, images: images.flatten(1).mean(1)})()
    rule = rule_of(SimpleNamespace(images=images.view(-1, 1, 1).expand(-1, 2, 2)), snapshot, 0.5)
    grey = torch.tensor([-0.1, 0.0, 0.1]).view(3, 1, 1, 1)
    assert rule(grey, None).tolist() == [False, True, True]


def test_where_the_discriminator_cannot_tell_everything_is_accepted(decoded, judging, embedded):
    module, snapshot = judging
    with torch.no_grad():
        module.discriminator.factor.zero_()
    snapshot.take()
    for quantile in (0.0, 0.3, 1.0):
        assert rule_of(decoded, snapshot, quantile)(to_float(embedded.splits.val_images[:50]), None).all()
