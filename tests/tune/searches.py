"""A tiny search, as it is typed."""

import yaml

from tests.conftest import TINY
from tests.terminal import typed

# Without an autoencoder's options, which the arm none has no use for, and those of the test.
BASE = [one for one in TINY if not one.startswith(("autoencoder.", "evaluation.classifier_steps", "trainer.progress"))]
ARMS = "append_shift,append_rounded"
SPACE = {
    "gan.r1_gamma": {"low": 0.5, "high": 100, "log": True},
    "gan.lr_generator": {"low": 1e-4, "high": 1e-2, "log": True},
    "gan/loss": ["hinge", "non_saturating"],
}


def arguments(folder, *more, space=SPACE):
    """What is typed for a search with its space and outputs in ``folder``; later options win."""
    file = folder / "space.yaml"
    if not file.exists():
        file.write_text(yaml.safe_dump(space))
    given = [f"tune.space={file}", "tune.trials=3", "tune.seeds=9000", "tune.random_trials=2", "name=it"]
    given += ["tune.pruning=none", *BASE, f"outputs={folder / 'outputs'}", *more]
    return list({one.partition("=")[0]: one for one in given}.values())


def searched(folder, *more, **how):
    """That search, run in this process."""
    return typed("tune", *arguments(folder, *more, **how))
