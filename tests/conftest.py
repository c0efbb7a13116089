import ast
import copy
import functools
import gc
import hashlib
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import hydra
import lightning as L
import numpy as np
import pytest
import torch
from filelock import FileLock
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser

from aeaug.data import MNISTDataModule
from aeaug.data.description import DataSet
from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist_5k import MNIST_5K, load_mnist_5k
from aeaug.data.splits import Splits
from aeaug.data.subset import balanced_order
from aeaug.evaluation.kept import PACKAGE
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.composition import compose_options
from aeaug.sweep.composition.overrides import CONF

REPOSITORY = Path(__file__).parents[1]

LONGEST = (
    "test_faults.py",
    "run/test_data_sets.py",
    "test_wrong_inputs.py",
    "test_cli.py",
    "run/test_ddp.py",
    "run/test_pipeline.py",
    "published/test_write.py",
    "sweep/composition/test_composition.py",
    "tune/test_search.py",
    "report/test_page.py",
    "run/test_again.py",
    "advise/test_advise.py",
    "benchmark/test_benchmark.py",
    "run/test_schedules.py",
    "run/test_resume.py",
    "sweep/test_same_command.py",
    "report/test_browser.py",
)
"""Files of tests that take a minute or more, the longest first."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that is marked long is left out, unless it or marks are named. What takes longest begins first: a worker
    that comes to it last goes on when all others have ended."""
    for test in cases_of_a_test(items):
        (count,) = next(test[0].iter_markers("cases")).args
        kept = {len(test) * (2 * place + 1) // (2 * count) for place in range(count)}  # in the middle of equal parts
        for place in set(range(len(test))) - kept:
            test[place].add_marker(pytest.mark.long)
    if not config.option.markexpr:
        named = tuple(argument for argument in config.args if "::" in argument)
        left = [item for item in items if item.get_closest_marker("long") and not item.nodeid.startswith(named)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    places = {REPOSITORY / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def cases_of_a_test(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """The items of each test of whose many cases some are for ``make test-long`` alone."""
    found: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("cases"):
            found.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return list(found.values())


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Two cores, often shared: a second thread costs more than it brings, and results depend on the number."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def no_garbage():
    """What is imported stays: looking through it again and again takes a quarter of the time of composing."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root_of() -> Callable[[str], Path]:
    """``root_of(name)``: the folder that holds the real files of the data set of this name, if it has any; the test is
    skipped where they are not there."""

    def root(name: str) -> Path:
        place, files = Path(os.environ.get("AEAUG_DATA", REPOSITORY / "data")), DATA_SETS[name].files
        if files and not all((place / files.folder / "raw" / file).exists() for file in files.md5):
            pytest.skip(f"{files.title}'s files are not here: set AEAUG_DATA")
        return place

    return root


@pytest.fixture(scope="session")
def mnist_root(root_of) -> Path:
    """The folder that holds MNIST's real files."""
    return root_of("mnist")


@pytest.fixture
def mounted(tmp_path) -> Iterator[Path]:
    """A disk of one megabyte, to be filled or made read only; the test is skipped where this user may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(scope="session")
def embedded() -> MNISTDataModule:
    """The embedded data with a subset of 200; read only."""
    data = MNISTDataModule("mnist_5k", n_train=200, batch_size=50, images_per_epoch=200)
    data.setup()
    return data


@pytest.fixture(scope="session")
def kept_for_nets() -> Callable[[int], Splits]:
    """The embedded images, of whose pool the last so many are for nets alone, in no set that is measured."""
    splits = MNIST_5K.load(Path())
    order = balanced_order(splits.pool_labels, seed=1)
    images, labels = splits.pool_images[order], splits.pool_labels[order]

    def cut(count: int) -> Splits:
        unseen = len(images) - count
        return splits._replace(
            pool_images=images,
            pool_labels=labels,
            pool_unseen=unseen,
            unseen_images=images[:unseen],
            unseen_pool_positions=torch.arange(unseen),
        )

    return cut


@pytest.fixture(scope="session")
def user_set(kept_for_nets: Callable[[int], Splits]) -> DataSet:
    """The embedded images as a data set of a user's, that keeps 500 for nets."""
    return replace(MNIST_5K, load=lambda root: kept_for_nets(500))


@pytest.fixture(scope="session")
def measured_before(tmp_path_factory) -> Path:
    """The artifacts of a tiny run's subset that no arm and no training has a part in: features, floors. Made once,
    whatever the number of pytest's workers; read only."""
    workers = "PYTEST_XDIST_WORKER" in os.environ
    place = tmp_path_factory.getbasetemp().parent if workers else tmp_path_factory.getbasetemp()
    stock = place / "measured_before"
    with FileLock(place / "measured_before.lock"):
        if not stock.exists():
            outputs = tmp_path_factory.mktemp("measuring")
            Run(options(outputs, "arm=append_gaussian")).run()
            shutil.rmtree(outputs / "artifacts" / "autoencoder")
            (outputs / "artifacts").rename(stock)
    return stock


@pytest.fixture
def stocked(measured_before, tmp_path) -> None:
    """``tmp_path`` has those artifacts: what a tiny run into it measures is its own images alone, in a third of the
    time."""
    shutil.copytree(measured_before, tmp_path / "artifacts")


@pytest.fixture
def stock(measured_before) -> Callable[[Path], Path]:
    """``stock(outputs)`` does that to another folder."""
    return lambda outputs: shutil.copytree(measured_before, outputs / "artifacts")


def stand_in(name, root, monkeypatch):
    """A folder with files of the data set of this name, of which it is said that they are the original ones: the 5,000
    embedded images, again and again, so that they need not be there. ``root`` itself, if the data set has no files."""
    files = DATA_SETS[name].files
    if files is None:
        return root
    raw = root / files.folder / "raw"
    raw.mkdir(parents=True)
    images, labels = (part.numpy() for part in load_mnist_5k())
    for file in files.md5:
        part, times = images if "images" in file else labels.astype("uint8"), 12 if "train" in file else 2
        content = np.concatenate([part[np.random.default_rng(0).permutation(len(part))]] * times)
        magic = 2051 if content.ndim == 3 else 2049
        whole = struct.pack(f">{1 + content.ndim}I", magic, *content.shape) + content.tobytes()
        (raw / file).write_bytes(whole)
        monkeypatch.setitem(files.md5, file, hashlib.md5(whole).hexdigest())
    return root


# A whole run in a second or two.
TINY = [
    "data=mnist_5k",
    "data.n_train=100",
    "budget.images=400",
    "budget.images_per_epoch=200",
    "budget.batch_size=20",
    "autoencoder.steps=4",
    "gan.generator_width=8",
    "gan.discriminator_width=8",
    "evaluation.every=1",
    "evaluation.classifier_steps=20",
    "evaluation.floor_draws=2",
    "trainer=cpu",
    "trainer.threads=1",
    "trainer.progress=false",
]


# A whole claim, as an experiment's file has it.
CLAIM = {
    "statement": "It helps.",
    "metric": "frechet_distance",
    "sizes": [100],
    "direction": "lower",
    "treatment": "append_gaussian",
    "control": "none",
    "smallest_effect": 0.1,
    "seeds": 6,
}


def imported_sources(*start):
    """The files of the package, by their paths in it, that ``start`` import, directly or not; these among them."""
    seen, waiting = set(), set(start)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for node in ast.walk(ast.parse((PACKAGE / name).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aeaug."):
                module = Path(*node.module.split(".")[1:])
                folder = (PACKAGE / module).is_dir()
                path = module / "__init__.py" if folder else module.with_suffix(".py")
                waiting |= {str(path)} - seen
                if folder:  # a name may be a file of the folder
                    files = {str(module / f"{one.name}.py") for one in node.names}
                    waiting |= {file for file in files if (PACKAGE / file).is_file()} - seen
    return {name for name in seen if not name.endswith("__init__.py")}


def tiny(*more):
    """What is typed for such a run; later overrides win, and options that nothing has a use for, where no autoencoder
    is trained or nothing is measured on the test split, are left out, for they would be refused."""
    merged = {override.partition("=")[0]: override for override in [*TINY, *more]}
    idle = ("autoencoder.",) if "arm=none" in more else ()
    idle += ("evaluation.classifier_steps",) if "evaluation.test=false" in more else ()
    return [override for key, override in merged.items() if not key.startswith(idle)]


def quiet_trainer(**options):
    """A Trainer on the CPU that says, keeps and validates nothing; ``options`` are Lightning's."""
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    return L.Trainer(accelerator="cpu", **(quiet | {"enable_model_summary": False, "limit_val_batches": 0} | options))


def compose(overrides, config_name="train"):
    """What Hydra composes from ``overrides``: of option files once for the same choices, then with Hydra's own way of
    setting values in it. tests/sweep/composition/test_composition.py holds it to what Hydra composes at once."""
    added = any(override.startswith(("+", "~")) for override in overrides)  # whose order counts
    values = [] if added else [override for override in overrides if is_value(override)]
    choices = tuple(override for override in overrides if override not in values)
    config = copy.deepcopy(composed_choices(choices, config_name))
    ConfigLoaderImpl._apply_overrides_to_config([parsed(value) for value in values], config)
    return config


def is_value(override):
    """Whether it sets one value of an option that is there, and chooses no option file."""
    found = re.match(r"([a-z]\w*(?:\.\w+)*)=", override)
    return bool(found) and not Path(CONF, found[1]).is_dir() and not parsed(override).is_sweep_override()


@functools.cache
def composed_choices(choices, config_name):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        return hydra.compose(config_name, list(choices))


@functools.cache
def parsed(override):
    (found,) = OverridesParser.create().parse_overrides([override])
    return found


def options(outputs, *overrides):
    """The checked options of a tiny run into ``outputs``; later overrides win."""
    merged = {override.partition("=")[0]: override for override in [*trained_or_not(overrides), *overrides]}
    given = [*merged.values(), f"outputs={outputs}"]
    return compose_options(compose(given), overrides)


def trained_or_not(overrides):
    """``TINY``, without the steps of an autoencoder in closed form."""
    untrained = {"autoencoder=pca", "autoencoder=identity"} & set(overrides)
    return [option for option in TINY if not (untrained and option.startswith("autoencoder."))]
