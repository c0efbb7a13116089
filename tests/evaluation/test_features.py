"""The pinned feature net: its file, its accuracy, and how features are extracted."""

import hashlib
import os
from pathlib import Path

import pytest
import torch
from torch import Tensor

from aeaug.data.images import to_float
from aeaug.data.mnist import load_mnist
from aeaug.evaluation.features import FEATURE_NET_PATH, FeatureNet, extract, load_feature_net


def test_file_is_small_plain_and_complete():
    assert FEATURE_NET_PATH.stat().st_size < 2e6
    saved = torch.load(FEATURE_NET_PATH, weights_only=True)
    assert saved["metadata"]["trained_on"] == "MNIST training images 35000 to 59999"
    assert saved["metadata"]["test_accuracy"] > 0.99
    assert {tensor.dtype for tensor in saved["state_dict"].values()} == {torch.float32}


def test_hash_is_that_of_the_file(tmp_path: Path):
    content = FEATURE_NET_PATH.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    assert load_feature_net()[1] == load_feature_net()[1] == sha256
    changed = tmp_path / "net.pt"
    saved = torch.load(FEATURE_NET_PATH, weights_only=True)
    saved["state_dict"]["classifier.bias"][0] += 1
    torch.save(saved, changed)
    assert load_feature_net(changed)[1] != sha256


def test_loading_leaves_the_global_stream_alone_and_the_net_frozen():
    before = torch.get_rng_state()
    net, _ = load_feature_net()
    assert torch.equal(torch.get_rng_state(), before)
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize("content", [b"", b"not weights", None], ids=["empty", "text", "missing"])
def test_refuses_a_file_that_is_no_feature_net(tmp_path: Path, content: bytes | None):
    path = tmp_path / "net.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"feature net: .*net\.pt"):
        load_feature_net(path)


def test_refuses_the_weights_of_another_net(tmp_path: Path):
    torch.save({"state_dict": torch.nn.Linear(2, 2).state_dict()}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="does not hold the weights of a FeatureNet"):
        load_feature_net(tmp_path / "net.pt")


def test_refuses_a_file_that_would_run_code(tmp_path: Path):
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "harm"),)

    torch.save({"state_dict": Harmful()}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="does not hold the weights of a FeatureNet"):
        load_feature_net(tmp_path / "net.pt")
    assert not (tmp_path / "harm").exists()


def test_knows_unseen_digits(net: FeatureNet, digits: Tensor, stored: tuple[Tensor, Tensor]):
    features = extract(digits, net)
    assert features.features.shape == (5000, FeatureNet.num_features)
    assert features.logits.shape == (5000, 10)
    assert (features.logits.argmax(1) == stored[1]).double().mean() > 0.99


def test_knows_the_test_set(net: FeatureNet, mnist_root: Path):
    files = load_mnist(mnist_root, download=False)
    right = extract(to_float(files.test_images), net).logits.argmax(1) == files.test_labels
    accuracy = right.double().mean().item()
    assert accuracy > 0.99
    recorded = torch.load(FEATURE_NET_PATH, weights_only=True)["metadata"]["test_accuracy"]
    assert accuracy == pytest.approx(recorded, abs=3e-4)  # rounding may turn an image or two


def test_logits_follow_from_features(net: FeatureNet, digits: Tensor):
    measured = extract(digits[::100], net)
    assert torch.allclose(measured.logits, net.classifier(measured.features.relu()), atol=1e-4)


def test_repeats_bit_for_bit_and_hardly_depends_on_the_batch(net: FeatureNet, digits: Tensor):
    images = digits[:201]
    once, again = extract(images, net), extract(images, net)
    assert torch.equal(once.features, again.features)
    assert torch.equal(once.logits, again.logits)
    scale = once.features.std()
    for batch_size in (1, 7, 200, 1000):
        other = extract(images, net, batch_size=batch_size)
        assert torch.allclose(other.features, once.features, rtol=0, atol=1e-5 * scale)


def test_an_image_does_not_depend_on_its_neighbours(net: FeatureNet, digits: Tensor):
    images = digits[::500]
    alone = torch.cat([extract(image[None], net).features for image in images])
    assert torch.allclose(alone, extract(images, net).features, rtol=0, atol=1e-5 * alone.std())


def test_no_images_give_no_features(net: FeatureNet):
    assert extract(torch.zeros(0, 1, 28, 28), net).features.shape == (0, FeatureNet.num_features)


def test_precision_is_full_inside_autocast(net: FeatureNet, digits: Tensor):
    images = digits[:50]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = extract(images, net)
    assert inside.features.dtype == torch.float32
    assert torch.equal(inside.features, extract(images, net).features)
