"""Images from another program, measured as a run's generated images are.

Metrics compare at equal counts only. Of more images than the test split has, as many are drawn at random; for fewer,
the test split is cut to their number, class-balanced and at random, and so are the floors (MNIST is ordered by writer,
so that its first images are few hands). Floors and features of real images are kept as those of runs are.
"""

import re
from pathlib import Path

import torch
from torch import Tensor

from aeaug.artifacts import ArtifactStore
from aeaug.data import to_float
from aeaug.data.chosen import chosen_data
from aeaug.data.image_files import open_images
from aeaug.data.pixel_range import BOUNDS, PixelRange, to_signed
from aeaug.data.subset import fingerprint, order_like
from aeaug.evaluation import FeatureNet
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import floors
from aeaug.evaluation.kept import Kept, sha256_of, telling_classes
from aeaug.evaluation.leading_metric import leading_metric
from aeaug.evaluation.metrics.frechet_infinity import least_images
from aeaug.evaluation.modes import SAMPLES, Modes, modes_in
from aeaug.evaluation.spaces import saw_training_images, spaces_of
from aeaug.evaluation.spaces.nets import FeatureSpaces
from aeaug.randomness import generator
from aeaug.run.again.evaluation import Evaluation
from aeaug.run.again.options import ReevaluationOptions
from aeaug.run.identity.provenance import versions
from aeaug.training.threads import cpu_threads

__all__ = ["FEWEST", "ImageSet", "reference_positions"]

FEWEST = least_images(FeatureNet.num_features)
AT_ONCE = 1000  # images that are read to count modes


class ImageSet:
    """The images that ``options.images`` names, read and checked; nothing is measured before :meth:`measure`.

    Raises ``ValueError``, in one line, for images that cannot be read or are too few, and for data that is missing.
    """

    def __init__(self, options: ReevaluationOptions) -> None:
        assert options.images is not None
        self.options, self.path = options, Path(options.images)
        files, source, wanted = open_images(self.path, options.data.of.shape), options.data, options.n_images
        self.found, self._remark = len(files), files.remark
        self.data = chosen_data(source, options.seed)
        n_test = len(self.data.splits.test_images)
        fewest = min(FEWEST, n_test)  # of a test split that is smaller still, all are compared with
        if self.found < fewest:
            raise ValueError(f"images={self.path}: {self.found} images, at least {fewest} are needed")
        spaces, store = spaces_of(options.spaces, source.of), ArtifactStore(Path(options.outputs) / "artifacts")
        progress = options.trainer.progress
        self.spaces = FeatureSpaces(spaces, source.of, self.data.splits, store, "spaces", progress=progress)
        self.n = min(self.found, n_test)
        if wanted is not None and not fewest <= wanted <= self.n:
            bounds = f"between {fewest} and {self.n}" if fewest < self.n else f"{self.n}"
            raise ValueError(
                f"n_images={wanted}: must be {bounds} ({self.found} images, {n_test} in the "
                f"test split of data={source.name})"
            )
        self.n = wanted or self.n
        self._files = files
        self._order = torch.randperm(self.found, generator=generator(options.seed, "images to measure"))
        self.images, self.range = self._read(self._order[: self.n])

    def measure(self) -> Evaluation:
        """Every metric of the images, and of as many of each floor."""
        splits, seed, n, progress = self.data.splits, self.options.seed, self.n, self.options.trainer.progress
        reference = reference_positions(splits.test_labels, n, balanced=self.data.even)
        images, labels = to_float(splits.test_images[reference]), splits.test_labels[reference]
        kept, nets = Kept(ArtifactStore(Path(self.options.outputs) / "artifacts")), self.spaces.nets
        with cpu_threads(self.options.trainer.threads):
            evaluator = FinalEvaluator(
                images, labels, to_float(self.data.train_images), nets, seed, kept=kept, balanced=self.data.even
            )
            measured = evaluator.evaluate(self.images)
            modes = self._modes()
            beside = floors(self.data, evaluator, nets, seed, kept, progress=progress)
            threads = torch.get_num_threads()
        (low, high), drawn = BOUNDS[self.range], f" (drawn at random from {self.found:,})" if n < self.found else ""
        n_test, n_train = len(splits.test_images), len(self.data.train_images)
        against = f"{n:,} of the {n_test:,}, drawn at random class by class," if n < n_test else f"the {n:,}"
        seen = {"kind": "images", "path": str(self.path), "found": self.found, "range": self.range}
        return Evaluation(
            name=_folder_name(self.path),
            title=(
                f"{self.path.name}: {n:,} images{drawn} with values in [{low}, {high}],\n"
                f"against {against} of {self.data.dataset}'s test split,\n"
                f"for copies of {n_train:,} training images"
            ),
            columns={"images": measured},
            modes={"images": modes} if modes else {},
            record={
                "measured": {**seen, "sha256": fingerprint(self.images)},
                "data": self.data.summary,
                "feature_nets": sha256_of(nets),
                "n": n,
                "seed": seed,
                "threads": threads,
                "versions": versions(),
                "readings": {"end": {"spaces": measured, **({"modes": modes} if modes else {})}},
                "floors": beside,
            },
            first={space: leading_metric(n, net.num_features) for space, (net, _) in self.spaces.nets.items()},
            remarks=self._remarks(),
        )

    def _read(self, indices: Tensor) -> tuple[Tensor, PixelRange]:
        try:
            return to_signed(self._files.read(indices.sort().values), self.options.range)
        except ValueError as error:
            raise ValueError(f"images={self.path}: {error}") from None

    def _modes(self) -> Modes | None:
        """Of stacked images: of as many as there are, and as runs generate at most."""
        nets = self.spaces.nets
        if not self.data.description.channels_of or (telling := telling_classes(nets)) is None:
            return None
        parts = (self._read(part)[0] for part in self._order[:SAMPLES].split(AT_ONCE))
        return modes_in(parts, nets[telling][0])

    def _remarks(self) -> tuple[str, ...]:
        of = self.data.description
        bright = float(self.images.mean()) / 2 + 0.5
        usual = f"{of.title}'s {of.objects} are bright on black, mean {of.mean_intensity:g}"
        inverted = f"Mean intensity is {bright:.2f}; {usual}. Inverted?"
        seen = (
            f"Copies are looked for among training images of which the feature nets have seen {self.data.net_seen:,}."
        )
        return (
            *([inverted] if bright > 0.5 else []),
            *([seen] if self.data.net_seen and saw_training_images(tuple(self.spaces.nets)) else []),
            *([f"{self._remark[0].upper()}{self._remark[1:]}."] if self._remark else []),
        )


def reference_positions(test_labels: Tensor, n: int, *, balanced: bool = True) -> Tensor:
    """Positions ``(n,)`` in the test split with ``test_labels: (N,)`` of the images that n others are measured against.

    In the split's own order, so that for n = N it is, to the last bit, what runs are measured against. The same for
    every set of n images, whatever the seed. ``balanced``: with its classes in equal numbers, as a subset has them.
    """
    return order_like(test_labels, balanced=balanced)[:n].sort().values


def _folder_name(path: Path) -> str:
    named = path.resolve()
    name = re.sub(r"[^\w.,=+-]", "_", named.name if named.is_dir() else named.stem)
    return re.sub(r"^\W+", "", name)[:200] or "images"
