"""Which synthetic images the GAN is shown, one rule a file: what a rule rejects is drawn again, and after so many tries
the real image stands in its place.

To add one: write its file here, a pure rule and a :class:`Filtering` of its options, add its class to
:data:`FilterChoice` below, and give it a ``conf/filter/<name>.yaml``, an arm ``conf/arm/append_<name>.yaml`` and a
``tests/augmentation/filters/test_<name>.py``. A rule takes what it knows from the training subset alone.
"""

from typing import Annotated

from pydantic import Field

from aeaug.augmentation.filters.filter import Filter, Filtering, Rule
from aeaug.augmentation.filters.labels import Labels
from aeaug.augmentation.filters.manifold import Manifold
from aeaug.augmentation.filters.none import NoFilter
from aeaug.augmentation.filters.score import Score

__all__ = ["Filter", "FilterChoice", "Filtering", "NoFilter", "Rule"]

FilterChoice = Annotated[NoFilter | Score | Manifold | Labels, Field(discriminator="name")]
