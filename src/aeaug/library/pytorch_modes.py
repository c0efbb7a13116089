"""PyTorch's modes as what is trained, drawn and kept needs them, whatever the caller has chosen: new tensors of float32
on the CPU, and for a training gradients, without autocast and without inference mode. All are the caller's again
afterwards."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

__all__ = ["lasting", "training", "usual"]

CPU = torch.device("cpu")


@contextmanager
def usual() -> Iterator[None]:
    """New tensors are of float32 and on the CPU where nothing else is said: by another type or device, networks and
    draws would be of that."""
    before = torch.get_default_dtype()
    with ExitStack() as modes:
        # Where they are so already nothing is set: of threads that work side by side none disturbs another then.
        if torch.get_default_device() != CPU:
            modes.enter_context(CPU)
        if before != torch.float32:
            modes.callback(torch.set_default_dtype, before)
            torch.set_default_dtype(torch.float32)
        yield


@contextmanager
def lasting() -> Iterator[None]:
    """What is made within is used afterwards, too: no tensors of inference mode, which gradients never pass again."""
    with usual(), torch.inference_mode(False):
        yield


@contextmanager
def training(device: torch.device) -> Iterator[None]:
    """A training on ``device`` is what it is without the modes around it."""
    with (
        lasting(),
        torch.enable_grad(),
        torch.autocast("cpu", enabled=False),
        torch.autocast(device.type, enabled=False),
    ):
        yield
