"""The script that trains the feature net, on a few hundred digits."""

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation.features import load_feature_net, save_feature_net
from aeaug.evaluation.spaces.labels import shift

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_feature_net.py"
OPTIONS: dict[str, Any] = {"epochs": 2, "batch_size": 50, "lr": 2e-3, "pixels": 1}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_seed_decides_the_weights_and_training_teaches(
    script: dict[str, Any], stored: tuple[Tensor, Tensor], tmp_path: Path
):
    images, labels = (x[::5] for x in stored)  # 100 a class
    before = torch.get_rng_state()
    hashes = []
    for i, seed in enumerate((0, 0, 1)):
        net = script["train"](images, labels, seed=seed, **OPTIONS)
        path = tmp_path / f"{i}.pt"
        save_feature_net(net, {}, path)
        hashes.append(load_feature_net(MNIST, path)[1])
    assert torch.equal(torch.get_rng_state(), before)
    assert hashes[0] == hashes[1] != hashes[2]
    assert script["accuracy"](net, *(x[2::5] for x in stored)) > 0.7
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["0.pt", "1.pt", "2.pt"]


def test_shifts_move_every_image_by_itself(digits: Tensor):
    images = digits[::100]  # none has ink in its border
    shifted = shift(images, 1, torch.Generator().manual_seed(0))
    found = set()
    for image, moved in zip(images, shifted, strict=True):
        offsets = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        matches = [o for o in offsets if torch.equal(image.roll(o, dims=(1, 2)), moved)]
        assert len(matches) == 1
        found.update(matches)
    assert len(found) == 9
    assert torch.equal(shift(images, 0, torch.Generator()), images)


def test_shifting_fills_with_background():
    white = torch.ones(20, 1, 28, 28)
    shifted = shift(white, 2, torch.Generator().manual_seed(0))
    assert set(shifted.unique().tolist()) == {-1.0, 1.0}
    assert shifted.mean((1, 2, 3)).min() > 1 - 2 * (1 - (26 / 28) ** 2) - 1e-6
