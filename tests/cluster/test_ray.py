"""Sweeps on two Ray nodes of this machine, one of which dies: its task starts on the other, and goes on."""

import os
import subprocess
import sys
import time

import pytest

from tests.cluster.conftest import SEEDS, assert_same_bits, starts, status, sweep, training
from tests.conftest import REPOSITORY

DEADLINE = 300  # seconds

pytest.importorskip("hydra_plugins.hydra_ray_launcher", reason="pip install -e '.[ray]'")
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="pip install -e '.[ray]'")


@pytest.fixture
def nodes():
    """A cluster of two nodes, a run at a time each, and the second of them."""
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster, second
    cluster.shutdown()


def test_a_sweep_that_loses_a_node_ends_by_itself_in_the_same_bits(nodes, undisturbed, tmp_path):
    """The command has another folder than Ray's processes, and its outputs have no absolute path."""
    cluster, second = nodes
    environment = os.environ | {"RAY_ADDRESS": cluster.address}
    script, *rest = [*sweep("here"), "hydra/launcher=ray"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / script), *rest], cwd=tmp_path, env=environment, stdout=said, stderr=said
        )
    outputs, end = tmp_path / "here", time.monotonic() + DEADLINE
    try:
        while not training(outputs):
            assert process.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)
        cluster.remove_node(second, allow_graceful=False)
        assert process.wait(DEADLINE) == 0, (tmp_path / "said").read_text()
    finally:
        process.kill()
        process.wait()
    assert sorted(starts(outputs, seed) for seed in SEEDS) == [1, 2]
    assert {status(outputs, seed)["state"] for seed in SEEDS} == {"done"}
    assert "2 done of 2" in (tmp_path / "said").read_text()
    assert_same_bits(outputs, undisturbed)
