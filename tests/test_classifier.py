"""The small classifier: it learns what there is to learn, nothing else, and always by the same amount of work."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from aeaug import classifier as module
from aeaug.classifier import ImageClassifier, train_classifier
from aeaug.data import MNISTDataModule, to_float

QUICK = 4  # steps, where not the learning is in question


@pytest.fixture(scope="module")
def pool(embedded: MNISTDataModule) -> Tensor:
    """Real images ``(3500, 1, 28, 28)``; the classes come in turn."""
    return to_float(embedded.splits.pool_images)


def weights(net: ImageClassifier) -> Tensor:
    return torch.cat([p.flatten() for p in net.parameters()])


@pytest.mark.parametrize(("n", "least"), [(500, 0.9), (3500, 0.955)])
def test_learns_digits(embedded: MNISTDataModule, pool: Tensor, n: int, least: float):
    splits = embedded.splits
    net = train_classifier(pool[:n], splits.pool_labels[:n], 10, 0, "test")
    right = net.classes(to_float(splits.test_images)) == splits.test_labels
    assert least < right.double().mean() < 0.995


@pytest.mark.parametrize(
    ("change", "least", "most"),
    [(lambda x: 0.3 * x + 0.7 * avg_pool2d(x, 3, 1, 1), 0.97, 1), (lambda x: x, 0.4, 0.6)],
    ids=["blurred", "alike"],
)
def test_tells_two_kinds_apart_only_where_they_differ(
    pool: Tensor, change: Callable[[Tensor], Tensor], least: float, most: float
):
    images = torch.cat([pool[:1000], change(pool[1000:2000])])
    net = train_classifier(images, torch.arange(2).repeat_interleave(1000), 2, 0, "kinds")
    held_out = torch.cat([net.classes(pool[2000:2750]) == 0, net.classes(change(pool[2750:])) == 1])
    assert least <= held_out.double().mean() <= most


@pytest.mark.parametrize("n", [1, 32, 64, 100, 1000])
def test_equal_work_in_passes_whatever_the_number_of_images(monkeypatch: pytest.MonkeyPatch, n: int):
    seen: list[Tensor] = []
    loss = module.cross_entropy
    monkeypatch.setattr(module, "cross_entropy", lambda x, y: (seen.append(y), loss(x, y))[1])
    train_classifier(torch.zeros(n, 1, 28, 28), torch.arange(n), 1000, 0, "test", QUICK)
    assert [len(targets) for targets in seen] == [32] * 4
    counts = torch.cat(seen).bincount(minlength=n)
    assert counts.max() - counts.min() <= 1


def test_passes_differ_in_order(monkeypatch: pytest.MonkeyPatch):
    seen: list[Tensor] = []
    loss = module.cross_entropy
    monkeypatch.setattr(module, "cross_entropy", lambda x, y: (seen.append(y), loss(x, y))[1])
    train_classifier(torch.zeros(32, 1, 28, 28), torch.arange(32), 32, 0, "test", QUICK)
    assert len({tuple(targets.tolist()) for targets in [*seen, torch.arange(32)]}) == 5


def test_a_function_of_its_arguments_alone(pool: Tensor):
    targets, before = torch.arange(100) % 10, torch.get_rng_state()
    once = weights(train_classifier(pool[:100], targets, 10, 0, "one", QUICK))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(5)
    assert torch.equal(weights(train_classifier(pool[:100], targets, 10, 0, "one", QUICK)), once)
    assert not torch.equal(weights(train_classifier(pool[:100], targets, 10, 1, "one", QUICK)), once)
    assert not torch.equal(weights(train_classifier(pool[:100], targets, 10, 0, "other", QUICK)), once)


@pytest.mark.parametrize(
    "context",
    [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu", dtype=torch.bfloat16)],
    ids=["no_grad", "inference_mode", "autocast"],
)
def test_the_callers_context_changes_nothing(pool: Tensor, context: Callable[[], object]):
    targets = torch.arange(100) % 10
    expected, logits = train_classifier(pool[:100], targets, 10, 0, "test", QUICK), []
    with context():
        net = train_classifier(pool[:100] * 1, targets * 1, 10, 0, "test", QUICK)  # tensors made inside, too
        net.register_forward_hook(lambda module, inputs, output: logits.append(output))
        found = net.classes(pool[:50])
    assert logits[0].dtype == torch.float32
    assert torch.equal(weights(net), weights(expected))
    assert torch.equal(found, expected.classes(pool[:50]))
    assert not any(p.requires_grad or p.is_inference() for p in net.parameters())


def test_classes_do_not_depend_on_the_chunk(monkeypatch: pytest.MonkeyPatch, pool: Tensor):
    net = train_classifier(pool[:100], torch.arange(100) % 10, 10, 0, "test", QUICK)
    expected = net(pool[:30]).argmax(1)
    monkeypatch.setattr(module, "CHUNK", 7)
    found = net.classes(pool[:30].double())
    assert found.dtype == torch.int64
    assert torch.equal(found, expected)
    assert net.classes(pool[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("images", "targets", "message"),
    [
        (torch.zeros(5, 28, 28), torch.zeros(5).long(), r"images: expected shape \(N, C, H, W\)"),
        (torch.zeros(0, 1, 28, 28), torch.zeros(0).long(), "images: expected shape .* with N >= 1"),
        (torch.zeros(5, 1, 28, 28), torch.zeros(4).long(), r"targets: expected \(5,\) int64, got \(4,\)"),
        (torch.zeros(5, 1, 28, 28), torch.zeros(5), "targets: expected .* int64, got .* torch.float32"),
        (torch.zeros(5, 1, 28, 28), torch.full((5,), 3), r"targets: must lie in \[0, 3\), found 3 to 3"),
        (torch.zeros(5, 1, 28, 28), torch.full((5,), -1), r"targets: must lie in \[0, 3\), found -1 to -1"),
    ],
    ids=["shape", "none", "count", "type", "above", "below"],
)
def test_refuses_what_cannot_be_learnt(images: Tensor, targets: Tensor, message: str):
    with pytest.raises(ValueError, match=message):
        train_classifier(images, targets, 3, 0, "test")
