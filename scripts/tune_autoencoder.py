"""Print how long an autoencoder should train, as a Markdown table a size: python scripts/tune_autoencoder.py [--help].

Subsets are of seeds that are kept for tuning, numbers against the validation slice. MNIST is read from the folder that
AEAUG_DATA names (default: data). One training gives a whole curve: its first k steps are a training of k steps.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import numpy as np
import torch
import yaml
from pydantic import TypeAdapter
from typing_extensions import override

from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.options import AutoencoderChoice, AutoencoderOptions
from aeaug.autoencoder.training import fit
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets import DATA_SETS
from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.perturbation.gaussian import Gaussian
from aeaug.training.threads import cpu_threads

CONF = Path(__file__).parents[1] / "conf" / "autoencoder"
STEPS = (60, 125, 250, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 14_000, 20_000)
SIZES = (100, 500, 2_000, 25_000)
SUBSETS = (9_000, 9_001, 9_002)
FED = Gaussian(name="gaussian", gamma=0.5)
HEAD = "| images | steps | seconds | held-out error | its loss | training loss | FD of decoded images | labels kept |"
FORMS = (".5f", ".4f", ".4f", ".1f", ".3f")  # of the last five


class Point(NamedTuple):
    """An autoencoder after some steps: ``seconds`` of a processor, held-out ``error`` (mean squared, intensities in
    [0, 1]) and ``loss`` (what is trained on), the latter on ``training`` images; of images decoded from perturbed codes
    the ``distance`` (Fréchet) and the share of ``labels`` kept."""

    seconds: float
    error: float
    loss: float
    training: float
    distance: float
    labels: float


class Curve(L.Callback):
    """Measures at ``steps``, off the clock."""

    def __init__(self, data: MNISTDataModule, validation: Evaluator, steps: Sequence[int]) -> None:
        self.data, self.validation, self.steps = data, validation, set(steps)
        self.held_out, self.trained_on = to_float(data.splits.val_images), to_float(data.train_images[:5_000])
        self.points: list[Point] = []

    @override
    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self.began = time.process_time()

    @override
    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step in self.steps:
            stopped = time.process_time()
            self.points.append(self._measured(pl_module, stopped - self.began))
            print(f"{len(self.data.train_images)}, {trainer.global_step}: {self.points[-1]}", file=sys.stderr)
            self.began += time.process_time() - stopped

    @torch.no_grad()
    def _measured(self, trained: AutoencoderModule, seconds: float) -> Point:
        autoencoder = AutoencoderModule(**trained.hparams)  # a source freezes its autoencoder
        autoencoder.load_state_dict(trained.state_dict())
        origin = torch.arange(len(self.held_out)) % len(self.data.train_images)
        decoded = DecodedSource(autoencoder, self.data.train_images, FED).sample(origin, seed=0)
        found = self.validation.features(decoded)
        kept = found.logits.argmax(1).cpu() == self.data.train_labels[origin]
        return Point(
            seconds,
            autoencoder.squared_error_on(self.held_out),
            autoencoder.loss_on(self.held_out),
            autoencoder.loss_on(self.trained_on),
            self.validation.frechet_distance(found),
            float(kept.double().mean()),
        )


def rows(
    options: AutoencoderOptions, source: str, root: Path, size: int, subsets: Sequence[int], most: int
) -> Iterator[str]:
    """The table's rows of one size: means over subsets and, in brackets, standard deviations between them."""
    steps, curves, validation = [step for step in STEPS if step <= most], [], None
    for subset in subsets:
        data = MNISTDataModule(source, root, size, subset)
        data.setup()
        validation = validation or Evaluator(to_float(data.splits.val_images), load_feature_net(data.description)[0])
        curve = Curve(data, validation, steps)
        own = options.model_copy(update={"steps": steps[-1], "stopping": "fixed", "seed": subset})
        with tempfile.TemporaryDirectory() as folder:
            fit(own, data, Path(folder), progress=False, callbacks=[curve])
        curves.append(curve.points)
    found = np.array(curves)
    for step, points in zip(steps, found.swapaxes(0, 1), strict=True):
        cells = [_cell(values, form) for values, form in zip(points.T[1:], FORMS, strict=True)]
        yield f"| {size:,} | {step:,} | {points[:, 0].mean():.1f} | " + " | ".join(cells) + " |"


def _cell(values: "np.ndarray[Any, Any]", form: str) -> str:
    spread = f" ({values.std(ddof=1):{form}})" if len(values) > 1 else ""
    return f"{values.mean():{form}}{spread}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "autoencoder", choices=sorted(path.stem for path in CONF.glob("*.yaml")), help="its option file"
    )
    parser.add_argument("--data", choices=DATA_SETS, default="mnist", help="its source (default: %(default)s)")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")), help="of MNIST")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of subsets (default: %(default)s)")
    parser.add_argument("--subsets", type=int, nargs="+", default=SUBSETS, help="seeds (default: %(default)s)")
    parser.add_argument("--most", type=int, default=STEPS[-1], help="steps (default: %(default)s)")
    args = parser.parse_args(arguments)
    if args.most < STEPS[0]:
        parser.error(f"--most={args.most}: must be at least {STEPS[0]}")
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore")
    chosen = yaml.safe_load((CONF / f"{args.autoencoder}.yaml").read_text()) | {"seed": 0}
    print(HEAD, "|" + " ---: |" * 8, sep="\n", flush=True)
    try:
        options = TypeAdapter[AutoencoderOptions](AutoencoderChoice).validate_python(chosen)
        with cpu_threads(1):
            for size in args.sizes:
                for row in rows(options, args.data, args.root, size, args.subsets, args.most):
                    print(row, flush=True)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
