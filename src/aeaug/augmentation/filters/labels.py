"""labels: shown where a classifier takes it for the class of the image that it was made from.

The small classifier (:mod:`aeaug.classifier`) is trained on the training subset and its labels, and has seen nothing
else: the nets that judge the GAN have no part in it. Uses labels, and every report says so. It errs: trained
on 500 of the embedded images it gets 93% of others right. The images that are judged were made from those that it was
trained on, and the nearer they are to them the more of them it accepts.
"""

from typing import TYPE_CHECKING, Literal

from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.filters.filter import Filtering, Rule
from aeaug.classifier import train_classifier
from aeaug.data.images import to_float
from aeaug.options import Integer

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.gan.snapshot import Snapshot

__all__ = ["Labels"]


class Labels(Filtering):
    """``filter=labels``. ``steps``: of the classifier's training, 32 images each."""

    name: Literal["labels"]
    steps: Integer = Field(ge=1, le=100_000)

    @override
    def rule(self, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Rule:
        labels = decoded.codes.labels
        assert labels is not None, "whoever makes the source hands over the labels"
        # On the CPU, where the same subset gives the same bits.
        images = to_float(decoded.images.cpu())
        classifier = train_classifier(images, labels.cpu(), decoded.classes, seed, "filter of labels", self.steps)
        classifier.to(decoded.images.device)

        def accepts(images: Tensor, indices: Tensor) -> Tensor:
            return classifier.classes(images) == labels[indices]

        return accepts
