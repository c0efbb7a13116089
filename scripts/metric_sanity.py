"""Which metric sees what: replace a share of real images by something worse, and look at every metric.

    python scripts/metric_sanity.py                  # writes outputs/metric_sanity: numbers.csv, figure.png, tables.md

A real sample of as many MNIST images as the test split has is measured against that split, as generated images are,
with a training subset of --n-train images behind it; then the same sample with 5, 10, 25 and 50% of it replaced
(src/aeaug/evaluation/corruptions.py). A metric sees a change where its number moves by more than three standard
deviations of 20 other real samples. MNIST is read from the folder that AEAUG_DATA names (default: data).
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import torch
import yaml
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.options import PlainOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets import DATA_SETS
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.corruptions import Corruption, corruptions
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import copied, floors
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.metric import Metric, Spaces
from aeaug.evaluation.metrics import METRICS
from aeaug.perturbation.gaussian import Gaussian
from aeaug.randomness import generator
from aeaug.sweep.composition.overrides import CONF
from aeaug.training.progress import progress_bar
from aeaug.training.threads import cpu_threads

SHARES = (0.05, 0.1, 0.25, 0.5)
SEEN = 3  # standard deviations of other real samples
COLOURS = ("#0067a3", "#c24e00", "#00805c", "#a8508a", "#8a6d00", "#40474e")
MARKERS = "osD^vP"
COLUMNS = ["space", "metric", "change", "share", "value", "mean", "sd"]
SPACE = {"classifier": "", "self_supervised": ", self-supervised"}


def changes(data: MNISTDataModule, store: ArtifactStore) -> dict[str, Corruption]:
    """The corruptions of a real sample of the pool, outside the training subset, that no feature net has seen."""
    splits, n = data.splits, len(data.splits.test_images)
    outside = torch.ones(splits.pool_unseen, dtype=torch.bool)
    outside[data.subset_positions] = False
    places = outside.nonzero().squeeze(1)
    order = places[torch.randperm(len(places), generator=generator(0, "real sample to be corrupted"))]
    real, spare = order[:n], order[n:]
    values = yaml.safe_load(Path(CONF, "autoencoder", "mlp.yaml").read_text()) | {"seed": 0}
    options = PlainOptions(**values)
    options = options.model_copy(update={"steps": chosen_steps(options, len(data.train_images), data.dataset)})
    autoencoder = trained_autoencoder(store, options, data, progress=False)
    source = DecodedSource(autoencoder.module, data.train_images, Gaussian(name="gaussian", gamma=0.5))
    return corruptions(
        to_float(splits.pool_images[real]),
        splits.pool_labels[real],
        to_float(splits.pool_images[spare]),
        splits.pool_labels[spare],
        to_float(data.train_images),
        source.sample(copied(data, n), 0),
        seed=0,
    )


def measured(data: MNISTDataModule, outputs: Path) -> pd.DataFrame:
    """A row a number: ``COLUMNS``; ``mean`` and ``sd`` are of other real samples."""
    store, nets, splits = ArtifactStore(outputs / "artifacts"), load_feature_nets(data.description), data.splits
    kept = Kept(store)
    evaluator = FinalEvaluator(
        to_float(splits.test_images), splits.test_labels, to_float(data.train_images), nets, 0, kept=kept
    )
    real = floors(data, evaluator, nets, 0, kept, progress=True)["real"]
    assert real is not None
    made = changes(data, store)
    sets = [("nothing", 0.0), *((name, share) for name in made for share in SHARES)]
    rows = []
    for name, share in progress_bar(sets, "changed sets", unit="set"):
        found = evaluator.evaluate(made[name](share) if share else made["blur"](0.0))
        rows += list(_rows(found, real["spaces"], real["sd"], name, share))
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(found: Spaces, mean: Spaces, sd: Spaces, name: str, share: float) -> Iterator[tuple[object, ...]]:
    for space, numbers in found.items():
        for key, value in numbers.items():
            if key in METRICS and isinstance(value, int | float):
                yield space, key, name, share, value, mean[space][key], sd[space][key]


def seen(table: pd.DataFrame) -> pd.DataFrame:
    """For every metric, space and change the smallest share at which, and from which on, it is seen; NaN: at none."""
    start = table[table["change"] == "nothing"].set_index(["space", "metric"])["value"]
    changed = table[table["change"] != "nothing"].copy()
    before = changed.set_index(["space", "metric"]).index.map(start)
    changed["moved"] = (changed["value"] - before).abs() > SEEN * changed["sd"]
    found = {}
    for key, part in changed.groupby(["space", "metric", "change"], sort=False):
        held = part.sort_values("share", ascending=False)["moved"].cumprod().sum()
        found[key] = sorted(part["share"])[-held] if held else float("nan")
    return pd.Series(found).unstack(2)[list(changed["change"].unique())]


def markdown(table: pd.DataFrame) -> str:
    """Two tables: what is seen from which share on, and the numbers at half of the images."""
    first, start = seen(table), table[table["change"] == "nothing"].set_index(["space", "metric"])
    names = list(first.columns)
    head = "| " + " | ".join(["metric", *names]) + " |\n" + "| --- |" + " ---: |" * len(names)
    lines = [head]
    places = list(dict.fromkeys(zip(table["space"], table["metric"], strict=True)))
    for place in places:
        cells = ["–" if pd.isna(share) else f"{share:.0%}" for share in first.loc[place]]
        lines.append("| " + " | ".join([_name(*place), *cells]) + " |")
    half = table[table["share"] == max(SHARES)].set_index(["space", "metric", "change"])["value"]
    head = "| " + " | ".join(["metric", "other real samples", "unchanged", *names]) + " |\n"
    lines += ["", head + "| --- |" + " ---: |" * (len(names) + 2)]
    for place in places:
        places_after, own = METRICS[place[1]].decimals, start.loc[place]
        decimals = places_after if place[0] == "classifier" else places_after + 2
        real = f"{_number(own['mean'], decimals)} ± {_number(own['sd'], decimals)}"
        values = [own["value"], *(half[(*place, name)] for name in names)]
        cells = [real, *(_number(value, decimals) for value in values)]
        lines.append("| " + " | ".join([_name(*place), *cells]) + " |")
    return "\n".join(lines)


def _number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", "−")


def _name(space: str, key: str) -> str:
    return METRICS[key].label + SPACE[space]


def figure(table: pd.DataFrame) -> Figure:
    """A panel a metric: its number by the share that was replaced, a line a change, a band of other real samples."""
    mpl.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    groups = list(table.groupby(["space", "metric"], sort=False))
    columns = 4
    rows = -(-len(groups) // columns)
    drawn = Figure(figsize=(11, 1.9 * rows), layout="constrained")
    axes = drawn.subplots(rows, columns, squeeze=False).flatten()
    for axis, ((space, key), part) in zip(axes, groups, strict=False):
        metric: Metric = METRICS[key]
        start = part.loc[part["change"] == "nothing", "value"].iloc[0]
        mean, sd = part["mean"].iloc[0], part["sd"].iloc[0]
        axis.axhspan(mean - SEEN * sd, mean + SEEN * sd, color="#d5dade", linewidth=0)
        lines = list(part[part["change"] != "nothing"].groupby("change", sort=False))
        looks = COLOURS[: len(lines)], MARKERS[: len(lines)]
        for (name, line), colour, marker in zip(lines, *looks, strict=True):
            x, y = [0, *line["share"]], [start, *line["value"]]
            axis.plot(x, y, color=colour, marker=marker, markersize=3, linewidth=1.2, label=name)
        if metric.scale == "log":
            axis.set_yscale("log")
        axis.set_title(_name(space, key), fontsize=8.5)
        axis.set_xticks([0, *SHARES[1:]])
        axis.xaxis.set_major_formatter(PercentFormatter(1, 0))
    for axis in axes[len(groups) :]:
        axis.set_axis_off()
    drawn.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=[name for name, one in DATA_SETS.items() if one.grey], default="mnist")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")))
    parser.add_argument("--n-train", type=int, default=500)
    parser.add_argument("--subset-seed", type=int, default=9_000, help="of a subset that no experiment reports on")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    args = parser.parse_args()
    folder: Path = args.outputs / "metric_sanity"
    data = MNISTDataModule(args.data, args.root, args.n_train, args.subset_seed)
    try:
        data.setup()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    with cpu_threads(1):
        table = measured(data, args.outputs)
    table.to_csv(folder / "numbers.csv", index=False)
    figure(table).savefig(folder / "figure.png", dpi=110)
    (folder / "tables.md").write_text(markdown(table) + "\n")
    print(markdown(table))


if __name__ == "__main__":
    main()
