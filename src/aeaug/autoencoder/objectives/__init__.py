"""What training an autoencoder minimises, one objective a file; every loss is a mean over images and pixels.

To add one: write its file here, add its networks to :data:`OBJECTIVES` below, give its options a class in
:mod:`aeaug.autoencoder.options`, and a ``conf/autoencoder/<name>.yaml`` and a
``tests/autoencoder/objectives/test_<name>.py``.
"""

from collections.abc import Callable

from aeaug.autoencoder.objectives.denoising import Denoising
from aeaug.autoencoder.objectives.objective import Objective
from aeaug.autoencoder.objectives.plain import Plain
from aeaug.autoencoder.objectives.rae import RAE
from aeaug.autoencoder.objectives.vae import VAE

__all__ = ["OBJECTIVES", "RAE", "VAE", "Denoising", "Objective", "Plain", "objective_of"]

OBJECTIVES: dict[str, Callable[..., Objective]] = {"denoising": Denoising, "vae": VAE, "conv_vae": VAE, "rae": RAE}
"""By network, of those that have another than :class:`Plain`."""


def objective_of(network: str, **own: float) -> Objective:
    """What training an autoencoder with this ``network`` minimises, with the numbers of its ``own``."""
    return OBJECTIVES.get(network, Plain)(**own)
