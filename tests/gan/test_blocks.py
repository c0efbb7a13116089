"""Several batches in one training step: the same bits as one in each."""

import json

import pytest
import torch

from aeaug.data import MNISTDataModule
from aeaug.run.pipeline import Run
from tests.conftest import options

KINDS = {
    "plain": ["arm=none"],
    "turns": ["arm=wgan_gp", "gan.discriminator_steps=3"],
    "ada": ["arm=ada", "gan.view.ada.images=400"],
    "lecam": ["arm=lecam"],
    "dropout": ["arm=dropout"],
    "controlled rate": ["arm=append_gaussian_r_t", "schedule.images=400"],
    "snapshot": ["arm=append_hard"],
    "bf16": ["arm=none", "trainer.precision=bf16-mixed"],
    "decoded images in bf16": ["arm=append_gaussian", "trainer.precision=bf16-mixed"],
    "filtered images in bf16": ["arm=append_score", "trainer.precision=bf16-mixed"],
    "labels in bf16": ["arm=append_labels", "trainer.precision=bf16-mixed"],
    "consistency in bf16": ["arm=consistency_gaussian", "trainer.precision=bf16-mixed"],
    "penalty's weight by a controller": ["arm=lecam", "gan/penalty_schedule=r_t", "gan.penalty_schedule.images=400"],
    "penalty's schedule": ["arm=none", "gan/r1_schedule=linear", "gan.r1_schedule.until=600"],
}


def ended(outputs, *given):
    run = Run(options(outputs, *given, "evaluation.test=false", "budget.images=800", "budget.images_per_epoch=400"))
    run.run()
    content = torch.load(run.folder.checkpoint, weights_only=True)
    history = [{key: value for key, value in entry.items() if key != "seconds"} for entry in run.folder.read_history()]
    work = json.loads(run.folder.metrics.read_text())["work"]
    return run.module.trainer.num_training_batches, content, history, work


def assert_same(one, other):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    else:
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("kind", KINDS)
def test_a_block_of_batches_is_one_batch_after_another(kind, tmp_path, monkeypatch):
    count, content, *rest = ended(tmp_path, *KINDS[kind], "variant=blocks")
    monkeypatch.setattr(MNISTDataModule, "in_blocks", property(lambda data: False, lambda data, value: None))
    one_by_one, alone, *others = ended(tmp_path, *KINDS[kind], "variant=alone")
    assert (count, one_by_one) == (5 if "rate" in kind else 1, 20)
    assert rest == others
    for part in ("progress", "state_dict", "optimizer_states"):
        assert_same(content[part], alone[part])
