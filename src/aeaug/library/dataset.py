"""An augmented data set as files: real images, and those that a LatentAugmenter makes of them."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.data.images import shape_of
from aeaug.export.block import Array, Block
from aeaug.export.numpy_file import write_npz
from aeaug.export.pixels import to_bytes
from aeaug.export.png import write_pngs
from aeaug.export.shards import write_shards
from aeaug.faults import Fault
from aeaug.library.augmenter import LatentAugmenter
from aeaug.library.dataset_options import DatasetOptions
from aeaug.library.given import given_images
from aeaug.library.options import resolved
from aeaug.training.divergence import Diverged
from aeaug.training.progress import progress_bar
from aeaug.training.threads import cpu_threads

__all__ = ["AugmentedDataset"]


Write = Callable[[Path, int, Iterable[Block]], None]

AT_ONCE = 8192  # images


class AugmentedDataset:
    """What ``options`` ask for, its images read and checked; nothing is trained or written before :meth:`write`.

    Of every image is known: ``synthetic``, whether it was made; ``source``, the number, from 0, of the given image that
    it is or was made for; and ``label``, where those have one: of a synthetic image that of its source, or -1 with
    ``density``, or a chain that begins with it, whose images are made for none; there ``source`` means nothing.

    ``remark``: what to know of where the given images are from, if anything. Raises ``ValueError``, in one line, for
    images that cannot be read or are too few.
    """

    def __init__(self, options: DatasetOptions) -> None:
        assert options.out is not None
        self.options, self.out = options, Path(options.out)
        self.augmenter = self._augmenter(options.autoencoder)
        self.images, self.labels, self.remark = given_images(options)
        self.augmenter.check(self.images, self.labels)
        if options.images is None:  # of a run's images what a run would take, or refuse
            encoder = resolved(options.autoencoder, len(self.images), shape_of(self.images), options.data.choice)
            self.augmenter = self._augmenter(encoder)

    def _augmenter(self, autoencoder: AutoencoderOptions | ClosedFormOptions) -> LatentAugmenter:
        return LatentAugmenter(
            autoencoder.model_dump(),
            self.options.perturbation.model_dump(),
            seed=self.options.seed,
            device=self.options.device,
            progress=self.options.progress,
        )

    @property
    def synthetic(self) -> int:
        """How many images are made."""
        return len(self.images) if self.options.n is None else self.options.n

    def write(self) -> None:
        """Train, make the images and write all of them.

        Raises ``OSError`` where that fails, and :class:`aeaug.faults.Fault`, in one line, where the training diverges;
        then nothing is left.
        """
        count = self.synthetic + (len(self.images) if self.options.real else 0)
        shards = partial(write_shards, per_shard=self.options.shard)
        write: dict[str, Write] = {".npz": write_npz, "": write_pngs, ".tar": shards}
        try:
            with cpu_threads(self.options.threads):
                self.augmenter.fit(self.images, self.labels)
                write[self.out.suffix](self.out, count, self._shown(count))
        except Diverged as error:
            raise Fault(f"autoencoder={self.options.autoencoder.name}: it has diverged, {error}") from error

    def _shown(self, count: int) -> Iterator[Block]:
        bar: Any = progress_bar(desc="images", total=count, unit="image", disable=not self.options.progress)
        with bar:
            for block in self._blocks():
                yield block
                bar.update(len(block))

    def _blocks(self) -> Iterator[Block]:
        if self.options.real:
            for index in torch.arange(len(self.images)).split(AT_ONCE):
                yield self._block(self.images[index], index, synthetic=False)
        whole = len(self.images) * max(
            1, AT_ONCE // len(self.images)
        )  # passes: no image is a source twice before all are
        for start in range(0, self.synthetic, whole):
            drawn = self.augmenter.draw(min(whole, self.synthetic - start))
            for images, index in zip(drawn.images.split(AT_ONCE), drawn.sources.split(AT_ONCE), strict=True):
                yield self._block(to_bytes(images).cpu(), index.cpu(), synthetic=True)

    def _block(self, images: Tensor, index: Tensor, *, synthetic: bool) -> Block:
        facts: dict[str, Array] = {"synthetic": np.full(len(index), synthetic), "source": index.numpy()}
        if self.labels is not None:
            labels = self.labels[index].numpy()
            nobodys = synthetic and self.options.perturbation.parts()[0].forgets
            facts["label"] = np.full_like(labels, -1) if nobodys else labels
        return Block(images.numpy(), facts)
