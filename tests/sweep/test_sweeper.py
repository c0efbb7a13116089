"""The jobs that a sweep starts are those of its plan, in its order, and none of them is composed in between."""

from types import SimpleNamespace

import hydra
import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.plugins import Plugins

from aeaug.sweep.composition.overrides import CONF
from aeaug.sweep.plan.plan import plan_of
from hydra_plugins.aeaug_sweeper import PlannedSweeper
from tests.terminal import typed


@pytest.fixture
def launched():
    """What a launcher is handed, of a sweeper that has no other."""

    class Launcher:
        def __init__(self):
            self.batches = []

        def launch(self, jobs, initial_job_idx):
            self.batches.append((initial_job_idx, [list(job) for job in jobs]))
            return [SimpleNamespace(return_value=place) for place, _ in enumerate(jobs, initial_job_idx)]

    def of(size, params, arguments):
        sweeper = PlannedSweeper(size, params)
        sweeper.launcher = Launcher()
        with hydra.initialize_config_dir(CONF, version_base="1.3"):
            returned = sweeper.sweep(arguments)
        return sweeper.launcher.batches, returned

    return of


def test_every_combination_once_in_the_order_of_the_plan(launched, tmp_path):
    params, given = {"seed": "range(0,3)", "arm": "none,append_gaussian"}, ["data.n_train=100", f"outputs={tmp_path}"]
    ((first, jobs),), _ = launched(None, params, given)
    assert first == 0
    assert jobs == [[f"seed={seed}", f"arm={arm}", *given] for seed in range(3) for arm in ("none", "append_gaussian")]
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        config = hydra.compose("train", return_hydra_config=True)
        config.hydra.sweeper.params = params
        config.hydra.overrides.task = given
        planned = plan_of(config).jobs.values()
    assert [(one.seed, one.augmentation.name) for one in planned] == [
        (int(job[0].partition("=")[2]), "append" if "append" in job[1] else "none") for job in jobs
    ]


@pytest.mark.parametrize("size", [1, 4, 6, 7])
def test_so_many_at_a_time_and_none_is_lost(launched, size):
    batches, returned = launched(size, {"seed": "range(0,6)"}, ["arm=none"])
    assert [first for first, _ in batches] == list(range(0, 6, size))
    assert [job[0] for _, jobs in batches for job in jobs] == [f"seed={seed}" for seed in range(6)]
    assert all(len(jobs) <= size for _, jobs in batches)
    assert [one.return_value for batch in returned for one in batch] == list(range(6))


def test_what_is_typed_goes_before_what_the_file_says(launched):
    ((_, jobs),), _ = launched(None, {"seed": "range(0,6)", "arm": "none"}, ["seed=7,9"])
    assert jobs == [["seed=7", "arm=none"], ["seed=9", "arm=none"]]


def test_what_a_job_raises_is_raised():
    class Failed:
        @property
        def return_value(self):
            raise ZeroDivisionError

    sweeper = PlannedSweeper(None, None)
    sweeper.launcher = SimpleNamespace(launch=lambda jobs, initial_job_idx: [Failed()])
    with hydra.initialize_config_dir(CONF, version_base="1.3"), pytest.raises(ZeroDivisionError):
        sweeper.sweep(["arm=none"])


@pytest.mark.usefixtures("stocked")
def test_between_the_plan_and_the_first_job_nothing_is_composed(monkeypatch, tmp_path):
    """Hydra's own sweeper composes every job there, which of hundreds takes minutes."""
    handed, composed = [], []

    class Launcher:
        def launch(self, jobs, initial_job_idx):
            handed.append(len(jobs))
            return []

    monkeypatch.setattr(Plugins, "instantiate_launcher", lambda *_, **__: Launcher())
    monkeypatch.setattr(ConfigLoaderImpl, "load_sweep_config", lambda *_, **__: composed.append(1))
    said = typed("train", "-m", "arm=none", "data=mnist_5k", "seed=range(0,12)", f"outputs={tmp_path}", "name=many")
    assert handed == [12], said.said
    assert composed == []
