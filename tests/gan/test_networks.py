"""Shapes and range; per-sample networks without state; initialisation; rebuilt from scalars."""

import pytest
import torch
from torch import Tensor, nn

from aeaug.gan.networks import NETWORKS, build_discriminator, build_generator

LATENT_DIM = 16
SIZES = [(network, width) for network in NETWORKS for width in (8, 24)]


def rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(batch: int, seed: int = 0) -> Tensor:
    return 2 * torch.rand(batch, 1, 28, 28, generator=rng(seed)) - 1


@pytest.fixture(autouse=True)
def _seeded_initialisation():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize(("network", "width"), SIZES)
@pytest.mark.parametrize("batch", [1, 3])
def test_generator_gives_images_within_range(network: str, width: int, batch: int):
    generator = build_generator(network, LATENT_DIM, width, 2)
    out = generator(100 * torch.randn(batch, LATENT_DIM, generator=rng(1)))  # far out: tanh saturates
    assert out.shape == (batch, 1, 28, 28)
    assert out.dtype == torch.float32
    assert out.abs().max() <= 1


@pytest.mark.parametrize(("network", "width"), SIZES)
@pytest.mark.parametrize("batch", [1, 3])
def test_discriminator_gives_one_unbounded_logit_an_image(network: str, width: int, batch: int):
    discriminator = build_discriminator(network, width, 2)
    with torch.no_grad():  # a last layer scaled up gives logits outside [0, 1], so nothing squashes them
        [layer for layer in discriminator if isinstance(layer, nn.Linear)][-1].weight.mul_(1000)
    logits = discriminator(images(batch))
    assert logits.shape == (batch,)
    assert logits.abs().max() > 1


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_does_not_depend_on_its_batch(network: str):
    generator, discriminator = (
        build_generator(network, LATENT_DIM, 24, 2),
        build_discriminator(network, 24, 2),
    )
    z, x = torch.randn(8, LATENT_DIM, generator=rng(2)), images(8)
    # Alone, or among others on a wholly different scale, in training mode, as the GAN's networks always are.
    torch.testing.assert_close(generator(z)[3:4], generator(z[3:4]), rtol=0, atol=1e-5)
    torch.testing.assert_close(generator(torch.cat([z[3:4], 50 * z]))[0], generator(z)[3], rtol=0, atol=1e-5)
    torch.testing.assert_close(discriminator(x)[3:4], discriminator(x[3:4]), rtol=0, atol=1e-5)
    torch.testing.assert_close(discriminator(torch.cat([x[3:4], 50 * x]))[0], discriminator(x)[3], rtol=0, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_parameters_are_the_only_state(network: str):
    for built in (build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)):
        assert list(built.buffers()) == []
        assert set(built.state_dict()) == {name for name, _ in built.named_parameters()}


@pytest.mark.parametrize("network", NETWORKS)
def test_training_and_evaluation_mode_agree(network: str):
    generator, discriminator = build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)
    z = torch.randn(4, LATENT_DIM, generator=rng(3))
    assert torch.equal(generator(z), generator.eval()(z))
    assert torch.equal(discriminator(images(4)), discriminator.eval()(images(4)))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_parameter_gets_a_gradient(network: str):
    generator, discriminator = build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)
    discriminator(generator(torch.randn(16, LATENT_DIM, generator=rng(4)))).square().sum().backward()
    for built in (generator, discriminator):
        for name, parameter in built.named_parameters():
            assert parameter.grad is not None
            assert parameter.grad.abs().sum() > 0, name


def test_article_has_the_articles_sizes():
    generator, discriminator = build_generator("article", 100, 256, 2), build_discriminator("article", 256, 2)
    weights = [parameter.shape for parameter in generator.parameters() if parameter.ndim == 2]
    assert weights == [(256, 100), (256, 256), (784, 256)]
    weights = [parameter.shape for parameter in discriminator.parameters() if parameter.ndim == 2]
    assert weights == [(256, 784), (256, 256), (1, 256)]
    assert not any(isinstance(layer, nn.LayerNorm | nn.GroupNorm) for layer in generator)


def test_article_starts_from_glorot_uniform_weights():
    for built in (build_generator("article", 100, 256, 2), build_discriminator("article", 256, 2)):
        for name, parameter in built.named_parameters():
            if parameter.ndim == 1:
                assert parameter.count_nonzero() == 0, name
            else:
                limit = (6 / sum(parameter.shape)) ** 0.5
                assert 0.95 * limit < parameter.abs().max() <= limit, name
                assert parameter.std().item() == pytest.approx(limit / 3**0.5, rel=0.1), name


def growth(network: nn.Module, h: Tensor) -> Tensor:
    """Mean square of what each weighted layer gives over that of what it is given."""
    ratios = []
    for layer in network.children():
        before = h.square().mean()
        h = layer(h).detach()
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            ratios.append(h.square().mean() / before)
    return torch.stack(ratios)


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_initialisation_keeps_the_scale_of_activations(network: str):
    """On average over draws a layer multiplies the mean square by 2 / (1 + slope²) = 1.92, which LeakyReLU
    takes back, and the last one by 1. The borders of convolutions lose some."""
    draws = range(30)
    z, x = torch.randn(16, 64, generator=rng(5)), torch.randn(16, 1, 28, 28, generator=rng(6))
    for ratios in (
        torch.stack([growth(build_generator(network, 64, 16, 2), z) for _ in draws]).mean(0),
        torch.stack([growth(build_discriminator(network, 16, 2), x) for _ in draws]).mean(0),
    ):
        expected = torch.tensor([2 / 1.04] * (len(ratios) - 1) + [1.0])
        torch.testing.assert_close(ratios, expected, rtol=0.25, atol=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_default_initialisation_is_a_function_of_the_global_seed(network: str):
    def weights(seed: int) -> Tensor:
        torch.manual_seed(seed)
        built = build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)
        return torch.cat([parameter.flatten() for part in built for parameter in part.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_rebuilt_from_scalars_take_saved_weights(network: str, tmp_path):
    z, x = torch.randn(4, LATENT_DIM, generator=rng(7)), images(4)
    first = build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)
    torch.save([part.state_dict() for part in first], tmp_path / "weights.pt")
    second = build_generator(network, LATENT_DIM, 8, 2), build_discriminator(network, 8, 2)
    assert not torch.equal(first[0](z), second[0](z))
    for part, state in zip(second, torch.load(tmp_path / "weights.pt", weights_only=True), strict=True):
        part.load_state_dict(state)
    assert torch.equal(first[0](z), second[0](z))
    assert torch.equal(first[1](x), second[1](x))


def test_unknown_network_and_empty_layers_are_named():
    with pytest.raises(ValueError, match=r"gan\.network=vit"):
        build_generator("vit", 16, 8, 2)
    with pytest.raises(ValueError, match=r"gan\.network=vit"):
        build_discriminator("vit", 8, 2)
    with pytest.raises(ValueError, match=r"gan\.latent_dim=0"):
        build_generator("mlp", 0, 8, 2)
    with pytest.raises(ValueError, match=r"gan\.discriminator_width=-1"):
        build_discriminator("mlp", -1, 2)
    with pytest.raises(ValueError, match=r"gan\.generator_depth=0"):
        build_generator("dcgan", 16, 8, 0)
