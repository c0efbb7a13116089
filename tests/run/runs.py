"""Tiny runs, what they leave, and one that is interrupted and gone on with."""

import json

import pytest
import torch

from aeaug.gan import GANModule
from aeaug.run.pipeline import Run
from tests.conftest import options

UNTESTED = "evaluation.test=false"


def run(outputs, *overrides):
    experiment = Run(options(outputs, *overrides))
    experiment.run()
    return experiment


def metrics_of(experiment):
    return json.loads(experiment.folder.metrics.read_text())


def weights_of(experiment):
    return torch.load(experiment.folder.checkpoint, weights_only=True)["state_dict"]


def same_weights(one, other):
    mine, others = weights_of(one), weights_of(other)
    return mine.keys() == others.keys() and all(mine[key].equal(others[key]) for key in mine)


def interrupted(monkeypatch, outputs, *overrides):
    """Have a run of these ``overrides`` end with an error after its second epoch."""
    halted = Run(options(outputs, *overrides))
    healthy = GANModule.mean_losses
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        halted.run()
    monkeypatch.undo()
