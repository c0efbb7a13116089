import pytest
import torch

from aeaug.gan import GANModule
from aeaug.signs.why import held_out_r_v, spread_of_dose, through_views
from tests.signs.test_of_sources import Shifted


class Run:
    """One whose discriminator knows its own 30 images, and none of those held out."""

    def __init__(self, **told):
        self.module = GANModule(generator_width=8, discriminator_width=8, **told)
        self.options = type("Options", (), {"seed": 0})
        self.train = torch.rand(30, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
        self.generated = -torch.ones(30, 1, 28, 28)
        splits = type("Splits", (), {"val_images": torch.arange(100).remainder(9).repeat(784, 1).T.view(100, 28, 28)})
        self.fed = type("Fed", (), {"held_out_images": splits.val_images[:9].byte(), "splits": splits})
        splits.val_images = splits.val_images.byte()


def known(run, held_out):
    """Logits by brightness: 1 of the noisy training images, ``held_out`` of dark ones, 0 of black ones."""

    def judge(images):
        mean = images.flatten(1).mean(1)
        noise = 0.01 * torch.linspace(-1, 1, len(images))
        return torch.where(mean > -0.5, 1.0, torch.where(mean > -1, held_out, 0.0)) + noise

    run.module.judge = judge
    return run


def test_without_a_rate_what_is_seen_is_what_there_is():
    run = known(Run(view={"ada": {"target": 0.6, "images": 100, "most": 0.8}}), 0.0)
    found = through_views(run)
    assert found == {"rate": 0, "raw": 1, "seen": 1, "changed": 0}


def test_a_rate_changes_images():
    run = known(Run(view={"ada": {"target": 0.6, "images": 100, "most": 0.8}}), 0.0)
    run.module.watch.load_state_dict({"rates": {"ada": 0.5}})
    assert through_views(run)["changed"] > 0.5


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_r_v_is_how_far_what_is_held_out_is_from_what_is_known(share):
    found = held_out_r_v(known(Run(), 1 - share))
    assert found["validation"] == pytest.approx(share, abs=0.15)  # a ninth of these are black
    assert 0 <= found["error"] < 0.2


def test_a_change_without_draws_has_no_spread():
    assert spread_of_dose(Shifted(0.5), 0) == pytest.approx(0, abs=1e-6)
    assert 0 < spread_of_dose(Shifted(0.5, noise=True), 0) < 0.05
