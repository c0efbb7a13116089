"""Networks of torch-fidelity's registry; of one that is registered here, for no weights come with the package."""

import sys

import pytest
import torch
from torch import nn

from aeaug.data.images import to_float
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.sets.stacked_mnist import STACKED_MNIST
from aeaug.evaluation.features import extract
from aeaug.evaluation.spaces import PREFIX
from aeaug.evaluation.spaces.fidelity import fidelity_net
from aeaug.faults import Fault

pytest.importorskip("torch_fidelity")

from torch_fidelity.feature_extractor_base import FeatureExtractorBase
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

SEED = [0]  # of the weights of the next extractor that is made


class Corners(FeatureExtractorBase):
    """The first pixel of every channel, and 600 random sums of the last one's."""

    def __init__(self, name, features_list, **kwargs):
        super().__init__(name, features_list)
        self.weight = nn.Parameter(torch.randn(600, generator=torch.Generator().manual_seed(SEED[0])))

    def forward(self, images):
        assert images.dtype == torch.uint8
        assert images.shape[1] == 3
        self.sizes = [*getattr(self, "sizes", []), len(images)]
        return (torch.cat([images[:, :, 0, 0].float(), images[:, -1, -1, -1:] * self.weight], 1),)

    @staticmethod
    def get_provided_features_list():
        return ("corners", "others")

    @staticmethod
    def get_default_feature_layer_for_metric(metric):
        return {"fid": "corners"}[metric]


class Absent(Corners):
    def __init__(self, name, features_list, **kwargs):
        raise OSError("<urlopen error\n[Errno -2] Name or service not known>")


class Weightless(Corners):
    def __init__(self, name, features_list, **kwargs):
        FeatureExtractorBase.__init__(self, name, features_list)
        torch.rand(3)

    def forward(self, images):
        return (images[:, :, 0].flatten(1).double(),)


class Map(Weightless):
    def forward(self, images):
        return (images.float(),)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    for name, kind in (("corners", Corners), ("absent", Absent), ("weightless", Weightless), ("map", Map)):
        monkeypatch.setitem(FEATURE_EXTRACTORS_REGISTRY, name, kind)
    yield
    SEED[0] = 0


def test_it_sees_the_levels_of_stored_images():
    stored = torch.arange(256, dtype=torch.uint8).repeat(28, 1)[:, :28].expand(3, -1, -1).clone()
    stored[:, 0, 0] = torch.tensor([0, 128, 255], dtype=torch.uint8)
    net, _ = fidelity_net(f"{PREFIX}corners", MNIST_5K)
    found = extract(to_float(stored), net)
    assert found.features[:, :3].tolist() == [[0] * 3, [128] * 3, [255] * 3]  # a grey image is one of three channels
    assert found.features.shape == (3, net.num_features) == (3, 603)
    assert found.logits.shape == (3, 0)
    # Between two levels it is the nearest, and beyond the ends the last.
    assert extract(to_float(stored) + 0.4 * 2 / 255, net).features[:, 0].tolist() == [0, 128, 255]


def test_colours_stay_in_their_channels_and_a_few_images_go_at_a_time():
    net, _ = fidelity_net(f"{PREFIX}corners", STACKED_MNIST)
    images = torch.rand(120, 3, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    expected = images[:, :, 0, 0].add(1).mul(127.5).round()
    assert extract(images, net).features[:, :3].equal(expected)
    assert max(net.extractor.sizes) <= 50


def test_the_hash_is_of_the_weights_and_of_the_name():
    _, sha256 = fidelity_net(f"{PREFIX}corners", MNIST_5K)
    assert fidelity_net(f"{PREFIX}corners", MNIST_5K)[1] == sha256
    SEED[0] = 1
    assert fidelity_net(f"{PREFIX}corners", MNIST_5K)[1] != sha256
    assert fidelity_net(f"{PREFIX}weightless", MNIST_5K)[1] not in ("", sha256)


def test_one_without_weights_is_frozen_too_and_nothing_is_drawn():
    before = torch.get_rng_state()
    net, _ = fidelity_net(f"{PREFIX}weightless", MNIST_5K)
    assert torch.equal(torch.get_rng_state(), before)
    assert not net.training
    features = extract(torch.zeros(2, 1, 28, 28), net).features
    assert features.dtype == torch.float32
    assert features.shape == (2, 3 * 28)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "absent",
            r"torch_fidelity:absent: it could not be set up \(<urlopen error .* known>\); its weights are fetched",
        ),
        ("inception", "torch_fidelity:inception: torch-fidelity has no such extractor; it has .*inception-v3-compat"),
        ("map", r"its features of 2 images have the shape \(2, 3, 28, 28\), and are no vectors"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(name, line):
    with pytest.raises(Fault, match=line) as caught:
        fidelity_net(f"{PREFIX}{name}", MNIST_5K)
    assert "\n" not in str(caught.value)


def test_without_the_package_the_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(Fault, match=r"torch_fidelity:corners: .* not installed: pip install .*\[fidelity\]'"):
        fidelity_net(f"{PREFIX}corners", MNIST_5K)
