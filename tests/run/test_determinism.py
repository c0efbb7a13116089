"""What cannot be deterministic on the device that trains is refused before any work."""

import platform

import pytest
import torch
from lightning.fabric.accelerators import MPSAccelerator
from lightning.pytorch.accelerators import CUDAAccelerator

from aeaug.run.determinism import require_deterministic
from aeaug.run.pipeline import Run
from aeaug.sweep.plan.needed import require_what_they_need
from aeaug.training.machine import device_type
from tests.conftest import options

VIEWS = ["ada", "ada_r_v"]


def asked(tmp_path, view, deterministic="true", accelerator="auto"):
    given = (f"gan/view=[{view}]", f"++trainer.deterministic={deterministic}", f"trainer.accelerator={accelerator}")
    return options(tmp_path, "arm=none", "budget.images=1000000", *given)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_without_a_deterministic_gradient_is_refused_on_cuda_alone(view, tmp_path):
    given = asked(tmp_path, view)
    for device in ("cpu", "mps"):
        require_deterministic(given, device)
    said = rf"^trainer\.deterministic=true: gan/view=\[{view}\] has no deterministic gradient on CUDA[^\n]*$"
    with pytest.raises(ValueError, match=said):
        require_deterministic(given, "cuda")
    for other in ("warn", "false", "null"):
        require_deterministic(asked(tmp_path, view, other), "cuda")
    require_deterministic(asked(tmp_path, "diffaugment,instance_noise"), "cuda")


def test_runs_and_sweeps_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    """As if there were a GPU here, which nothing comes to use."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    given = asked(tmp_path, "ada")
    for refused in (Run, lambda one: require_what_they_need([one])):
        with pytest.raises(ValueError, match=r"^trainer\.deterministic=true: gan/view=\[ada\] has no"):
            refused(given)
    assert not list(tmp_path.iterdir())


def test_the_type_of_a_device_is_that_of_what_is_there(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for there, found in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "device_count", lambda there=there: int(there))
        assert there == CUDAAccelerator.is_available()
        assert device_type("auto") == device_type("gpu") == found
        assert device_type("cpu") == "cpu"


@pytest.fixture
def lightnings_mps():
    """What Lightning says of Apple's GPUs, which it remembers."""

    def asked():
        MPSAccelerator.is_available.cache_clear()
        return MPSAccelerator.is_available()

    yield asked
    MPSAccelerator.is_available.cache_clear()


@pytest.mark.parametrize(("there", "processor"), [(True, "arm"), (True, "x86_64"), (False, "arm"), (False, "")])
def test_apples_gpus_are_those_that_lightning_knows(there, processor, lightnings_mps, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: there)
    monkeypatch.setattr(platform, "processor", lambda: processor)
    for disabled in ("0", "1"):
        monkeypatch.setenv("DISABLE_MPS", disabled)
        assert (device_type("auto") == "mps") == lightnings_mps()
