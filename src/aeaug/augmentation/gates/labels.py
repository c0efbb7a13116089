"""labels: the share of training images that keep their class when they are decoded from a perturbed code, in the mean
over classes.

The judge is a small classifier (:mod:`aeaug.classifier`) that is trained on the subset and nothing else, and on no
image whose decoded one it judges: the subset is cut into halves, every class in equal parts, a classifier is trained on
each, and judges the decoded images of the other. A judge that has seen few images is wrong about real ones too: the
share is of those images that he takes for what they are, and where he knows none of a class, none of it keeps its
class; so a judge who says the same of everything has kept one class of all. How many images he knows, ``real``, stands
beside. One draw of the run's perturbation is judged, an image for each of the subset.
"""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.gates.gate import Gate, Judged, Verdict
from aeaug.classifier import train_classifier
from aeaug.options import Integer, Number
from aeaug.randomness import generator

__all__ = ["LabelsGate", "halves"]


def halves(labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Return the indices of ``labels: (N,)`` in two parts; of every class they have as many, but for one at most."""
    order = torch.randperm(len(labels), generator=generator(seed, "halves of a gate's subset"))
    order = order[labels[order].argsort(stable=True)]
    return order[::2], order[1::2]


class LabelsGate(Gate):
    """``gate=labels``. ``steps``: of each classifier's training."""

    what: ClassVar[str] = "the share of images, of those that its judge knows, that keep their class when decoded"
    lower: ClassVar[bool] = False
    remedy: ClassVar[str] = "take a weaker perturbation or another autoencoder"

    name: Literal["labels"]
    bar: Number = Field(ge=0, le=1)
    steps: Integer = Field(ge=1, le=100_000)

    @override
    def measured(self, judged: Judged) -> dict[str, float]:
        source, labels = judged.decoded, judged.labels.cpu()
        everyone = torch.arange(len(labels))
        draw = generator(judged.seed, "images that a gate judges", device=source.device)
        decoded = source(everyone.to(source.device), draw).cpu()
        real = source.real(everyone.to(source.device)).cpu()
        known = torch.zeros(len(labels), dtype=torch.bool)
        kept = torch.zeros(len(labels), dtype=torch.bool)
        parts = halves(labels, judged.seed)
        for place, (own, other) in enumerate((parts, parts[::-1])):
            purpose = f"gate's classifier {place}"
            classifier = train_classifier(
                real[own], labels[own], judged.decoded.classes, judged.seed, purpose, self.steps
            )
            for found, images in ((known, real), (kept, decoded)):
                found[other] = classifier.classes(images[other]) == labels[other]
        return {"value": _mean_over_classes(known & kept, known, labels), "real": float(known.double().mean())}

    @override
    def said(self, verdict: Verdict) -> str:
        return f"{super().said(verdict)} (the judge knows {verdict['real']:.0%} of the images themselves)"


def _mean_over_classes(kept: Tensor, known: Tensor, labels: Tensor) -> float:
    shares = [int(kept[labels == one].sum()) / max(1, int(known[labels == one].sum())) for one in labels.unique()]
    return sum(shares) / len(shares)
