"""The pinned feature nets: their files, what they know, and how features are extracted."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from aeaug.data.description import DataSet
from aeaug.data.images import to_float
from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation.features import (
    SPACES,
    FeatureNet,
    Space,
    extract,
    load_feature_net,
    load_feature_nets,
    net_path,
    save_feature_net,
)
from tests.conftest import REPOSITORY

FILES: dict[Space, Path] = {space: net_path(MNIST, space) for space in SPACES}
OWN = [data for name, data in DATA_SETS.items() if data.feature_nets == name]  # data sets with nets of their own
ACCURATE = {"mnist": 0.99, "fashion_mnist": 0.91}
every_space = pytest.mark.parametrize("space", SPACES)
every_own = pytest.mark.parametrize("data", OWN, ids=lambda data: data.name)


@pytest.fixture(scope="module")
def nets() -> dict[Space, FeatureNet]:
    return {space: net for space, (net, _) in load_feature_nets(MNIST).items()}


@every_own
@every_space
def test_file_is_small_plain_and_complete(data: DataSet, space: Space):
    path = net_path(data, space)
    assert path.stat().st_size < 2e6
    saved = torch.load(path, weights_only=True)
    assert saved["metadata"]["trained_on"].startswith(f"{data.title} training images 35000 to 59999")
    assert {tensor.dtype for tensor in saved["state_dict"].values()} == {torch.float32}
    parameters = dict(load_feature_net(data, space=space)[0].named_parameters())
    assert saved["state_dict"].keys() == parameters.keys()  # no state beside the parameters


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_has_nets_that_know_its_shape_and_classes(name: str):
    data = DATA_SETS[name]
    assert data.feature_nets in DATA_SETS
    for space, (net, _) in load_feature_nets(data).items():
        measured = extract(torch.zeros(2, *data.shape), net)
        assert net.shape == data.shape
        assert measured.logits.shape == (2, data.classes if space == SPACES[0] else 0)


def test_no_data_set_is_measured_by_anothers_nets_but_mnists_images_by_mnists():
    hashes = {data.name: {sha256 for _, sha256 in load_feature_nets(data).values()} for data in DATA_SETS.values()}
    assert hashes["mnist"] == hashes["mnist_5k"]
    assert len(set().union(*hashes.values())) == len(SPACES) * len(OWN)


def test_both_nets_are_loaded_by_name_and_their_hashes_are_those_of_the_files():
    loaded = load_feature_nets(MNIST)
    assert tuple(loaded) == SPACES == ("classifier", "self_supervised")
    hashes = [sha256 for _, sha256 in loaded.values()]
    assert hashes == [hashlib.sha256(FILES[space].read_bytes()).hexdigest() for space in SPACES]
    assert load_feature_net(MNIST)[1] == hashes[0] != hashes[1]
    assert [net.num_classes for net, _ in loaded.values()] == [10, 0]
    assert {net.num_features for net, _ in loaded.values()} == {96}


@every_own
@every_space
def test_documentation_names_the_file_by_its_hash(data: DataSet, space: Space):
    assert load_feature_net(data, space=space)[1] in (REPOSITORY / "docs" / "feature_net.md").read_text()


@every_space
def test_another_weight_gives_another_hash(tmp_path: Path, space: Space):
    saved = torch.load(FILES[space], weights_only=True)
    saved["state_dict"]["body.7.bias"][0] += 1
    torch.save(saved, tmp_path / "net.pt")
    assert load_feature_net(MNIST, tmp_path / "net.pt", space=space)[1] != load_feature_net(MNIST, space=space)[1]


@every_space
def test_what_is_saved_is_loaded_again_under_any_name(tmp_path: Path, space: Space):
    net, _ = load_feature_net(MNIST, space=space)
    for name in ("a.pt", "another.pt"):
        save_feature_net(net, {"seed": 3}, tmp_path / name)
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "another.pt").read_bytes()
    again, _ = load_feature_net(MNIST, tmp_path / "a.pt", space=space)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters(), strict=True))
    assert torch.load(tmp_path / "a.pt", weights_only=True)["metadata"] == {"seed": 3}


@every_space
def test_loading_leaves_the_global_stream_alone_and_the_net_frozen(space: Space):
    before = torch.get_rng_state()
    net, _ = load_feature_net(MNIST, space=space)
    assert torch.equal(torch.get_rng_state(), before)
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


@every_space
@pytest.mark.parametrize("content", [b"", b"not weights", None], ids=["empty", "text", "missing"])
def test_refuses_a_file_that_is_no_feature_net(tmp_path: Path, space: Space, content: bytes | None):
    path = tmp_path / "net.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"feature net: .*net\.pt"):
        load_feature_net(MNIST, path, space=space)


@every_space
def test_refuses_the_weights_of_another_net(tmp_path: Path, space: Space):
    torch.save({"state_dict": torch.nn.Linear(2, 2).state_dict()}, tmp_path / "net.pt")
    (other,) = set(SPACES) - {space}
    for path in (tmp_path / "net.pt", FILES[other]):
        with pytest.raises(ValueError, match=f"does not hold the weights of a FeatureNet of the space {space}"):
            load_feature_net(MNIST, path, space=space)


@pytest.mark.parametrize("name", DATA_SETS)
@every_space
def test_refuses_a_net_of_another_data_set_and_names_both(name: str, space: Space):
    own = DATA_SETS[DATA_SETS[name].feature_nets or ""]
    (other,) = (data for data in OWN if data != own)
    said = rf"was trained on {other.title} training images [^\n]*, and data\.name={name} needs one of {own.title}'s"
    with pytest.raises(ValueError, match=rf"^feature net: \S+\.pt {said}: take another file$"):
        load_feature_net(DATA_SETS[name], net_path(other, space), space=space)


@every_space
def test_a_net_of_mnist_measures_whatever_is_made_of_its_images(space: Space):
    for data in DATA_SETS.values():
        if data.feature_nets == MNIST.name:
            assert load_feature_net(data, FILES[space], space=space)[1] == load_feature_net(MNIST, space=space)[1]


def test_refuses_a_space_that_there_is_not():
    with pytest.raises(ValueError, match="space: expected one of classifier, self_supervised, got 'inception'"):
        load_feature_net(MNIST, space="inception")  # type: ignore[arg-type]


def test_where_the_package_has_no_nets_those_of_a_path_are_loaded_and_without_one_a_line_says_so(tmp_path: Path):
    data = replace(MNIST, name="mine", feature_nets=None)
    net, sha256 = load_feature_net(data, FILES["classifier"])
    assert net.num_classes == 10
    assert sha256 == load_feature_net(MNIST)[1]
    with pytest.raises(ValueError, match=r"^feature net: the package has none for data=mine.*path[^\n]*$"):
        load_feature_net(data)
    with pytest.raises(ValueError, match="no file at"):
        load_feature_net(data, tmp_path / "missing.pt")


def test_refuses_a_file_that_would_run_code(tmp_path: Path):
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "harm"),)

    torch.save({"state_dict": Harmful()}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="does not hold the weights of a FeatureNet"):
        load_feature_net(MNIST, tmp_path / "net.pt")
    assert not (tmp_path / "harm").exists()


def test_knows_unseen_digits(net: FeatureNet, digits: Tensor, stored: tuple[Tensor, Tensor]):
    features = extract(digits, net)
    assert features.features.shape == (5000, FeatureNet.num_features)
    assert features.logits.shape == (5000, 10)
    assert (features.logits.argmax(1) == stored[1]).double().mean() > 0.99


@every_own
def test_knows_the_test_set(data: DataSet, root_of: Callable[[str], Path]):
    splits, (net, _) = DATA_SETS[data.name].load(root_of(data.name)), load_feature_net(data)
    right = extract(to_float(splits.test_images), net).logits.argmax(1) == splits.test_labels
    accuracy = right.double().mean().item()
    assert accuracy > ACCURATE[data.name]
    recorded = torch.load(net_path(data, "classifier"), weights_only=True)["metadata"]["test_accuracy"]
    assert accuracy == pytest.approx(recorded, abs=3e-4)  # rounding may turn an image or two


def _of_a_neighbours_class(features: Tensor, labels: Tensor) -> float:
    """The share of 1,000 whose nearest of 4,000 others is of the same class."""
    shuffled = torch.randperm(5000, generator=torch.Generator().manual_seed(0))
    known, asked = shuffled[:4000], shuffled[4000:]
    nearest = torch.cdist(features[asked], features[known]).argmin(1)
    return (labels[known][nearest] == labels[asked]).double().mean().item()


def test_the_other_net_knows_digits_without_having_been_told(
    nets: dict[Space, FeatureNet], digits: Tensor, stored: tuple[Tensor, Tensor]
):
    """The nearest of 4,000 others is of the same class, much more often than in pixels."""

    def accuracy(features: Tensor) -> float:
        return _of_a_neighbours_class(features, stored[1])

    found = accuracy(extract(digits, nets["self_supervised"]).features)
    assert found > 0.95
    assert 1 - found < 0.7 * (1 - accuracy(digits.flatten(1)))


def test_the_other_net_has_no_logits(nets: dict[Space, FeatureNet], digits: Tensor):
    measured = extract(digits[:7], nets["self_supervised"], batch_size=3)
    assert measured.features.shape == (7, 96)
    assert measured.logits.shape == (7, 0)


def test_self_supervised_features_have_a_unit(nets: dict[Space, FeatureNet], digits: Tensor):
    """Scaled on what the net was trained on: unseen digits have nearly the same mean and spread."""
    features = extract(digits, nets["self_supervised"]).features
    assert features.var(0).mean().item() == pytest.approx(1, abs=0.15)
    assert features.mean(0).square().mean().item() < 0.05


def test_spaces_are_alike_and_not_the_same(nets: dict[Space, FeatureNet], digits: Tensor):
    """By linear CKA (Kornblith et al. 2019, arXiv:1905.00414): 1 for spaces that differ by rotation and scale."""
    first, second = (extract(digits, net).features.double() for net in nets.values())
    first, second = first - first.mean(0), second - second.mean(0)
    alike = (first.T @ second).square().sum() / ((first.T @ first).norm() * (second.T @ second).norm())
    assert 0.3 < alike < 0.9


def test_logits_follow_from_features(net: FeatureNet, digits: Tensor):
    measured = extract(digits[::100], net)
    assert torch.allclose(measured.logits, net.classifier(measured.features.relu()), atol=1e-4)


@every_space
def test_repeats_bit_for_bit_and_hardly_depends_on_the_batch(
    nets: dict[Space, FeatureNet], space: Space, digits: Tensor
):
    images, net = digits[:201], nets[space]
    once, again = extract(images, net), extract(images, net)
    assert torch.equal(once.features, again.features)
    assert torch.equal(once.logits, again.logits)
    scale = once.features.std()
    for batch_size in (1, 7, 200, 1000):
        other = extract(images, net, batch_size=batch_size)
        assert torch.allclose(other.features, once.features, rtol=0, atol=1e-5 * scale)


@every_space
def test_an_image_does_not_depend_on_its_neighbours(nets: dict[Space, FeatureNet], space: Space, digits: Tensor):
    images, net = digits[::500], nets[space]
    alone = torch.cat([extract(image[None], net).features for image in images])
    assert torch.allclose(alone, extract(images, net).features, rtol=0, atol=1e-5 * alone.std())


def test_no_images_give_no_features(net: FeatureNet):
    assert extract(torch.zeros(0, 1, 28, 28), net).features.shape == (0, FeatureNet.num_features)


@every_space
def test_precision_is_full_inside_autocast(nets: dict[Space, FeatureNet], space: Space, digits: Tensor):
    images, net = digits[:50], nets[space]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = extract(images, net)
    assert inside.features.dtype == torch.float32
    assert torch.equal(inside.features, extract(images, net).features)


@every_space
def test_a_stack_has_the_features_of_its_channels(space: Space, digits: Tensor):
    data = DATA_SETS["stacked_mnist_5k"]
    net, sha256 = load_feature_net(data, space=space)
    grey, same = load_feature_net(MNIST, space=space)
    assert sha256 == same
    stacks = digits[: 3 * 40].reshape(40, 3, 28, 28)
    whole, single = extract(stacks, net), extract(digits[: 3 * 40], grey)
    torch.testing.assert_close(whole.features, single.features.view(40, 3 * 96), rtol=0, atol=1e-4)
    if space == SPACES[0]:
        modes = (single.logits.argmax(1).view(40, 3) * torch.tensor([100, 10, 1])).sum(1)
        assert whole.logits.argmax(1).equal(modes)
        torch.testing.assert_close(whole.logits.exp().sum(1), torch.ones(40))
