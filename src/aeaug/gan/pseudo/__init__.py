"""What may stand among the real images of a discriminator's step besides what the datamodule hands out: images that the
generator makes, one way a file.

To add one: write its file here, a function with its formula and a class of its options, add it to
:class:`PseudoOptions` below, and give it a ``conf/gan/pseudo/<name>.yaml``. It makes what
replaces, ``at(rate)``, and says which ``controller`` that follows; or it has a rate of its own
(:class:`aeaug.gan.rated.Rated`), which ``gan/pseudo_schedule`` may change.
"""

from typing import Self

from pydantic import model_validator

from aeaug.gan.pseudo.apa import APA
from aeaug.gan.pseudo.apa_r_v import APAHeldOut
from aeaug.gan.pseudo.generated import Generated
from aeaug.gan.pseudo.pseudo import Pseudo
from aeaug.options import Several

__all__ = ["Pseudo", "PseudoOptions"]


class PseudoOptions(Several):
    """``conf/gan/pseudo``: each that is chosen, by its name."""

    generated: Generated | None = None
    apa: APA | None = None
    apa_r_v: APAHeldOut | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        why = "they do one thing, with a probability that goes by something else in each"
        self.require_one_of(("generated", "apa", "apa_r_v"), "gan/pseudo", why)
        return self
