"""The script that trains the label-free feature net, on a few hundred digits."""

import math
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from aeaug.data.idx import IDXFiles, IDXSource
from aeaug.data.images import to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation.features import FeatureNet, extract, load_feature_net
from aeaug.evaluation.spaces.label_free import standardise, vicreg, view
from aeaug.randomness import seeded_init

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_self_supervised_net.py"
OPTIONS: dict[str, Any] = {"epochs": 2, "batch_size": 50, "lr": 2e-3}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_seed_decides_the_weights_and_no_draw_is_global(script: dict[str, Any], stored: tuple[Tensor, Tensor]):
    images = stored[0][::20]
    before = torch.get_rng_state()
    first, again, other = (script["train"](images, seed=seed, **OPTIONS).state_dict() for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)


def test_training_teaches_to_know_an_image_in_its_views(script: dict[str, Any], stored: tuple[Tensor, Tensor]):
    """Of 200 unseen images, a view's nearest is its own more often than before training, and than in pixels."""
    train = script["train"]
    trained = train(stored[0][::20], seed=0, epochs=8, batch_size=50, lr=2e-3)
    untrained = train(stored[0][::20], seed=0, epochs=1, batch_size=50, lr=0.0)
    unseen = to_float(stored[0][5::25])
    first, second = (view(unseen, generator(seed)) for seed in (0, 1))

    def found(a: Tensor, b: Tensor) -> float:
        return (torch.cdist(a, b).argmin(1) == torch.arange(len(a))).double().mean().item()

    share = found(*(extract(x, trained).features for x in (first, second)))
    assert share > found(*(extract(x, untrained).features for x in (first, second))) + 0.03
    assert share > found(first.flatten(1), second.flatten(1))


def test_features_are_standardised_and_nothing_else_changes(digits: Tensor):
    with seeded_init(0, "test"):
        net = FeatureNet(MNIST.shape, num_classes=0)
    images = digits[::20]
    before = extract(images, net).features
    standardise(net, images)
    after = extract(images, net).features
    assert after.mean(0).abs().max() < 1e-5
    assert after.var(0).mean().item() == pytest.approx(1, rel=1e-4)
    centred = before - before.mean(0)
    assert torch.allclose(after, centred / centred.var(0).mean().sqrt(), atol=1e-4)


def test_loss_is_that_of_its_formula():
    first, second = (torch.randn(40, 6, generator=generator(seed), dtype=torch.float64) * 0.8 for seed in (0, 1))
    expected = 25 * sum(((a - b) ** 2).mean().item() for a, b in zip(first, second, strict=True)) / 40
    for y in (first, second):
        covariance = (y - y.mean(0)).T @ (y - y.mean(0)) / 39
        for d in range(6):
            expected += 25 / 2 / 6 * max(0.0, 1 - math.sqrt(covariance[d, d].item() + 1e-4))
            expected += sum(covariance[d, e].item() ** 2 for e in range(6) if e != d) / 6
    assert vicreg(first, second).item() == pytest.approx(expected, rel=1e-12)


def test_loss_vanishes_for_agreeing_wide_and_uncorrelated_views_alone():
    ideal, _ = torch.linalg.qr(torch.randn(50, 5, generator=generator(), dtype=torch.float64) - 0.5)
    ideal = ideal - ideal.mean(0)
    ideal = torch.linalg.qr(ideal).Q * 8  # columns of mean 0, variance 64/49, and no covariance
    loss = vicreg
    assert loss(ideal, ideal).item() == pytest.approx(0, abs=1e-12)
    assert loss(ideal, ideal.roll(1, 0)) > 1  # do not agree
    assert loss(ideal / 4, ideal / 4) > 1  # collapsing
    assert loss(ideal[:, [0, 0, 1, 2, 3]], ideal[:, [0, 0, 1, 2, 3]]) > 0.5  # told twice


def test_views_keep_shape_and_range_and_differ(digits: Tensor):
    images = digits[::25]
    before = images.clone()
    first, again, second = (view(images, generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(images, before)
    assert torch.equal(first, again)
    equal = [torch.equal(a, b) for a, b in zip(first, second, strict=True)]
    assert sum(equal) < 5  # two whole-pixel shifts may be the same
    assert first.shape == images.shape
    assert first.dtype == torch.float32
    assert first.min() >= -1 - 1e-6
    assert first.max() <= 1 + 1e-6


def test_some_views_are_whole_pixel_shifts_so_that_sharp_images_are_known(digits: Tensor):
    """Of the views of which nothing is erased, 30% hold the very pixels of their image."""
    images = digits[::10]
    seen = view(images, generator())
    padded = torch.nn.functional.pad(images, (2,) * 4, value=-1.0)
    shifted = torch.stack([padded[:, :, y : y + 28, x : x + 28] for y in range(5) for x in range(5)])
    exact = ((shifted - seen).abs().amax((2, 3, 4)) < 1e-4).any(0)
    assert exact.double().mean().item() == pytest.approx(0.3 * 0.5, abs=0.1)  # a hole may lie where no ink is


def test_grey_is_left_alone():
    """Contrast is no difference between views: a metric has to see it."""
    flat = torch.full((64, 1, 28, 28), 0.2)
    middle = view(flat, generator())[:, :, 12:16, 12:16]
    assert set(middle.flatten().mul(1e4).round().int().tolist()) == {2000, -10000}  # as it was, or erased


def test_the_command_never_sees_a_label(
    script: dict[str, Any],
    stored: tuple[Tensor, Tensor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """There are none to be seen here, and of the images only those that nothing is measured with."""
    images = torch.full((60_000, 28, 28), 255, dtype=torch.uint8)
    images[35_000:35_100] = stored[0][::50]
    files = IDXFiles(images, *[None] * 3)  # type: ignore[arg-type]
    main = script["main"]
    monkeypatch.setattr(IDXSource, "load", lambda source, root: files)
    out = tmp_path / "net.pt"
    monkeypatch.setattr(sys, "argv", ["x", f"--out={out}", "--images=100", "--epochs=1", "--batch-size=50"])
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    try:
        main()
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
    net, sha256 = load_feature_net(MNIST, out, space="self_supervised")
    assert sha256 in capsys.readouterr().out
    expected = script["train"](stored[0][::50], seed=0, epochs=1, batch_size=50, lr=2e-3)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), expected.parameters(), strict=True))
    saved = torch.load(out, weights_only=True)["metadata"]
    assert saved["trained_on"] == "MNIST training images 35000 to 35099, without labels"


@pytest.mark.parametrize("arguments", [["--images=25001"], ["--images=100"], ["--batch-size=1"]])
def test_refuses_what_it_cannot_train_on(
    script: dict[str, Any], arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["x", *arguments])
    with pytest.raises(SystemExit):
        script["main"]()
    assert "must be 2 ≤ batch ≤ images ≤ 25000" in capsys.readouterr().err
