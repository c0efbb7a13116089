"""The autoencoder as a LightningModule.

Images come and go in [-1, 1]. Inside, the networks work on pixel intensity y = (x + 1) / 2 in [0, 1], which is what a
sigmoid decoder makes: the conversion happens here, in :meth:`AutoencoderModule.decode`, once.

Reconstruction losses, over intensities: mean squared error E(ŷ − y)², or binary cross-entropy
−E[y log ŷ + (1 − y) log(1 − ŷ)]. What is minimised with them is said by :mod:`aeaug.autoencoder.objectives`.
"""

from collections.abc import Sequence

import lightning as L
import torch
from torch import Tensor
from torch.nn import functional as F

from aeaug.autoencoder.networks import CLOSED_FORM, VARIATIONAL, build_decoder, build_encoder
from aeaug.autoencoder.objectives import objective_of
from aeaug.autoencoder.objectives.objective import Networks
from aeaug.autoencoder.objectives.vae import posterior
from aeaug.data import Batch
from aeaug.data.images import Shape
from aeaug.data.sets.mnist import MNIST
from aeaug.randomness import generator, seeded_init
from aeaug.training.divergence import require_sound, scale

__all__ = ["AutoencoderModule"]


class AutoencoderModule(L.LightningModule):
    """``encode: (B, C, H, W) in [-1, 1] -> (B, latent_dim)`` and ``decode`` back."""

    def __init__(
        self,
        network: str = "article",
        latent_dim: int = 32,
        loss: str = "mse",
        lr: float = 1e-3,
        seed: int = 0,
        shape: Shape = MNIST.shape,
        **own: float,
    ) -> None:
        """``network``: of :data:`aeaug.autoencoder.networks.NETWORKS`, of which pca and identity are not trained;
        ``loss``: mse or bce; ``seed``: the initial weights, and the noise of training; ``shape``: (C, H, W) of an
        image, MNIST's where a checkpoint says none; ``own``: what the network's objective has besides, and needs:
        ``noise`` of denoising, ``beta`` of vae and conv_vae, ``weight`` of rae (``TypeError`` for others). Weights are
        random; those of pca :func:`aeaug.autoencoder.closed_form.closed_form` sets, and identity has as many
        ``latent_dim`` as an image has numbers. Raises ``ValueError`` for another network or loss, and for a shape that
        there is no such network of."""
        super().__init__()
        # Of MNIST's images nothing is said, as in the checkpoints of when there were no others.
        self.save_hyperparameters(ignore=["shape"] if shape == MNIST.shape else [])
        if loss not in ("mse", "bce"):
            raise ValueError(f"autoencoder.loss={loss}: must be mse or bce")
        self.latent_dim, self.loss, self.lr, self.shape = latent_dim, loss, lr, shape
        self.seed, self.objective = seed, objective_of(network, **own)
        self.variational = network in VARIATIONAL
        """Whether codes have a posterior."""
        self.linear = network in CLOSED_FORM
        with seeded_init(seed, "autoencoder's weights"):
            self.encoder = build_encoder(network, latent_dim, shape)
            self.decoder = build_decoder(network, latent_dim, shape)
        self._start = float(scale(self))
        self._lost, self._batches = torch.zeros(()), 0

    def encode(self, images: Tensor) -> Tensor:
        """Return the latent codes ``(B, D)`` of ``images: (B, C, H, W)`` in [-1, 1]."""
        return self.objective.mean_code(self.encoder((images + 1) / 2))

    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the latent codes ``(B, D)`` of ``images: (B, C, H, W)`` in [-1, 1], and where the encoder says it
        their standard deviations ``(B, D)``."""
        return posterior(self.encoder((images + 1) / 2)) if self.variational else (self.encode(images), None)

    def decode(self, z: Tensor) -> Tensor:
        """Return the images ``(B, C, H, W)`` in [-1, 1] of ``z: (B, D)``."""
        return self._intensity(self.decoder(z)) * 2 - 1

    def forward(self, images: Tensor) -> Tensor:
        """Reconstruct ``images: (B, C, H, W)``."""
        return self.decode(self.encode(images))

    def on_train_epoch_start(self) -> None:
        """Nothing has been lost yet."""
        self._lost, self._batches = torch.zeros((), device=self.device), 0

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Reconstruction loss of a batch; ``batch.images`` are in [-1, 1]."""
        draw = None
        if self.objective.random:
            draw = generator(self.seed, "autoencoder's noise", self.global_step, device=self.device)
        loss = self._loss(batch.images, draw)
        self._lost = self._lost + loss.detach()  # self.log, at every step, takes longer than the article's network
        self._batches += 1
        return loss

    def validation_step(self, images: Tensor | Sequence[Tensor], batch_idx: int) -> None:
        """Log ``held_out_loss``, of ``images: (B, C, H, W)`` in [-1, 1], which may be the first of a sequence."""
        images = images if isinstance(images, Tensor) else images[0]
        self.log("held_out_loss", self._loss(images), batch_size=len(images))

    def on_train_epoch_end(self) -> None:
        """Log ``train_loss``, the mean over the epoch's batches, and ``growth``, the size of the weights over their
        initial one. Raises :class:`aeaug.training.divergence.Diverged` where the latter, or the loss of held-out
        images, says so."""
        growth = float(scale(self)) / self._start
        losses = self.trainer.callback_metrics
        of_epoch = {"held-out loss": float(losses["held_out_loss"])} if "held_out_loss" in losses else {}
        require_sound({"autoencoder": growth}, of_epoch, f"after {self.global_step} steps")
        self.log_dict({"growth": growth, "train_loss": self._lost / self._batches})

    @torch.no_grad()
    def loss_on(self, images: Tensor) -> float:
        """The loss that is trained on, for ``images: (B, C, H, W)`` in [-1, 1]."""
        return float(self._loss(images))

    @torch.no_grad()
    def squared_error_on(self, images: Tensor) -> float:
        """Mean squared error of reconstructed intensities in [0, 1], for ``images: (B, C, H, W)`` in [-1, 1]."""
        return float((self(images) - images).div(2).square().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, in one kernel, with PyTorch's defaults, which are Keras's but for an epsilon of 1e-8 instead of
        1e-7."""
        return torch.optim.Adam(self.parameters(), lr=self.lr, fused=True)

    def _intensity(self, decoded: Tensor) -> Tensor:
        return decoded.clamp(0, 1) if self.linear else torch.sigmoid(decoded)

    def _loss(self, images: Tensor, draw: torch.Generator | None = None) -> Tensor:
        return self.objective.loss((images + 1) / 2, Networks(self.encoder, self.decoder, self._error), draw)

    def _error(self, decoded: Tensor, intensity: Tensor) -> Tensor:
        if self.loss == "mse":
            return F.mse_loss(self._intensity(decoded), intensity)
        return F.binary_cross_entropy_with_logits(decoded, intensity)
