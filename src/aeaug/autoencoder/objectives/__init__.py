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

OBJECTIVES: dict[str, Callable[..., Objective]] = {
    **dict.fromkeys(("article", "mlp", "conv", "pca", "identity"), Plain),
    **{"denoising": Denoising, "vae": VAE, "conv_vae": VAE, "rae": RAE},
}
"""By network; the last two of the plain ones are measured by it, and not trained."""


def objective_of(network: str, **own: float) -> Objective:
    """What training an autoencoder with this ``network`` minimises, with the numbers of its ``own``.

    Raises ``ValueError`` for a network of which that is not known.
    """
    if network not in OBJECTIVES:
        raise ValueError(f"autoencoder.network={network}: must be one of {', '.join(OBJECTIVES)}")
    return OBJECTIVES[network](**own)
