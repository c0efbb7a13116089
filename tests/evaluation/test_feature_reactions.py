"""What both feature spaces see of what can be wrong with images, and the script that prints it."""

import runpy
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor

from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation.features import SPACES, Space, extract, load_feature_nets
from aeaug.evaluation.metrics.frechet import FrechetDistance

SCRIPT = Path(__file__).parents[2] / "scripts" / "feature_reactions.py"
N = 600


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def sets(script: dict[str, Any], stored: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Of every second embedded image; the others are the reference."""
    images, labels = (x[::2] for x in stored)
    return dict(script["reactions"](images, labels, N))


@pytest.fixture(scope="module")
def distances(sets: dict[str, Tensor], digits: Tensor) -> dict[Space, dict[str, float]]:
    found: dict[Space, dict[str, float]] = {}
    for space, (net, _) in load_feature_nets(MNIST).items():
        to_reference = FrechetDistance(extract(digits[1::2], net).features)
        found[space] = {name: to_reference(extract(images, net).features) for name, images in sets.items()}
    return found


def test_sets_are_images_in_range_and_all_different(sets: dict[str, Tensor]):
    for images in sets.values():
        assert images.shape == (N, 1, 28, 28)
        assert images.dtype == torch.float32
        assert images.min() >= -1
        assert images.max() <= 1
    names = list(sets)
    for i, name in enumerate(names):
        assert not any(torch.equal(sets[name], sets[other]) for other in names[:i])


def test_sets_are_what_their_names_say(sets: dict[str, Tensor], digits: Tensor, stored: tuple[Tensor, Tensor]):
    real = sets["unchanged (the floor)"]
    label = {image.numpy().tobytes(): int(y) for image, y in zip(digits, stored[1], strict=True)}

    def labels(name: str) -> set[int]:
        return {label[image.numpy().tobytes()] for image in sets[name]}

    assert labels("unchanged (the floor)") == set(range(10))
    assert labels("none of class 1") == set(range(10)) - {1}
    assert labels("five classes") == set(range(5))
    assert len(sets["10 copies of a tenth"].unique(dim=0)) == N // 10
    assert len(sets["one image"].unique(dim=0)) == 1
    assert torch.allclose(sets["contrast × 0.8"] + 1, 0.8 * (real + 1), atol=1e-6)
    pixels = sets["32 principal components"].flatten(1)
    assert pixels.clamp(-1, 1).equal(pixels)
    thicker, erased = sets["bright parts wider by a pixel"], sets["a square of 8 pixels erased"]
    assert (thicker >= real).all()
    assert ((erased == real) | (erased == -1)).all()
    assert ((erased != real).sum((1, 2, 3)) <= 64).all()
    shifts = [real.roll(by, dims=(2, 3)) for by in ((1, 0), (-1, 0), (0, 1), (0, -1))]  # no ink lies in the border
    moved = torch.stack([(shift == sets["shifted by one pixel"]).flatten(1).all(1) for shift in shifts])
    assert (moved.sum(0) == 1).double().mean() > 0.99
    assert (moved.sum(1) > N / 8).all()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "weaker_first",
    [
        [f"blur, σ = {sigma} pixels" for sigma in ("0.6", "0.8", "1")],
        ["pixel noise, σ = 0.1", "pixel noise, σ = 0.2"],
        ["contrast × 0.9", "contrast × 0.8"],
        ["none of class 1", "five classes", "one image"],
        ["means of two images", "uniform noise"],
    ],
    ids=lambda names: names[0],
)
def test_what_is_worse_is_farther(distances: dict[Space, dict[str, float]], space: Space, weaker_first: list[str]):
    found = [distances[space][name] for name in ("unchanged (the floor)", *weaker_first)]
    assert all(weaker < 0.95 * stronger for weaker, stronger in pairwise(found))


def test_both_spaces_mostly_agree_in_order_and_not_in_size(distances: dict[Space, dict[str, float]]):
    first, second = (list(found.values()) for found in distances.values())
    assert spearmanr(first, second).statistic > 0.7
    ratios = torch.tensor(first) / torch.tensor(second)
    assert ratios.max() / ratios.min() > 3


def test_probe_tells_apart_what_can_be_told_apart(script: dict[str, Any]):
    labels = torch.arange(3).repeat(40)
    draw = torch.Generator().manual_seed(0)
    centres = torch.tensor([[9.0, 0.0], [0.0, 9.0], [-9.0, -9.0]])
    clouds = centres[labels] + torch.randn(120, 2, generator=draw)
    assert script["probe"](clouds[:60], labels[:60], clouds[60:], labels[60:]) == (1.0, 1.0)
    by_chance = script["probe"](torch.randn(600, 2, generator=draw), labels.repeat(5), clouds, labels.roll(1))
    assert all(share < 0.6 for share in by_chance)


def test_directions_count_those_that_vary(script: dict[str, Any]):
    orthogonal = torch.linalg.qr(torch.randn(200, 6, generator=torch.Generator().manual_seed(0)).double()).Q
    orthogonal = torch.linalg.qr(orthogonal - orthogonal.mean(0)).Q
    count: Callable[..., int] = script["directions"]
    assert count(orthogonal, share=0.99) == 6
    assert count(orthogonal * torch.tensor([10, 10, 1, 0.1, 0.1, 0.1])) == 2


def test_spaces_are_alike_up_to_rotation_scale_and_translation(script: dict[str, Any]):
    draw = torch.Generator().manual_seed(0)
    features, others = torch.randn(2, 5000, 4, generator=draw).double()
    rotation = torch.linalg.qr(torch.randn(4, 4, generator=draw).double()).Q
    cka: Callable[[Tensor, Tensor], float] = script["linear_cka"]
    assert cka(features, 3 * features @ rotation + 7) == pytest.approx(1, abs=1e-12)
    assert cka(features, others) < 0.01
    scales = torch.tensor([1.0, 2.0, 3.0, 4.0]).double()
    white = torch.linalg.qr(features - features.mean(0)).Q
    expected = 30 / (2 * 354**0.5)  # Σ s² / (√4 · √Σ s⁴)
    assert cka(white, white * scales) == pytest.approx(expected, rel=1e-9)


def test_command_refuses_too_few_images(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["x", "--images=20"])
    with pytest.raises(SystemExit):
        script["main"]()
    assert "--images=20: must be from 500 to 5000" in capsys.readouterr().err
