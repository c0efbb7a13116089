"""What every objective is: a loss of a batch of images, given the two networks."""

from abc import ABC, abstractmethod
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

__all__ = ["Networks", "Objective"]


class Network(Protocol):
    """A module, or what is called as one."""

    def __call__(self, inputs: Tensor, /) -> Tensor: ...


class Error(Protocol):
    def __call__(self, decoded: Tensor, intensity: Tensor, /) -> Tensor: ...


class Networks(NamedTuple):
    """``encoder``: of intensities ``(B, C, H, W)`` in [0, 1]; ``decoder``: of codes ``(B, D)``; ``error``: of what
    the decoder says and the intensities that it is to be, a mean over images and pixels."""

    encoder: Network
    decoder: Network
    error: Error


class Objective(ABC):
    """``random``: whether it draws; what it draws is of the generator that it is handed."""

    random = False

    @abstractmethod
    def loss(self, intensity: Tensor, networks: Networks, draw: torch.Generator | None) -> Tensor:
        """Return the loss of ``intensity: (B, C, H, W)`` in [0, 1]; without a generator, that of no noise."""

    def mean_code(self, encoded: Tensor) -> Tensor:
        """The codes ``(B, D)`` in what the encoder says of a batch."""
        return encoded
