"""Batches by indexing: uint8 images in memory on the training device, no workers, no per-sample Python.

The loader walks the mixture in blocks of some two thousand images, or, where its rates change over training, of four
batches, at whose beginning they are read. A block is gathered and converted at once, its synthetic images are asked of
the sample source in one call, and batches are views into it.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.data.images import to_float
from aeaug.data.mixture import MixturePlan, mixture_plan, thinned_plan
from aeaug.randomness import generator
from aeaug.training.devices import wait_for

__all__ = ["Batch", "Block", "Made", "MixtureLoader", "SampleSource", "Share", "Shown"]


class Made(NamedTuple):
    """What a source that rejects images made for M real ones: ``images: (M, C, H, W)``; ``synthetic: (M,)`` bool, the
    others being the real ones themselves; ``drawn``: how many images it made, rejected ones included."""

    images: Tensor
    synthetic: Tensor
    drawn: int


# Synthetic images for real images of the training subset: indices (M,) int64 -> (M, C, H, W) in [-1, 1], or Made.
SampleSource = Callable[[Tensor, torch.Generator], Tensor | Made]

Share = Callable[[int], float]
"""Of the rates of injection, or of a weight, in [0, 1], after so many images were shown."""

BATCHES = 4  # after so many at most, a change of the share is seen
BLOCK_IMAGES = 2048  # 6 MB of float32: stays in a processor's last-level cache


class Batch(NamedTuple):
    """``images: (B, C, H, W)`` float32 in [-1, 1]; ``synthetic: (B,)`` bool; ``origin: (B,)`` int64: the index, in
    the training subset, of the real image shown or of the one that a synthetic image was made from."""

    images: Tensor
    synthetic: Tensor
    origin: Tensor


class Block:
    """Several batches that a loader hands out at once, one after another when they are asked for; once."""

    def __init__(self, batches: Iterator[Batch], steps: int) -> None:
        self._batches, self.steps = batches, steps

    def __iter__(self) -> Iterator[Batch]:
        return self._batches


class Shown(NamedTuple):
    """How many ``images`` were handed out since the first epoch began, by all processes, and how many of them were
    ``synthetic``; ``position``: how far into the mixture's sequence they reach, further where it is thinned; ``drawn``:
    how many synthetic images were made for them, and for the rest of their block, rejected ones included."""

    images: int
    synthetic: int
    position: int
    drawn: int


class MixtureLoader:
    """One epoch of the mixture per iteration: exactly ``images_per_epoch`` images, the last batch possibly smaller.
    With ``in_blocks`` the same batches come as a :class:`Block` of those that are made together.

    With ``world_size`` processes, every process builds the same global batches and ``rank`` takes its share of each:
    the images shown do not depend on the number of processes. ``augmentation_seconds`` adds up the time spent in
    ``source``; ``shown`` counts images up to the last batch that was asked for, with the position after its block, and
    is None where epochs before this loader's were not counted.
    """

    def __init__(
        self,
        images: Tensor,
        *,
        batch_size: int,
        images_per_epoch: int,
        seed: int,
        ratio: float = 0.0,
        probability: float = 0.0,
        source: SampleSource | None = None,
        share: Share | None = None,
        rank: int = 0,
        world_size: int = 1,
        shown: Shown | None = None,
        begin: Callable[[], object] | None = None,
        in_blocks: bool = False,
    ) -> None:
        """``images: (N, H, W)`` or ``(N, C, H, W)`` uint8, on the device where batches are wanted; ``share``: of
        ``ratio`` and ``probability``, read before every fourth batch (None: all of them); ``shown``: by an interrupted
        training that this one goes on with; ``begin``: called in every epoch before anything of it is made.

        Raises ``ValueError`` when the batch does not fit the epoch, or does not divide among the processes.
        """
        if not 1 <= batch_size <= images_per_epoch:
            raise ValueError(
                f"budget.batch_size={batch_size}: must be between 1 and budget.images_per_epoch={images_per_epoch}"
            )
        if batch_size % world_size or images_per_epoch % world_size:
            raise ValueError(
                f"budget.batch_size={batch_size} and budget.images_per_epoch={images_per_epoch}: both must be "
                f"multiples of the number of processes, {world_size}"
            )
        assert source is not None or not (ratio or probability), "synthetic images need a sample source"
        self.images = images
        self.batch_size = batch_size
        self.images_per_epoch = images_per_epoch
        self.seed = seed
        self.ratio, self.probability, self.source, self.share = ratio, probability, source, share
        self.rank, self.world_size = rank, world_size
        self.epoch = 0
        self.augmentation_seconds = 0.0
        self.shown = shown
        self._begin, self._began = begin, shown
        self.in_blocks = in_blocks
        self._block_images = BATCHES * batch_size if share else max(1, BLOCK_IMAGES // batch_size) * batch_size

    @property
    def acceptance(self) -> float | None:
        """The share of the synthetic images made in this epoch that were shown, and not rejected; at its end. None
        where none was made, or nobody counted."""
        now, began = self.shown, self._began
        if now is None or began is None or now.drawn == began.drawn:
            return None
        return (now.synthetic - began.synthetic) / (now.drawn - began.drawn)

    @property
    def sampler(self) -> "MixtureLoader":
        """Lightning calls ``loader.sampler.set_epoch`` before every epoch, also after a resume."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next iteration yields."""
        self.epoch = epoch

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return -(-self.images_per_epoch // self.batch_size)

    def __len__(self) -> int:
        return -(-self.images_per_epoch // self._block_images) if self.in_blocks else self.batches

    def __iter__(self) -> Iterator[Batch | Block]:
        # A generator: nothing is read before the first batch is asked for, by when the epoch is set.
        first = self.epoch * self.images_per_epoch
        shown = self._began = self._before(first)
        if self._begin is not None:
            self._begin()
        for start in range(0, self.images_per_epoch, self._block_images):
            stop = min(start + self._block_images, self.images_per_epoch)
            plan, after = self._plan(first + start, stop - start, shown)
            batches = self._batches(plan, start, first, after, shown)
            if self.in_blocks:
                block = Block(batches, -(-(stop - start) // self.batch_size))
                yield block
                assert next(iter(block), None) is None, "all of a block is used before the next is asked for"
            else:
                yield from batches
            shown = shown and self.shown

    def _batches(self, plan: MixturePlan, start: int, first: int, after: int, shown: Shown | None) -> Iterator[Batch]:
        """The batches of a block that begins ``start`` images into the epoch, whose own first image is ``first``."""
        (images, synthetic, origin), is_synthetic, drawn = self._block(plan, start)
        count, size = len(is_synthetic), self.batch_size
        ends = [min(begin + size, count) for begin in range(0, count, size)]
        made = is_synthetic.cumsum(0)[torch.tensor(ends) - 1].tolist()
        for begin, end, synthetic_by_then in zip(range(0, count, size), ends, made, strict=True):
            mine = (end - begin) // self.world_size
            if shown is not None:
                self.shown = Shown(first + start + end, shown.synthetic + synthetic_by_then, after, shown.drawn + drawn)
            else:
                self.shown = None
            part = slice(begin + self.rank * mine, begin + (self.rank + 1) * mine)
            yield Batch(images[part], synthetic[part], origin[part])

    def _before(self, first: int) -> Shown | None:
        """What was shown before the epoch that begins at image ``first``, where that was counted."""
        before = Shown(0, 0, 0, 0) if first == 0 else self.shown
        known = before is not None and before.images == first
        if self.share is not None and not known:
            raise ValueError(
                f"epoch {self.epoch}: where rates change, an epoch begins where the one before it ended; go through "
                "that one first, or give its state"
            )
        return before if known else None

    def _plan(self, start: int, count: int, shown: Shown | None) -> tuple[MixturePlan, int]:
        """The next ``count`` images, from image ``start`` on, and the position after them."""
        of = {"ratio": self.ratio, "probability": self.probability}
        if self.share is None:
            return mixture_plan(len(self.images), start, start + count, seed=self.seed, **of), start + count
        assert shown is not None
        share = self.share(start)
        return thinned_plan(len(self.images), shown.position, count, share, seed=self.seed, **of)

    def _block(self, plan: MixturePlan, start: int) -> tuple[Batch, Tensor, int]:
        """The images of ``plan``, which of them are synthetic, on the CPU, and how many of these were drawn for it."""
        device = self.images.device
        is_synthetic = plan.synthetic
        drawn = int(is_synthetic.sum())
        origin, synthetic = plan.origin.to(device), is_synthetic.to(device)
        images = to_float(self.images[origin])
        if self.source is not None and drawn:
            began = self._now(device)
            draw = generator(self.seed, "perturbation", self.epoch, start, device=device)
            # Asked for within a step that may compute in bf16; images are float32, the same in any precision.
            with torch.autocast(device.type, enabled=False):
                made = self.source(origin[synthetic], draw)
            found = made.images if isinstance(made, Made) else made
            expected = (drawn, *images.shape[1:])
            if found.shape != expected:
                raise ValueError(f"sample source: returned shape {tuple(found.shape)}, expected {expected}")
            images[synthetic] = found
            if isinstance(made, Made):
                synthetic = synthetic.masked_scatter(synthetic, made.synthetic)
                is_synthetic, drawn = synthetic.cpu(), made.drawn
            self.augmentation_seconds += self._now(device) - began
        return Batch(images, synthetic, origin), is_synthetic, drawn

    @staticmethod
    def _now(device: torch.device) -> float:
        wait_for(device)
        return time.perf_counter()
