"""The controllers of a training: what they have seen since they last decided, and the rates that they decided on.

Every four batches the mean of each controller's signals, over them and over all processes, moves its rate.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from aeaug.gan.controllers.controller import Controller
from aeaug.gan.seen import Seen

__all__ = ["BATCHES", "Watch"]

BATCHES = 4


class Watch:
    """Rates begin at 0; a checkpoint keeps :meth:`state_dict`."""

    def __init__(self) -> None:
        self._controllers: dict[str, Controller] = {}
        self._rates: dict[str, float] = {}
        self._signals: dict[str, list[Tensor]] = {}
        self._images = 0  # since the last decision

    def add(self, name: str, controller: Controller) -> Callable[[int], float]:
        """Have ``controller`` watch, and return its rate as a function of the images shown, now that is."""
        assert name not in self._controllers
        self._controllers[name] = controller
        return lambda shown: self.rates.get(name, 0.0)

    @property
    def rates(self) -> dict[str, float]:
        """The rate of each controller, in [0, 1]."""
        return {name: self._rates.get(name, 0.0) for name in self._controllers}

    def observe(self, seen: Seen, images: int) -> None:
        """Take note of a step of the discriminator, in which so many ``images`` were shown, by all processes."""
        if not self._controllers:
            return
        self._images += images
        for name, controller in self._controllers.items():
            self._signals.setdefault(name, []).append(controller.signal(seen).detach())
        if len(next(iter(self._signals.values()))) < BATCHES:
            return
        for name, controller in self._controllers.items():
            signal = float(seen.mean(torch.stack(self._signals[name]).nanmean()))
            if not math.isnan(signal):
                self._rates[name] = controller.moved(self._rates.get(name, 0.0), signal, self._images)
        self._signals, self._images = {}, 0

    def state_dict(self) -> dict[str, Any]:
        """Plain types and tensors on the CPU; empty where nothing was watched."""
        if not self._controllers:
            return {}
        signals = {name: torch.stack(found).cpu() for name, found in self._signals.items() if found}
        return {"rates": self.rates, "signals": signals, "images": self._images}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._rates = dict(state.get("rates", {}))
        self._signals = {name: list(found) for name, found in state.get("signals", {}).items()}
        self._images = int(state.get("images", 0))
