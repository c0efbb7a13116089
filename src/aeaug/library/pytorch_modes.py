"""PyTorch's modes as what is trained and drawn needs them, whatever the caller has chosen: float32, and for a training
gradients, without autocast and without inference mode. All are the caller's again afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["in_float32", "training"]


@contextmanager
def in_float32() -> Iterator[None]:
    """New tensors are of float32 where no type is said: by another, networks and draws would be of that."""
    before = torch.get_default_dtype()
    if before == torch.float32:  # of threads that work side by side none disturbs another then
        yield
        return
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def training(device: torch.device) -> Iterator[None]:
    """A training on ``device`` is what it is without the modes around it."""
    with (
        in_float32(),
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast("cpu", enabled=False),
        torch.autocast(device.type, enabled=False),
    ):
        yield
