"""Print, and keep in docs/results/signs.csv, whether each strategy does what its source says, on three subsets:

python scripts/train.py -m experiment=signs, then =signs_trained and =signs_long, and what their files list with these
python scripts/signs_of_life.py

What is to be seen stands in aeaug.signs, and was written there before the runs. Signs whose runs are not in <outputs>
stay as they were measured before. Of autoencoders, perturbations, sources and gates there are no runs: they are
measured anew, on the subsets' autoencoders, which are trained here where there are none yet.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import pandas as pd
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from aeaug.augmentation import DecodedSource
from aeaug.augmentation.sources import Source
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.evaluator import Evaluator
from aeaug.faults import Fault
from aeaug.randomness import generator
from aeaug.run.options import RunOptions, parse_options
from aeaug.run.parts import autoencoder_of, data_of, verdict_of
from aeaug.signs.finished import Finished
from aeaug.signs.of_autoencoders import OF_AUTOENCODERS, Given, rows_of_autoencoders, slope, smallness, unseen
from aeaug.signs.of_codes import OF_CODES, Moved, rows_of_codes
from aeaug.signs.of_gates import OF_GATES, OfGate, rows_of_gates
from aeaug.signs.of_runs import OF_RUNS, rows_of_runs
from aeaug.signs.of_sources import OF_SOURCES, rows_of_sources
from aeaug.signs.row import SEEDS, Row, identity, together
from aeaug.signs.why import held_out_r_v, spread_of_dose, through_views
from aeaug.sweep.composition.overrides import CONF

TARGET = Path(__file__).parents[1] / "docs" / "results" / "signs.csv"
CODES = 1_000  # an image's several times, with other draws
WEIGHTS = (1e-3, 1e-2, 1e-1, 1.0)  # of the penalty on codes, the option file's first
RAE_STEPS = 7_000  # its auto for 500 images, which is measured for that one alone


def stated() -> list[tuple[str, ...]]:
    """What is to be seen, in the order of the table."""
    of_runs = [(experiment, *one.statement) for experiment, signs in OF_RUNS.items() for one in signs]
    return [*of_runs, *(("", *one.statement) for one in (*OF_AUTOENCODERS, *OF_CODES, *OF_SOURCES, *OF_GATES))]


def without_runs(outputs: Path) -> Iterator[Row]:
    trained = cache(partial(_trained, outputs))
    yield from rows_of_autoencoders(trained)
    perturbations = list(dict.fromkeys(one.perturbation for one in OF_CODES))
    yield from rows_of_codes({name: [_moved(outputs, seed, name) for seed in SEEDS] for name in perturbations})
    names = dict.fromkeys(["decoded", *(one.source for one in OF_SOURCES)])
    yield from rows_of_sources({name: [_source(outputs, seed, name) for seed in SEEDS] for name in names})
    yield from rows_of_gates(lambda one, seed: _judged(outputs, seed, one))


def why(outputs: Path) -> Iterator[str]:
    for seed in SEEDS:
        ada = Finished(outputs / "runs" / "signs_long" / "ada" / f"seed={seed}")
        yield f"seed={seed}: ada {_numbers(through_views(ada))}"
        ada_r_v = Finished(outputs / "runs" / "signs_trained" / "ada_r_v" / f"seed={seed}")
        yield f"seed={seed}: ada_r_v {_numbers(held_out_r_v(ada_r_v))}"
        for name in ("decoded", "noise", "blur", "shift"):
            yield f"seed={seed}: spread of dose, {name}, {spread_of_dose(_source(outputs, seed, name), seed):.3f}"
        for weight in WEIGHTS:
            module, given = _trained(
                outputs, ("autoencoder=rae", f"autoencoder.weight={weight}", f"autoencoder.steps={RAE_STEPS}"), seed
            )
            found = {"mean square": smallness(module, given), "slope": slope(module, given)}
            found |= {"error of unseen images": unseen(module, given)}
            yield f"seed={seed}: rae, autoencoder.weight={weight}, codes' {_numbers(found)}"


def _numbers(found: Mapping[str, float]) -> str:
    return ", ".join(f"{key} {value:.2f}" for key, value in found.items())


def _trained(outputs: Path, told: tuple[str, ...], seed: int) -> tuple[AutoencoderModule, Given]:
    options = _options(outputs, seed, "data.n_train=500", *told)
    data = data_of(options)
    net, _ = load_feature_nets(data.description)["classifier"]
    unseen = data.splits.val_images
    given = Given.of(data.train_images, Evaluator(to_float(unseen), net), unseen)
    return autoencoder_of(options, data, torch.device("cpu")).module, given


def _moved(outputs: Path, seed: int, perturbation: str) -> Moved:
    encoder = ["autoencoder=vae"] if perturbation == "posterior" else []
    source = _decoded(_options(outputs, seed, *f"perturbation={perturbation}".split(","), *encoder))
    index = torch.arange(CODES) % len(source.images)
    moved = source.perturbation(source.codes, index, generator(seed, "signs"))
    return source.codes.z[index].numpy(), moved.numpy(), source.codes


def _source(outputs: Path, seed: int, name: str) -> Source:
    options = _options(outputs, seed, "perturbation=gaussian", f"source={name}")
    return options.source.of(_decoded(options), data_of(options).fresh_images)


def _decoded(options: RunOptions) -> DecodedSource:
    data = data_of(options)
    module = autoencoder_of(options, data, torch.device("cpu")).module
    return DecodedSource(module, data.train_images, options.perturbation, data.train_labels)


def _judged(outputs: Path, seed: int, gate: OfGate) -> float:
    options = _options(outputs, seed, *gate.overrides)
    data = data_of(options)
    verdict = verdict_of(options, autoencoder_of(options, data, torch.device("cpu")), data)
    assert verdict is not None
    return float(verdict["value"])


def _options(outputs: Path, seed: int, *given: str) -> RunOptions:
    overrides = ["experiment=signs", f"seed={seed}", f"outputs={outputs}", "variant=it", "trainer.progress=false"]
    with initialize_config_dir(CONF, version_base="1.3"):
        return parse_options(OmegaConf.to_container(compose("train", [*overrides, *given]), resolve=True))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outputs", type=Path, default=Path("outputs"))
    parser.add_argument("--why", action="store_true", help="print what was measured after signs that were not seen")
    args = parser.parse_args(arguments)
    if args.why:
        print(*why(args.outputs), sep="\n")
        return
    with TARGET.open(newline="") as file:
        kept = list(csv.DictReader(file))
    try:
        measured = [*rows_of_runs(args.outputs / "runs"), *without_runs(args.outputs)]
    except Fault as error:
        parser.error(str(error))
    rows = together(stated(), kept, measured)
    table = pd.DataFrame(rows)
    table.to_csv(TARGET, index=False)
    print(table.to_string(index=False))
    if missing := set(stated()) - {identity(row) for row in rows}:
        print("not measured yet:", *sorted(map(str, missing)), sep="\n")


if __name__ == "__main__":
    main()
