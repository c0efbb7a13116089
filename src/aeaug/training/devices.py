"""Work that was given to a device and may not be done yet."""

import torch

__all__ = ["wait_for"]


def wait_for(device: torch.device) -> None:
    """Return when all work that was given to ``device`` is done: a GPU works behind the clock's back."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
