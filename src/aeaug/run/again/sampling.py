"""Images of a finished run's averaged generator, which is what its evaluation measured, as files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aeaug.export.block import Block
from aeaug.export.numpy_file import write_npy
from aeaug.export.pixels import to_bytes
from aeaug.export.png import write_grid, write_pngs
from aeaug.faults import Fault, one_line
from aeaug.gan import GANModule
from aeaug.run.again.sampling_options import SamplingOptions
from aeaug.run.best import module_of
from aeaug.run.files import read_status
from aeaug.training.checkpoint import read_archive
from aeaug.training.divergence import Diverged
from aeaug.training.progress import progress_bar
from aeaug.training.threads import cpu_threads

__all__ = ["Sampling"]

WRITERS = {"": write_pngs, ".npy": write_npy, ".png": write_grid}
FILES = {"end": "last.ckpt", "best": "best.ckpt"}


class Sampling:
    """The run in ``options.run``, checked and its generator loaded; nothing is written before :meth:`write`.

    Raises :class:`Fault`, in one line, for a folder that holds no finished run, or none whose generator is there.
    """

    def __init__(self, options: SamplingOptions) -> None:
        assert options.run is not None
        assert options.out is not None
        self.options, self.folder, self.out = options, Path(options.run), Path(options.out)
        try:
            state = read_status(self.folder).get("state", "missing")
            if state != "done":
                raise ValueError(f"state={state}, there is no finished generator")
            self.module = self._load(self.folder / "checkpoints" / FILES[options.reading])
        except ValueError as error:
            raise Fault(f"run={self.folder}: {one_line(error, 1000)}") from error

    def write(self) -> None:
        """Write the images. Raises ``OSError`` where that fails, and :class:`Fault` where some are not finite; then
        nothing of them is left."""
        try:
            with cpu_threads(self.options.threads):
                WRITERS[self.out.suffix](self.out, self.options.n, self._blocks())
        except Diverged as error:
            raise Fault(f"run={self.folder}: {error}") from error

    def _blocks(self) -> Iterator[Block]:
        n, module = self.options.n, self.module
        seed = module.seed if self.options.seed is None else self.options.seed
        bar: Any = progress_bar(desc="sampling", total=n, unit="image", disable=not self.options.progress)
        with bar:
            for images in module.samples(n, seed, "evaluation latents"):
                yield Block(to_bytes(images).numpy())
                bar.update(len(images))

    @staticmethod
    def _load(path: Path) -> GANModule:
        remedy = "run it again"
        content = read_archive(path, remedy)
        try:
            return module_of(content).eval()
        except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is not of this version of the networks ({one_line(error)})") from None
