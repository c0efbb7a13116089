"""What a block is where its branch says nothing; sizes; its scale at the start; what regularises it reaches inside."""

import pytest
import torch
from torch import nn

from aeaug.gan.networks import build_discriminator, build_generator
from aeaug.gan.networks.resnet import ResidualBlock
from aeaug.gan.regularised import Dropout
from tests.conftest import compose


@pytest.fixture(autouse=True)
def _seeded_initialisation():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def pair(width=8, depth=2):
    return build_generator("resnet", 16, width, depth), build_discriminator("resnet", width, depth)


def blocks(network):
    return [layer for layer in network if isinstance(layer, ResidualBlock)]


def silent(block):
    """The ``block`` with a last convolution of zeros."""
    last = [layer for layer in block.branch if isinstance(layer, nn.Conv2d)][-1]
    nn.init.zeros_(last.weight)
    return block


def averages(x):
    """Of 2×2 pixels each, by their sum."""
    return (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4


def copies(x):
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def test_a_block_that_keeps_its_size_is_the_identity_without_its_last_convolution():
    generator, discriminator = pair()
    for block in (*blocks(generator)[:2], *blocks(discriminator)[2:]):
        x = torch.randn(3, 16, 7, 7)
        assert not block(x).equal(x)
        assert silent(block)(x).equal(x)


def test_one_that_changes_it_averages_or_copies_pixels_beside_a_sum_over_channels():
    generator, discriminator = pair()
    changing = [(block, copies) for block in blocks(generator)[2:]]
    changing += [(block, averages) for block in blocks(discriminator)[:2]]
    for block, resized in changing:
        (mixing,) = [layer for layer in block.shortcut if isinstance(layer, nn.Conv2d)]
        x = torch.randn(3, mixing.in_channels, 14, 14)
        mixed = torch.einsum("oi,nihw->nohw", mixing.weight[:, :, 0, 0], resized(x))
        torch.testing.assert_close(silent(block)(x), mixed, rtol=0, atol=1e-5)


@pytest.mark.parametrize("width", [1, 7, 8])
def test_width_and_depth_are_what_they_say(width):
    generator, discriminator = pair(width, 3)
    seen = {}

    def saw(module, given, made):
        seen.setdefault(made.shape[-1], set()).add(made.shape[1])

    for network in (generator, discriminator):
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d):
                layer.register_forward_hook(saw)
    discriminator(generator(torch.randn(2, 16)))
    half = (width + 1) // 2
    assert seen[28] == {1, half, width}  # width of the discriminator's first, before it averages
    assert seen[14] == {half, width, 2 * width}  # half of the generator's shortcut, before it copies
    assert seen[7] == {width, 2 * width}
    assert [len(blocks(network)) for network in (generator, discriminator)] == [5, 5]


def test_it_has_as_many_weights_as_dcgan():
    options = {name: compose([f"gan={name}"]).gan for name in ("resnet", "dcgan")}
    for part in ("generator", "discriminator"):
        sizes = []
        for name, one in options.items():
            given = [one[f"{part}_width"], one[f"{part}_depth"]]
            built = build_discriminator(name, *given) if part == "discriminator" else build_generator(name, 64, *given)
            sizes.append(sum(weights.numel() for weights in built.parameters()))
        assert sizes[0] == pytest.approx(sizes[1], rel=0.05)


def test_nothing_is_normalised_in_the_discriminator_and_one_image_at_a_time_in_the_generator():
    generator, discriminator = pair()
    kinds = (nn.GroupNorm, nn.LayerNorm, nn.modules.batchnorm._BatchNorm, nn.modules.instancenorm._InstanceNorm)
    assert not any(isinstance(layer, kinds) for layer in discriminator.modules())
    found = [layer for layer in generator.modules() if isinstance(layer, kinds)]
    assert len([one for one in found if isinstance(one, nn.GroupNorm) and one.num_groups == 1]) == 9
    assert [type(one) for one in found if not isinstance(one, nn.GroupNorm)] == [nn.LayerNorm]


@pytest.mark.parametrize("depth", [1, 4])
@torch.no_grad()
def test_each_of_l_blocks_adds_the_lth_part_of_its_mean_square(depth):
    """Of what a block is given, on average over draws; at the border it is less, since zeros lie beyond."""
    x = torch.randn(64, 32, 7, 7)
    drawn = [[block for network in pair(16, depth) for block in blocks(network) if keeps(block)] for _ in range(10)]
    grown = torch.tensor([[block(x).square().mean() for block in one] for one in drawn])
    assert grown.shape == (10, 2 * depth)
    inside = (19 / 21) ** 4  # of 9 neighbours, in either direction, the share that lies inside, for two convolutions
    expected = 1 + inside / (depth + 2)
    torch.testing.assert_close(grown.mean(0), torch.full((2 * depth,), expected), rtol=0.05, atol=0)


def keeps(block):
    return len(block.shortcut) == 0


def test_the_first_images_and_logits_are_of_ordinary_size():
    for depth in (1, 8):
        generator, discriminator = pair(16, depth)
        images = generator(torch.randn(32, 16))
        assert 0.2 < images.std() < 0.9  # tanh neither idle nor saturated
        assert discriminator(images).abs().max() < 5


def test_spectral_norm_and_dropout_reach_inside_the_blocks():
    plain = build_discriminator("resnet", 8, 2)
    network = build_discriminator("resnet", 8, 2, spectral_norm=True, dropout=0.3)
    weighted, activations = (
        sum(isinstance(layer, kinds) for layer in plain.modules()) for kinds in ((nn.Linear, nn.Conv2d), nn.LeakyReLU)
    )
    assert (weighted, activations) == (12, 9)
    assert sum(isinstance(layer, Dropout) for layer in network.modules()) == activations
    for _ in range(100):
        network(torch.randn(2, 1, 28, 28))
    normalised = [layer.weight.detach() for layer in network.modules() if hasattr(layer, "parametrizations")]
    assert len(normalised) == weighted
    for weight in normalised:
        assert float(torch.linalg.matrix_norm(weight.flatten(1), 2)) == pytest.approx(1, abs=0.02)
