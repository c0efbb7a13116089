"""Encoders and decoders of 28×28 images.

``article`` is the article's network: 784-64-32-64-784 with ReLU codes. Its listing gives the decoder
``input_shape[1]`` = 28 outputs; 784 is what it means. ``mlp`` is 784-512-d-512-784 with unconstrained codes: on a few
hundred images a second hidden layer reconstructs held-out ones worse. ``conv`` is convolutional. Their decoders end in
logits of pixel intensity, to which the module applies the sigmoid. ``pca`` and ``identity`` are linear: their decoders
end in intensities, which the module clips (:mod:`aeaug.autoencoder.closed_form` has their weights).
"""

from torch import nn

__all__ = ["CLOSED_FORM", "NETWORKS", "build_decoder", "build_encoder"]

CLOSED_FORM = ("pca", "identity")
NETWORKS = ("article", "mlp", "conv", *CLOSED_FORM)

PIXELS = 784


def build_encoder(network: str, latent_dim: int) -> nn.Module:
    """Return a module ``(B, 1, 28, 28) -> (B, latent_dim)``."""
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
