"""What this machine has of what Lightning's Trainer is asked for. Lightning, which takes seconds to import, is asked
about what is its own alone: strategies by their names."""

import os
import platform

import torch

__all__ = ["check_machine", "device_type", "gpus"]


def gpus() -> int:
    """How many there are here, of CUDA's or one of Apple's, as Lightning's accelerators count them; no driver is
    started for it."""
    return torch.cuda.device_count() or int(_has_mps())


def check_machine(accelerator: str, devices: int, strategy: str) -> None:
    """Raise ``ValueError``, in one line, when this machine or Lightning does not have what is asked for."""
    number = gpus()
    if accelerator == "gpu" and number == 0:
        raise ValueError("trainer.accelerator=gpu: there is no GPU here; use trainer=cpu")
    if accelerator != "cpu" and 0 < number < devices:
        there = "is 1 GPU" if number == 1 else f"are {number} GPUs"
        raise ValueError(f"trainer.devices={devices}: there {there} here; trainer.accelerator=cpu takes cores")
    if strategy == "auto":
        return
    from lightning.pytorch.strategies import StrategyRegistry

    known = ["auto", *StrategyRegistry.available_strategies()]
    if strategy not in known:
        raise ValueError(f"trainer.strategy={strategy}: must be one of {', '.join(known)}")


def device_type(accelerator: str) -> str:
    """On which type of device, in PyTorch's words, Lightning trains with this ``accelerator`` here."""
    if accelerator == "cpu":
        return "cpu"
    return "mps" if _has_mps() else "cuda" if torch.cuda.device_count() else "cpu"


def _has_mps() -> bool:
    """As Lightning's MPSAccelerator.is_available says."""
    disabled, processor = os.environ.get("DISABLE_MPS", "0") == "1", platform.processor()
    return not disabled and torch.backends.mps.is_available() and processor in ("arm", "arm64")
