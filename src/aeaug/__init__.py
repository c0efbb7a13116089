"""aeaug: when does an autoencoder help a GAN?

An autoencoder is trained on a small image set, its latent codes are perturbed, the decoded images are injected into a
GAN's training, and what that does is measured. Data flows through the packages in this order, and imports follow it:
``data → autoencoder → perturbation → augmentation → gan → evaluation → report``; ``experiment`` runs them all.
"""

from importlib.metadata import version

__version__ = version("aeaug")
