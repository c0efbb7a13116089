"""What may stand among the real images of a discriminator's step besides what the datamodule hands out: images that the
generator makes, one way a file.

To add one: write its file here, a function with its formula and a class of its options, add it to
:class:`PseudoOptions` below, and give it a ``conf/gan/pseudo/<name>.yaml``. It says which ``controller`` its rate
follows, and makes, ``at(rate)``, what replaces.
"""

from typing import Self

from pydantic import model_validator

from aeaug.gan.pseudo.apa import APA
from aeaug.gan.pseudo.apa_r_v import APAHeldOut
from aeaug.gan.pseudo.pseudo import Pseudo
from aeaug.options import Several

__all__ = ["Pseudo", "PseudoOptions"]


class PseudoOptions(Several):
    """``conf/gan/pseudo``: each that is chosen, by its name."""

    apa: APA | None = None
    apa_r_v: APAHeldOut | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if self.apa and self.apa_r_v:
            raise ValueError(
                "gan/pseudo=[apa,apa_r_v]: they do one thing by another signal each; leave out one of them"
            )
        return self
