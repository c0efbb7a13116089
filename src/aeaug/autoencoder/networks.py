"""Encoders and decoders of 28×28 images.

``article`` is the article's network: 784-64-32-64-784 with ReLU codes. Its listing gives the decoder
``input_shape[1]`` = 28 outputs; 784 is what it means. ``mlp`` is 784-512-d-512-784 with unconstrained codes: on a few
hundred images a second hidden layer reconstructs held-out ones worse. ``conv`` is convolutional. Their decoders end in
logits of pixel intensity, to which the module applies the sigmoid. ``pca`` and ``identity`` are linear: their decoders
end in intensities, which the module clips (:mod:`aeaug.autoencoder.closed_form` has their weights).

``denoising``, ``vae`` and ``rae`` have the networks of ``mlp``, ``conv_vae`` those of ``conv``, trained for another
objective (:mod:`aeaug.autoencoder.objectives`): a variational encoder says two numbers for each dimension of a code,
and the decoder of ``rae`` has spectrally normalised weights.
"""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

__all__ = ["CLOSED_FORM", "NETWORKS", "VARIATIONAL", "build_decoder", "build_encoder"]

CLOSED_FORM = ("pca", "identity")
VARIATIONAL = ("vae", "conv_vae")
SAME = {"denoising": "mlp", "vae": "mlp", "conv_vae": "conv", "rae": "mlp"}
NETWORKS = ("article", "mlp", "conv", *SAME, *CLOSED_FORM)

PIXELS = 784


def build_encoder(network: str, latent_dim: int) -> nn.Module:
    """Return a module ``(B, 1, 28, 28) -> (B, latent_dim)``, of a variational network ``(B, 2 latent_dim)``."""
    if network in SAME:
        return build_encoder(SAME[network], 2 * latent_dim if network in VARIATIONAL else latent_dim)
    if network == "article":
        return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 64), nn.ReLU(), nn.Linear(64, latent_dim), nn.ReLU())
    if network == "pca":
        return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, latent_dim))
    if network == "identity":
        return nn.Flatten()
    if network == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(PIXELS, 512),
            nn.SiLU(),
            nn.Linear(512, latent_dim),
        )
    if network == "conv":
        return nn.Sequential(
            nn.Conv2d(1, 32, 4, stride=2, padding=1),  # 14×14
            nn.SiLU(),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),  # 7×7
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(64 * 49, latent_dim),
        )
    raise ValueError(f"autoencoder.network={network}: must be one of {', '.join(NETWORKS)}")


def build_decoder(network: str, latent_dim: int) -> nn.Module:
    """Return a module ``(B, latent_dim) -> (B, 1, 28, 28)``: logits of pixel intensity in [0, 1], or of a network in
    closed form the intensity itself, which may lie beyond."""
    if network == "rae":
        decoder = build_decoder("mlp", latent_dim)
        for layer in decoder.modules():
            if isinstance(layer, nn.Linear):
                spectral_norm(layer)
        return decoder
    if network in SAME:
        return build_decoder(SAME[network], latent_dim)
    image = nn.Unflatten(1, (1, 28, 28))
    if network == "pca":
        return nn.Sequential(nn.Linear(latent_dim, PIXELS), image)
    if network == "identity":
        return image
    if network == "article":
        return nn.Sequential(nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, PIXELS), image)
    if network == "mlp":
        return nn.Sequential(
            nn.Linear(latent_dim, 512),
            nn.SiLU(),
            nn.Linear(512, PIXELS),
            image,
        )
    if network == "conv":
        return nn.Sequential(
            nn.Linear(latent_dim, 64 * 49),
            nn.SiLU(),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),  # 14×14
            nn.SiLU(),
            nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),  # 28×28
        )
    raise ValueError(f"autoencoder.network={network}: must be one of {', '.join(NETWORKS)}")
