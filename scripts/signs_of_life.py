"""Print, and keep in docs/results/signs.csv, whether each strategy does what its source says, on three subsets:

python scripts/train.py -m experiment=signs, and the commands that its file lists with it
python scripts/signs_of_life.py

What is to be seen was written here before the runs. Numbers of a GAN are means over the last half of its readings on
the validation slice, but for the leak, which is measured at the end; numbers of a perturbation are of the codes of the
subsets' autoencoders, those of the runs, and for posterior a variational one, which is trained here.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from scipy.optimize import linprog

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.augmentation.sources.changed import dose
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.data import MNISTDataModule
from aeaug.perturbation import LatentCodes
from aeaug.randomness import generator
from aeaug.run.options import RunOptions, parse_options
from aeaug.sweep.composition import CONF

TARGET = Path(__file__).parents[1] / "docs" / "results" / "signs.csv"
SEEDS = (9_000, 9_001, 9_002)
LEAVES_BY = 1e-5  # of the largest entry of a code: more than float32 and the solver make of a point on an edge

Run = tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]
"""A run's metrics and its readings."""


class Sign(NamedTuple):
    """``what`` is to be seen of an ``arm``: a ``number`` that is lower, or ``higher``, than that of another arm, or
    than a number."""

    arm: str
    what: str
    number: Callable[[Run], float]
    higher: bool
    than: str | float


