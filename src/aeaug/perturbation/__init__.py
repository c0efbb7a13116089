"""Perturbations z → z′ of latent codes, one family a file.

A perturbation is a pure function with its formula, and a model of its options that applies it, to what perturbation.py
says. To add one: write its file here, add its class to :data:`PerturbationOptions` below, and give it a
``conf/perturbation/<name>.yaml``, the arms ``conf/arm/<injection>_<name>.yaml`` and a
``tests/perturbation/test_<name>.py``. The tests find it by its file and say what is missing.
"""

from typing import Annotated

from pydantic import Field

from aeaug.perturbation.chain import Chain
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.density import Density
from aeaug.perturbation.difference import Difference
from aeaug.perturbation.dropout import Dropout
from aeaug.perturbation.extrapolate import Extrapolate
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.hard import Hard
from aeaug.perturbation.interpolate import Interpolate
from aeaug.perturbation.mixup import Mixup
from aeaug.perturbation.posterior import Posterior
from aeaug.perturbation.reconstruct import Reconstruct
from aeaug.perturbation.uniform import Uniform

__all__ = ["Encoded", "LatentCodes", "PerturbationOptions"]

PerturbationOptions = Annotated[
    Reconstruct
    | Gaussian
    | Uniform
    | Interpolate
    | Extrapolate
    | Difference
    | Mixup
    | Dropout
    | Posterior
    | Density
    | Hard
    | Chain,
    Field(discriminator="name"),
]
