"""Whether what an autoencoder makes is good enough to enter a GAN's training at all, one measure a file.

A gate is asked once, before the GAN trains, and looks at the run's own training subset alone. Below its bar a run is
refused, or trains as the arm ``none`` does, bit for bit.

To add one: write its file here, add its class to :data:`GateChoice` below, and give it a ``conf/gate/<name>.yaml`` and
a ``tests/augmentation/gates/test_<name>.py``.
"""

from typing import Annotated

from pydantic import Field

from aeaug.augmentation.gates.error import ErrorGate
from aeaug.augmentation.gates.gate import Gate, Judged, Verdict
from aeaug.augmentation.gates.labels import LabelsGate
from aeaug.augmentation.gates.none import NoGate

__all__ = ["Gate", "GateChoice", "Judged", "NoGate", "Verdict"]

GateChoice = Annotated[NoGate | ErrorGate | LabelsGate, Field(discriminator="name")]
