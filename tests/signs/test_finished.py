"""What is read of a whole run is what it has trained."""

import pytest
import torch

from aeaug.signs.finished import Finished
from aeaug.signs.pair import decoded_over_generated, leaked, steepest
from tests.conftest import options
from tests.run.runs import UNTESTED, run

pytestmark = pytest.mark.usefixtures("stocked")


def test_a_finished_run_is_rebuilt_as_it_ended(tmp_path):
    ended = run(tmp_path, "arm=append_gaussian", UNTESTED)
    found = Finished(ended.folder.path)
    assert found.readings == ended.folder.read_history()
    with torch.no_grad():
        real, decoded = (float(found.module.judge(one).double().mean()) for one in (found.train, found.decoded))
    assert real == pytest.approx(found.readings[-1]["discriminator"]["logit_train"])
    assert decoded == pytest.approx(found.readings[-1]["discriminator"]["logit_decoded"])
    assert found.generated.shape == (1_000, 1, 28, 28)
    assert torch.isfinite(torch.tensor([steepest(found), decoded_over_generated(found)])).all()


def test_one_that_never_ended_is_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="no finished run"):
        Finished(tmp_path / "runs")


def test_a_leak_is_measured_as_at_the_end_of_a_tested_run(tmp_path):
    ended = run(tmp_path, "arm=none", "evaluation.autoencoder=true")
    found = Finished(ended.folder.path)
    assert leaked(found) == pytest.approx(found.metrics["leak"]["share_generated"], abs=0.05)


def test_an_arm_without_an_autoencoder_has_the_steps_of_the_others(tmp_path):
    ended = run(tmp_path, "arm=none", "autoencoder.steps=auto", UNTESTED)
    found = Finished(ended.folder.path)
    assert found.options.autoencoder.steps is None
    assert (
        found.with_steps.autoencoder.steps
        == options(tmp_path, "arm=append_gaussian", "autoencoder.steps=auto").autoencoder.steps
    )