def late(number: Callable[[Mapping[str, Any]], float | None]) -> Callable[[Run], float]:
    """The mean over the last half of the readings that have the number, NaN where none has."""

    def mean(run: Run) -> float:
        found = [number(one["discriminator"]) for one in run[1][len(run[1]) // 2 :]]
        known = [value for value in found if value is not None]  # r_v has none where D tells nothing apart
        return fmean(known) if known else float("nan")

    return mean


def leak(run: Run) -> float:
    """Share of generated images that are taken for decoded ones."""
    return float(run[0]["leak"]["share_generated"])


def off_target(run: Run) -> float:
    """How far r_t is from 0.6."""
    return abs(late(lambda said: said["r_t"])(run) - 0.6)


def synthetic_beside(expected: float) -> Callable[[Run], float]:
    """How far the share of synthetic images is from what is ``expected``."""

    def distance(run: Run) -> float:
        return abs(run[0]["work"]["synthetic"] / run[0]["work"]["shown"] - expected)

    return distance


def accepted(run: Run) -> float:
    """Share of the images made that the filter accepted."""
    return float(run[0]["work"]["accepted"] / run[0]["work"]["drawn"])


decoded = late(lambda said: said["logit_decoded"])
gap = late(lambda said: said["logit_train"] - said["logit_validation"])
reach = late(lambda said: said["logit_train"] - said["logit_generated"])
overfitting = late(lambda said: said["r_v"])

# Of all images, half the mean of m / (1 + m) while the share m of the ratio 1 goes from 1 to 0.
FADING = (
    ("linear", "until", (1 - math.log(2)) / 2),
    ("cosine", "until", (1 - math.sqrt(0.5)) / 2),
    ("step", "at", 0.25),
)

SIGNS = (
    Sign("append_gaussian", "the autoencoder's smoothing leaks: leak share", leak, True, "none"),
    Sign("append_reconstruct", "the autoencoder's smoothing leaks: leak share", leak, True, "none"),
    Sign("replace_gaussian", "the autoencoder's smoothing leaks: leak share", leak, True, "none"),
    Sign("append_duplicates", "more of the same overfits more than more: r_v", overfitting, True, "append_fresh"),
    Sign("append_fresh", "more real images, less overfitting: r_v", overfitting, False, "none"),
    Sign("two_sided_gaussian", "less leaks than by appending: leak share", leak, False, "append_gaussian"),
    Sign("consistency_gaussian", "D(train) - D(validation)", gap, False, "none"),
    Sign("bcr", "D(train) - D(validation)", gap, False, "none"),
    Sign("consistency_gaussian,augmentation.weight=1", "D(train) - D(validation)", gap, False, "none"),
    Sign("bcr,gan.penalty.bcr.weight=1", "D(train) - D(validation)", gap, False, "none"),
    Sign("append_hard", "decoded images look less real: D(decoded)", decoded, False, "append_gaussian"),
    Sign("append_score", "what is shown looks more real: D(decoded)", decoded, True, "append_gaussian"),
    Sign("append_manifold", "some images are rejected: accepted", accepted, False, 0.9999),
    Sign("append_labels", "some images are rejected: accepted", accepted, False, 0.9999),
    *(
        Sign(
            f"append_gaussian,schedule.{key}=38400,schedule={name}",
            f"synthetic images end halfway: share beside {expected:.4f}",
            synthetic_beside(expected),
            False,
            0.01,
        )
        for name, key, expected in FADING
    ),
    Sign("diffaugment", "less overfitting: r_v", overfitting, False, "none"),
    Sign("ada", "r_t is held nearer to 0.6: distance", off_target, False, "none"),
    Sign("apa", "r_t is held nearer to 0.6: distance", off_target, False, "none"),
    Sign("lecam", "logits lie closer: D(train) - D(generated)", reach, False, "none"),
    Sign("instance_noise", "the two lie closer: D(train) - D(generated)", reach, False, "none"),
    Sign("spectral_norm", "D is smooth: D(train) - D(generated)", reach, False, "none"),
    Sign("dropout", "less overfitting: r_v", overfitting, False, "none"),
    Sign("r3gan", "R1 and R2 keep D from overfitting: r_v", overfitting, False, "none"),
    Sign("wgan_gp", "less overfitting: r_v", overfitting, False, "none"),
)


class OfCodes(NamedTuple):
    """The same of a perturbation's codes: ``number`` of codes ``(N, D)``, of what became of them, and of the training
    codes."""

    perturbation: str
    what: str
    number: Callable[[np.ndarray, np.ndarray, LatentCodes], float]
    higher: bool
    than: str | float


def outside(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of 50 codes that are farther from every convex combination of the training codes than rounding makes them:
    in the largest difference of a dimension, which a linear program makes as small as it can be."""
    known = codes.z.double().numpy().T
    scale, (dimensions, count) = np.abs(known).max(), known.shape
    slack = -np.ones((dimensions, 1))
    sides = np.vstack([np.hstack([known / scale, slack]), np.hstack([-known / scale, slack])])
    left = 0
    for code in moved[:50].astype(np.float64) / scale:
        found = linprog(
            np.append(np.zeros(count), 1),
            A_ub=sides,
            b_ub=np.concatenate([code, -code]),
            A_eq=np.append(np.ones(count), 0)[None],
            b_eq=[1],
        )
        left += found.fun > LEAVES_BY
    return left / len(moved[:50])


def farthest(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """The largest move of a dimension, in its standard deviations."""
    return float((np.abs(moved - z) / codes.sigma.numpy()).max())


def root_mean_square(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Of the moves, in standard deviations of their dimensions."""
    return float(np.sqrt(np.square((moved - z) / codes.sigma.numpy()).mean()))


def aligned(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of the moves' variance along the ten principal directions of the codes."""
    centred = codes.z.double().numpy() - codes.z.double().numpy().mean(0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:10]
    moves = (moved - z).astype(np.float64)
    return float(np.square(moves @ directions.T).sum() / np.square(moves).sum())


def forgotten(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of codes whose perturbed one lies nearer to another image's code."""
    distances = np.linalg.norm(moved[:, None] - codes.z.numpy()[None], axis=2)
    return float((distances.argmin(1) != np.arange(len(moved)) % len(codes.z)).mean())


def at_mean(z: np.ndarray, moved: np.ndarray, codes: LatentCodes) -> float:
    """Share of entries that are the mean of their dimension."""
    return float(np.isclose(moved, codes.mean.numpy(), rtol=1e-5, atol=1e-6).mean())


OF_CODES = (
    OfCodes("reconstruct", "codes stay: root mean square move, in σ", root_mean_square, False, 1e-9),
    OfCodes("gaussian", "moves are unbounded: largest, in σ", farthest, True, "uniform"),
    OfCodes("uniform", "moves are bounded by √3 γ: largest, in σ", farthest, False, 0.8661),
    OfCodes("interpolate", "codes stay in the hull of the training codes: share outside", outside, False, 0.05),
    OfCodes("extrapolate", "codes leave the hull of the training codes: share outside", outside, True, 0.9),
    OfCodes("difference", "moves go where codes vary: share along 10 directions", aligned, True, "gaussian"),
    OfCodes("mixup", "codes stay in the hull of the training codes: share outside", outside, False, 0.05),
    OfCodes("dropout", "a fifth of the entries is the mean: share", at_mean, True, 0.15),
    OfCodes("density", "codes are forgotten: share nearer to another's", forgotten, True, 0.9),
    OfCodes("chain", "it moves beyond its first link: largest, in σ", farthest, True, "interpolate"),
    OfCodes("posterior", "codes stay their own image's: share nearer to another's", forgotten, False, 0.5),
)


def of_runs(folder: Path) -> Iterator[dict[str, Any]]:
    """A row for each sign of an arm."""
    for sign in SIGNS:
        names = (sign.arm, sign.than) if isinstance(sign.than, str) else (sign.arm,)
        found = [[sign.number(_run(folder / name / f"seed={seed}")) for seed in SEEDS] for name in names]
        than = found[1] if len(found) == 2 else [float(sign.than)] * len(SEEDS)
        yield _row(f"arm={sign.arm}", sign.what, found[0], sign.higher, str(sign.than), than)


def _run(folder: Path) -> Run:
    readings = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return json.loads((folder / "metrics.json").read_text()), readings


def of_codes(outputs: Path) -> Iterator[dict[str, Any]]:
    """A row for each sign of a perturbation, and for the dose of each control."""
    found: dict[str, list[float]] = {}
    doses: dict[str, list[float]] = {}
    for seed in SEEDS:
        for one in OF_CODES:
            source, data = _source(outputs, seed, f"perturbation={one.perturbation}")
            index = torch.arange(1_000) % len(data.train_images)
            moved = source.perturbation(source.codes, index, generator(seed, "signs"))
            arguments = source.codes.z[index].numpy(), moved.numpy(), source.codes
            found.setdefault(one.perturbation, []).append(one.number(*arguments))
            for other in OF_CODES:  # what others are compared with in it
                if other.than == one.perturbation:
                    found.setdefault(f"{other.perturbation} by {one.perturbation}", []).append(other.number(*arguments))
        for control in ("noise", "blur", "shift"):
            source, data = _source(outputs, seed, "perturbation=gaussian")
            options = _options(outputs, seed, "perturbation=gaussian", f"source={control}")
            doses.setdefault(control, []).append(dose(options.source.of(source, data.fresh_images)))
            doses.setdefault(f"{control} decoded", []).append(dose(source))
    for one in OF_CODES:
        than = found.get(f"{one.perturbation} by {one.than}", [one.than] * len(SEEDS))
        values = found[one.perturbation]
        yield _row(
            f"perturbation={one.perturbation}", one.what, values, one.higher, str(one.than), list(map(float, than))
        )
    for control in ("noise", "blur", "shift"):
        ratio = [mine / theirs for mine, theirs in zip(doses[control], doses[f"{control} decoded"], strict=True)]
        off = [abs(one - 1) for one in ratio]
        yield _row(
            f"source={control}", "its dose is that of decoding: relative difference", off, False, "0.05", [0.05] * 3
        )


def _options(outputs: Path, seed: int, *given: str) -> RunOptions:
    encoder = "vae" if "perturbation=posterior" in given else "mlp"
    overrides = [
        *given,
        "experiment=signs",
        f"seed={seed}",
        f"autoencoder={encoder}",
        f"outputs={outputs}",
        "variant=it",
    ]
    with initialize_config_dir(CONF, version_base="1.3"):
        return parse_options(OmegaConf.to_container(compose("train", overrides), resolve=True))


def _source(outputs: Path, seed: int, *given: str) -> tuple[DecodedSource, MNISTDataModule]:
    options = _options(outputs, seed, *given)
    data = MNISTDataModule(options.data.name, options.data.root, options.data.n_train, seed)
    data.setup()
    store = ArtifactStore(outputs / "artifacts")
    module = trained_autoencoder(store, options.autoencoder, data, progress=False).module
    return DecodedSource(module, data.train_images, options.perturbation, data.train_labels), data


def _row(
    name: str, what: str, values: Sequence[float], higher: bool, than: str, others: Sequence[float]
) -> dict[str, Any]:
    pairs = zip(values, others, strict=True)
    seen = sum(value > other if higher else value < other for value, other in pairs)
    return {
        "choice": name,
        "what": what,
        "wanted": "higher" if higher else "lower",
        "than": than,
        **{f"subset {seed}": f"{value:.6g}" for seed, value in zip(SEEDS, values, strict=True)},
        **{f"other {seed}": f"{value:.6g}" for seed, value in zip(SEEDS, others, strict=True)},
        "seen": f"{seen} of {len(SEEDS)}",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args(arguments)
    try:
        rows = [*of_runs(args.outputs / "runs" / "signs"), *of_codes(args.outputs)]
    except OSError as error:
        parser.error(f"{error}; first the commands above")
    table = pd.DataFrame(rows)
    table.to_csv(TARGET, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
