"""manifold against distances written out."""

from types import SimpleNamespace

import pytest
import torch

from aeaug.augmentation.filters.manifold import Manifold, least_distances
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.perturbation.gaussian import Gaussian


def rule_of(decoded, quantile):
    return Manifold(name="manifold", quantile=quantile, tries=1).rule(decoded, None, seed=0)


def far(z, others):
    return min(float((z - other).double().norm()) for other in others)


@pytest.mark.parametrize("quantile", [0.0, 0.6, 1.0])
def test_no_farther_than_training_codes_are_from_each_other(quantile, decoded, embedded):
    images = to_float(embedded.splits.val_images[:40])
    codes = list(decoded.codes.z / decoded.codes.sigma)
    apart = torch.tensor([far(a, codes[:i] + codes[i + 1 :]) for i, a in enumerate(codes)]).double()
    most = float(torch.quantile(apart, quantile))
    with torch.no_grad():
        z = decoded.autoencoder.encode(images) / decoded.codes.sigma
    distances = torch.tensor([far(one, codes) for one in z])
    clear = (distances - most).abs() > 1e-4 * most
    found = rule_of(decoded, quantile)(images, None)
    assert clear.sum() >= 38
    assert found[clear].equal((distances <= most)[clear])
    if quantile == 0.6:
        assert 0 < found.sum() < 40


def test_training_images_are_always_on_it(decoded):
    """A code is no farther from itself than 0."""
    assert rule_of(decoded, 0.0)(decoded.real(torch.arange(100)), None).all()


def test_of_a_subset_of_copies_the_copies_are_on_it():
    """Each has another at a distance of 0, which is no more than 0."""
    codes = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)).repeat(2, 1)
    decoded = SimpleNamespace(
        codes=SimpleNamespace(sigma=torch.ones(2), z=codes), autoencoder=SimpleNamespace(encode=lambda images: images)
    )
    assert rule_of(decoded, 0.5)(codes, None).all()
    assert not rule_of(decoded, 0.5)(codes + 0.01, None).any()


class Wide(AutoencoderModule):
    """Four pixels as codes, the first stretched by ``scale``, and a fifth dimension that does not vary."""

    scale = 1.0

    def encode(self, images):
        pixels = images.flatten(1)[:, [405, 406, 378, 434]]
        return torch.cat([pixels * torch.tensor([self.scale, 1, 1, 1]), 0 * pixels[:, :1] + 3], 1)


def test_the_scale_of_a_dimension_and_one_that_does_not_vary_mean_nothing(embedded):
    found = []
    for scale in (1.0, 1024.0):
        module = Wide("mlp", latent_dim=5)
        module.scale = scale
        decoded = DecodedSource(module, embedded.train_images, Gaussian(name="gaussian", gamma=1.0))
        images = to_float(embedded.splits.val_images[:500])
        found.append(rule_of(decoded, 0.5)(images, None))
    assert found[0].equal(found[1])
    assert 0 < found[0].sum() < 500


def test_chunks_make_no_difference(monkeypatch):
    codes = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    whole = least_distances(codes, codes, same=True), least_distances(codes + 1, codes)
    monkeypatch.setattr("aeaug.augmentation.filters.manifold.CHUNK", 7)
    parts = least_distances(codes, codes, same=True), least_distances(codes + 1, codes)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=0)
    assert least_distances(codes[:0], codes).shape == (0,)
