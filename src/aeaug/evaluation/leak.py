r"""Leak: how much of the autoencoder's smoothing the generator learnt instead of the data.

Two measures, both against *reconstructions* of the training subset (codes unperturbed), so that all arms that share an
autoencoder are measured with the same instrument, the arm without injection among them:

- a classifier trained to tell the subset's real images from their reconstructions, applied to the generated ones. A
  GAN's images differ from real ones in many ways, so its share is read beside that of an arm that injects nothing;
- :math:`\mathrm{FD}(G, R) - \mathrm{FD}(G, \text{test})` at equal numbers of images: negative where the generated
  images G are closer to the reconstructions R than to real images. R is of the training subset, so that memorising it
  lowers the difference too: it is read beside that of an arm that injects nothing.

Real images have 256 grey levels and decoded ones have none, which would tell them apart without any smoothing:
everything is rounded to those levels before the classifier sees it.

What depends on the autoencoder and the subset alone, the classifier and both sets of real features, is kept
(:mod:`aeaug.evaluation.kept`).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.classifier import STEPS, ImageClassifier, train_classifier
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import fingerprint, order_like
from aeaug.evaluation.features import Extractor, Features, extract
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.randomness import generator

__all__ = ["Leak", "LeakInstrument"]

LARGEST = 5_000  # training images the classifier sees, and no more for those it is tested on
CHUNK = 2_000


class Leak(TypedDict):
    """Shares, in [0, 1], of images taken for reconstructions: of the generated ones, of real and reconstructed held-out
    ones (which give the ``held_out_accuracy``), and of the images the arm was fed; and Fréchet distances of the
    generated images to the reconstructions and to the test split."""

    held_out_accuracy: float
    share_generated: float
    share_real: float
    share_reconstructed: float
    share_decoded: float | None
    frechet_to_reconstructed: float
    frechet_to_test: float
    frechet_difference: float


class LeakInstrument:
    """Measures the leak of one autoencoder, trained on the subset of ``data``, into any number of sets.

    Args:
        autoencoder: whose leak.
        key: of its artifact, by which the instrument is kept.
        data: source and subset, set up.
        net: the classifier's feature net, and ``sha256``, of its weights.
        seed: of the instrument's own classifier.
        steps: of that one's training.
        kept: where the instrument is kept.
    """

    def __init__(
        self,
        autoencoder: AutoencoderModule,
        key: str | None,
        data: MNISTDataModule,
        net: Extractor,
        sha256: str,
        seed: int,
        steps: int = STEPS,
        kept: Kept | None = None,
    ) -> None:
        splits, self._kept = data.splits, kept or Kept()
        self._of: dict[str, Any] = {
            "autoencoder": key,
            "device": autoencoder.device.type,
            "subset": data.subset_sha256,
            "validation": fingerprint(splits.val_images),
            "test": fingerprint(splits.test_images, splits.test_labels),
            "net": sha256,
            "seed": seed,
            "classifier_steps": steps,
            **({} if data.even else {"balanced": False}),
        }
        state = self._kept.tensors("leak", self._of, lambda: _instrument(autoencoder, data, net, seed, steps))
        self._reconstructed, self._test, shares = (state.pop(name) for name in ("reconstructed", "test", "shares"))
        self._share_real, self._share_reconstructed = shares.tolist()
        self._classifier = ImageClassifier(2, data.description.shape)
        self._classifier.load_state_dict(state)
        self._classifier.eval().requires_grad_(False)

    def share_decoded(self, of: Mapping[str, Any], images: Callable[[], Tensor]) -> float:
        """The share of ``images() (N, C, H, W)``, decoded ones that ``of`` identifies."""
        recipe = {**self._of, "decoded": dict(of)}
        found = self._kept.numbers("leak_of_decoded", recipe, lambda: {"share": _share(self._classifier, images())})
        return float(found["share"])

    def __call__(self, generated: Tensor, features: Features, share_decoded: float | None = None) -> Leak:
        """The leak into ``generated (N, C, H, W)`` with these ``features``; ``share_decoded``: of what it was fed."""
        n = min(len(self._reconstructed), len(generated))
        own = features.features[:n]
        to_reconstructed = frechet_distance(self._reconstructed[:n].to(own.device), own)
        to_test = frechet_distance(self._test[:n].to(own.device), own)
        return Leak(
            held_out_accuracy=(1 - self._share_real + self._share_reconstructed) / 2,
            share_generated=_share(self._classifier, generated),
            share_real=self._share_real,
            share_reconstructed=self._share_reconstructed,
            share_decoded=share_decoded,
            frechet_to_reconstructed=to_reconstructed,
            frechet_to_test=to_test,
            frechet_difference=to_reconstructed - to_test,
        )


def _instrument(
    autoencoder: AutoencoderModule, data: MNISTDataModule, net: Extractor, seed: int, steps: int
) -> dict[str, Tensor]:
    """Weights of the classifier; ``reconstructed`` and ``test``: features of reconstructed training images and of as
    many test images; ``shares``: of real and of reconstructed held-out images that it takes for reconstructions."""
    splits = data.splits
    n = len(data.train_images)
    # A subset whose classes were dealt in turn begins with as many of each, as the test images beside it do.
    rows = torch.arange(min(n, LARGEST)) if data.even else _some(n, LARGEST)
    train = to_float(data.train_images[rows])
    held_out = to_float(splits.val_images[_some(len(splits.val_images), LARGEST)])
    reconstructed = _reconstruct(autoencoder, train)
    classifier = train_classifier(
        torch.cat([_grey_levels(train), _grey_levels(reconstructed)]),
        torch.arange(2).repeat_interleave(len(train)),
        2,
        seed,
        "real against reconstructed",
        steps,
    )
    shares = [_share(classifier, held_out), _share(classifier, _reconstruct(autoencoder, held_out))]
    # Drawn as the training subset is: class-balanced or not, where it is only a part.
    fresh = order_like(splits.test_labels, balanced=data.even)[: len(train)]
    return {
        **classifier.state_dict(),
        "reconstructed": extract(reconstructed, net).features,
        "test": extract(to_float(splits.test_images[fresh]), net).features,
        "shares": torch.tensor(shares, dtype=torch.float64),
    }


def _share(classifier: ImageClassifier, images: Tensor) -> float:
    """Share of ``images`` that ``classifier`` takes for reconstructions."""
    return float((classifier.classes(_grey_levels(images.cpu())) == 1).double().mean())


def _some(n: int, most: int) -> Tensor:
    """All of n indices in their order, or ``most`` of them at random: neighbours in MNIST are by the same writer."""
    return torch.arange(n) if n <= most else torch.randperm(n, generator=generator(0, "leak's images"))[:most]


@torch.no_grad()
def _reconstruct(autoencoder: AutoencoderModule, images: Tensor) -> Tensor:
    return torch.cat([autoencoder(part.to(autoencoder.device)).cpu() for part in images.split(CHUNK)])


def _grey_levels(images: Tensor) -> Tensor:
    """``images`` in [-1, 1], rounded to the 256 levels of real ones."""
    return images.add(1).mul(255 / 2).round().mul(2 / 255).sub(1)
