"""Print how well few real images tell trained GANs apart, the table of docs/feature_net.md, as Markdown.

    python scripts/few_images.py                                     # the ledger's runs in outputs/runs: some minutes
    python scripts/few_images.py --runs outputs/runs/fashion --data fashion_mnist

Of every two finished runs of an experiment with one seed and size, in the leading feature space: which of them FD to
few test images takes for the better one, compared with FD of 10,000 images to the whole test set.
"""

import argparse
import math
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from pathlib import Path

import torch
from torch import Tensor

from aeaug.data.description import DataSet
from aeaug.data.images import to_float
from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.features import SPACES, extract, load_feature_net
from aeaug.evaluation.few_images import GENERATED, jackknife
from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics.frechet import FrechetDistance
from aeaug.evaluation.metrics.frechet_few import MEASUREMENT
from aeaug.gan import GANModule
from aeaug.one_thread import one_thread
from aeaug.randomness import generator
from aeaug.run.files import files_of
from aeaug.run.folders import run_folders

Key = tuple[int, str]
"""Seed, and the folder of the arm."""

COUNTS, DRAWS = (40, 77, 160, 320, 480, 960), 10  # test images, as many disjoint sets of them
EDGES = (0.0, 0.1, 0.3, 0.7, math.inf)  # of the size of log FD's true difference


def differences(real: Tensor, generated: Mapping[Key, Tensor], count: int) -> Iterator[tuple[float, list[list[float]]]]:
    """For every pair of one seed, log FD's difference by all images, and of each disjoint set of ``count`` real ones:
    that of as many generated ones, that of 2,000, and the latter's standard error and half interval by the jackknife.

    ``real (N, F)``; ``generated``: at least 2,000 of each, ``(M, F)``.
    """
    every = {key: math.log(FrechetDistance(real)(features)) for key, features in generated.items()}
    found: dict[Key, list[tuple[float, float, Tensor]]] = defaultdict(list)
    for draw in range(min(DRAWS, len(real) // count)):
        few = real[draw * count : (draw + 1) * count]
        measure, plain = MEASUREMENT.prepare(Reference(few, few)), FrechetDistance(few)
        for key, features in generated.items():
            numbers = measure(Sample(few, features[:count], few, features[:GENERATED]))
            whole, without = numbers["frechet_distance_few"], numbers["frechet_distance_few_without"]
            equal = plain(features[draw * count % GENERATED :][:count])
            found[key].append((math.log(equal), math.log(whole), torch.tensor(without).log()))  # type: ignore[arg-type]
    for one, other in combinations(sorted(generated), 2):
        if one[0] == other[0]:
            rows = []
            for (equal, whole, parts), (equal_2, whole_2, parts_2) in zip(found[one], found[other], strict=True):
                rows.append([equal - equal_2, whole - whole_2, *jackknife((parts - parts_2).tolist())])
            yield every[one] - every[other], rows


def table(real: Tensor, generated: Mapping[Key, Tensor]) -> Iterator[str]:
    """The lines of the table, of ``real (N, F)`` and ``generated``, ``(M, F)`` each."""
    yield (
        "| test images | FD differs by | pairs | right, as many generated | right, 2,000 generated | share of the true "
        "difference | its standard deviation | by the jackknife | sure and right | sure and wrong |"
    )
    yield "| ---: | --- |" + " ---: |" * 8
    for count in COUNTS:
        if 2 * count > len(real):
            continue
        pairs = list(differences(real, generated, count))
        for low, high in pairwise(EDGES):
            here = [(truth, torch.tensor(rows)) for truth, rows in pairs if low <= abs(truth) < high]
            if not here:
                continue
            side = [(math.copysign(1.0, truth), rows) for truth, rows in here]
            right = [torch.cat([of * rows[:, place] > 0 for of, rows in side]).double().mean() for place in (0, 1)]
            share = sorted(float(rows[:, 1].mean()) / truth for truth, rows in here)[len(here) // 2]
            spread = sum(float(rows[:, 1].std()) for _, rows in here) / len(here)
            error = sum(float(rows[:, 2].mean()) for _, rows in here) / len(here)
            sure = [
                torch.cat([way * of * rows[:, 1] > rows[:, 3] for of, rows in side]).double().mean() for way in (1, -1)
            ]
            least, most = (f"{math.expm1(end):.0%}" if end < math.inf else "" for end in (low, high))
            between = f"{least} to {most}" if most else f"{least} or more"
            yield (
                f"| {count} | {between} | {len(here)} | {right[0]:.0%} | {right[1]:.0%} | {share:.2f} | {spread:.3f} | "
                f"{error:.3f} | {sure[0]:.0%} | {sure[1]:.0%} |"
            )


def features(runs: Path, data: DataSet, n_train: int) -> tuple[Tensor, dict[Key, Tensor]]:
    """Those of the test images, in random order, and of as many images by the generator of each finished run at its
    end; in the leading space. Raises ``SystemExit``, in one line, where there is no run."""
    splits = data.load(Path(os.environ.get("AEAUG_DATA", "data")))
    net, _ = load_feature_net(data, space=SPACES[0])
    order = torch.randperm(len(splits.test_images), generator=generator(0, "few images: test images"))
    real = extract(to_float(splits.test_images[order]), net).features.double()
    found: dict[Key, Tensor] = {}
    for folder in sorted(run_folders(runs)):
        files = files_of(folder)
        if files.state == "done" and files.config["data"]["n_train"] == n_train:
            module = GANModule.load_from_checkpoint(folder / "checkpoints" / "last.ckpt", map_location="cpu")
            seed = files.config["seed"]
            images = module.sample(max(len(real), GENERATED), seed, "evaluation latents")
            found[seed, folder.parent.name] = extract(images, net).features.double()
    if not found:
        raise SystemExit(f"error: {runs}: no finished run with data.n_train={n_train}")
    return real, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("outputs/runs/ledger"), help="folder of an experiment")
    parser.add_argument("--data", choices=sorted(DATA_SETS), default="mnist", help="what its runs are of")
    parser.add_argument("--n-train", type=int, default=500, help="size of the runs that are looked at")
    arguments = parser.parse_args()
    with one_thread():
        print(*table(*features(arguments.runs, DATA_SETS[arguments.data], arguments.n_train)), sep="\n")


if __name__ == "__main__":
    main()
