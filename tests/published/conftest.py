"""A small experiment to publish: its option file, runs as the pipeline leaves them, a repository to write into."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from aeaug.published.experiment import Experiment, experiments
from aeaug.published.recipe import Recipe, recipe_of, recipes
from aeaug.published.write import RECOMMENDED, RESULTS, committed
from aeaug.report.results import Results, results_of
from aeaug.run.table.rows import experiment_rows
from aeaug.sweep.plan.announced import announced
from tests.conftest import REPOSITORY
from tests.report.conftest import claim, run_directory, runs_dir, sizes, write_run

HEAD = """# @package _global_
# Command: python scripts/train.py -m experiment=mine, then, each with data.n_train=500,
#            arm=append_fresh,append_noise
#            arm=append_gaussian autoencoder=pca
#          and python scripts/report.py experiment=mine
# Time:    a minute.
defaults:
  - override /data: mnist_5k

name: mine
question: Does it help?
hydra:
  sweeper:
    params:
      data.n_train: 100,500
      seed: range(0,8)
      arm: none,append_gaussian,append_reconstruct
"""
EFFECTS = {
    100: {"none": 1.0, "append_gaussian": 0.7, "append_reconstruct": 0.9},
    500: {"none": 1.0, "append_gaussian": 1.08, "append_reconstruct": 1.02, "append_fresh": 0.6},
}


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "mine.yaml").write_text(HEAD)
    return recipe_of(tmp_path / "mine.yaml")


@pytest.fixture(scope="session")
def published() -> Mapping[str, Experiment]:
    """What the tables of this repository come to; read only."""
    return experiments(committed(REPOSITORY))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what is published, of tables those that are read in a moment, to be written into."""
    place = tmp_path / "repository"
    slow = [path.name for path in (REPOSITORY / RESULTS).glob("*.parquet") if path.stem not in ("baseline_mlp", "demo")]
    shutil.copytree(REPOSITORY / "docs", place / "docs", ignore=shutil.ignore_patterns(*slow))
    shutil.copy(REPOSITORY / "README.md", place)
    (place / RECOMMENDED).parent.mkdir(parents=True)
    shutil.copy(REPOSITORY / RECOMMENDED, place / RECOMMENDED)
    return place


def write_runs(runs: Path, name: str = "mine", seeds: int = 8) -> None:
    """Help at 100 images, harm at 500, and an upper bound that sees more images."""
    claims = [claim("append_gaussian", sizes=[100, 500])]
    for size, effects in EFFECTS.items():
        for seed in range(seeds):
            control = 38.0 * (500 / size) ** 0.8 * np.exp(np.random.default_rng(seed).normal(0, 0.12))
            for arm, effect in effects.items():
                noise = np.exp(np.random.default_rng([seed, size, len(arm)]).normal(0, 0.03))
                run_directory(
                    runs,
                    name=name,
                    variant=f"{arm},data.n_train={size}",
                    seed=seed,
                    n_train=size,
                    injection="none" if arm == "none" else "append",
                    frechet=control * effect * noise,
                    claims=claims,
                    question="Does it help?",
                    samples=False,
                    source={"name": "fresh" if arm == "append_fresh" else "decoded"},
                )


def announced_run(runs: Path, name: str, **changes: Any) -> Path:
    """The first run that the file of an experiment announces, as the pipeline leaves it; ``changes`` of its config, by
    section."""
    (recipe,) = (one for one in recipes() if one.name == name)
    config = announced(recipe.sweeps)[0].model_dump(mode="json")
    n_train, seed = config["data"]["n_train"], config["seed"]
    folder = run_directory(runs, name=name, variant=config["variant"], seed=seed, n_train=n_train, samples=False)
    config |= {key: config[key] | value if isinstance(value, dict) else value for key, value in changes.items()}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the runs of the experiment, written once; read only."""
    runs = tmp_path_factory.mktemp("published") / "runs"
    write_runs(runs)
    return runs


@pytest.fixture(scope="session")
def results(mine: Path) -> Results:
    return results_of(experiment_rows(mine, ["mine"]))


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write one run of ``mine`` under the folder of this test."""
    return lambda **changes: run_directory(tmp_path / "runs", name="mine", samples=False, **changes)


__all__ = ["runs_dir", "sizes", "write_run"]
