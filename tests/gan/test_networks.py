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
    generator = build_generator(network, LATENT_DIM, width)
    out = generator(100 * torch.randn(batch, LATENT_DIM, generator=rng(1)))  # far out: tanh saturates
    assert out.shape == (batch, 1, 28, 28)
    assert out.dtype == torch.float32
    assert -1 <= out.min() and out.max() <= 1


@pytest.mark.parametrize(("network", "width"), SIZES)
@pytest.mark.parametrize("batch", [1, 3])
def test_discriminator_gives_one_unbounded_logit_an_image(network: str, width: int, batch: int):
    discriminator = build_discriminator(network, width)
    with torch.no_grad():  # a last layer scaled up gives logits outside [0, 1], so nothing squashes them
        [layer for layer in discriminator if isinstance(layer, nn.Linear)][-1].weight.mul_(1000)
    logits = discriminator(images(batch))
    assert logits.shape == (batch,)
    assert logits.abs().max() > 1


@pytest.mark.parametrize("network", NETWORKS)
def test_a_sample_does_not_depend_on_its_batch(network: str):
    generator, discriminator = build_generator(network, LATENT_DIM, 24), build_discriminator(network, 24)
    z, x = torch.randn(8, LATENT_DIM, generator=rng(2)), images(8)
    # Alone, or among others on a wholly different scale, in training mode, as the GAN's networks always are.
    torch.testing.assert_close(generator(z)[3:4], generator(z[3:4]), rtol=0, atol=1e-5)
    torch.testing.assert_close(generator(torch.cat([z[3:4], 50 * z]))[0], generator(z)[3], rtol=0, atol=1e-5)
    torch.testing.assert_close(discriminator(x)[3:4], discriminator(x[3:4]), rtol=0, atol=1e-5)
    torch.testing.assert_close(
        discriminator(torch.cat([x[3:4], 50 * x]))[0], discriminator(x)[3], rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_parameters_are_the_only_state(network: str):
    for built in (build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)):
        assert list(built.buffers()) == []
        assert set(built.state_dict()) == {name for name, _ in built.named_parameters()}


@pytest.mark.parametrize("network", NETWORKS)
def test_training_and_evaluation_mode_agree(network: str):
    generator, discriminator = build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)
    z = torch.randn(4, LATENT_DIM, generator=rng(3))
    assert torch.equal(generator(z), generator.eval()(z))
    assert torch.equal(discriminator(images(4)), discriminator.eval()(images(4)))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_parameter_gets_a_gradient(network: str):
    generator, discriminator = build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)
    discriminator(generator(torch.randn(16, LATENT_DIM, generator=rng(4)))).square().sum().backward()
    for built in (generator, discriminator):
        for name, parameter in built.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_article_has_the_articles_sizes():
    generator, discriminator = build_generator("article", 100, 256), build_discriminator("article", 256)
    weights = [parameter.shape for parameter in generator.parameters() if parameter.ndim == 2]
    assert weights == [(256, 100), (256, 256), (784, 256)]
    weights = [parameter.shape for parameter in discriminator.parameters() if parameter.ndim == 2]
    assert weights == [(256, 784), (256, 256), (1, 256)]
    assert not any(isinstance(layer, nn.LayerNorm | nn.GroupNorm) for layer in generator)


def test_article_starts_from_glorot_uniform_weights():
    for built in (build_generator("article", 100, 256), build_discriminator("article", 256)):
        for name, parameter in built.named_parameters():
            if parameter.ndim == 1:
                assert parameter.count_nonzero() == 0, name
            else:
                limit = (6 / sum(parameter.shape)) ** 0.5
                assert 0.95 * limit < parameter.abs().max() <= limit, name
                assert parameter.std() == pytest.approx(limit / 3**0.5, rel=0.1), name


@pytest.mark.parametrize("network", ["mlp", "dcgan"])
def test_initialisation_keeps_the_scale_of_activations(network: str):
    """Mean squares of what the weighted layers give: 2 / (1 + slope²) = 1.92 of their input's where LeakyReLU
    follows, 1 at the end. Borders of convolutions take some away."""
    generator, discriminator = build_generator(network, 64, 64), build_discriminator(network, 64)
    for built, h in (
        (generator, torch.randn(256, 64, generator=rng(5))),
        (discriminator, torch.randn(256, 1, 28, 28, generator=rng(6))),
    ):
        weighted = [layer for layer in built if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
        for layer in built:
            scale = h.square().mean()
            h = layer(h)
            if layer in weighted:
                expected = 1.0 if layer is weighted[-1] else 2 / 1.04
                assert h.square().mean() / scale == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("network", NETWORKS)
def test_default_initialisation_is_a_function_of_the_global_seed(network: str):
    def weights(seed: int) -> Tensor:
        torch.manual_seed(seed)
        built = build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)
        return torch.cat([parameter.flatten() for part in built for parameter in part.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_rebuilt_from_scalars_take_saved_weights(network: str, tmp_path):
    z, x = torch.randn(4, LATENT_DIM, generator=rng(7)), images(4)
    first = build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)
    torch.save([part.state_dict() for part in first], tmp_path / "weights.pt")
    second = build_generator(network, LATENT_DIM, 8), build_discriminator(network, 8)
    assert not torch.equal(first[0](z), second[0](z))
    for part, state in zip(second, torch.load(tmp_path / "weights.pt", weights_only=True), strict=True):
        part.load_state_dict(state)
    assert torch.equal(first[0](z), second[0](z))
    assert torch.equal(first[1](x), second[1](x))


def test_unknown_network_and_empty_layers_are_named():
    with pytest.raises(ValueError, match=r"gan\.network=vit"):
        build_generator("vit", 16, 8)
    with pytest.raises(ValueError, match=r"gan\.network=vit"):
        build_discriminator("vit", 8)
    with pytest.raises(ValueError, match=r"gan\.latent_dim=0"):
        build_generator("mlp", 0, 8)
    with pytest.raises(ValueError, match=r"gan\.discriminator_width=-1"):
        build_discriminator("mlp", -1)
