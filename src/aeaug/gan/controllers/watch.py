"""What changes over a training: its controllers, what they have seen since they last decided and the rates that they
decided on, and beside these the shares that go by time alone.

Every four batches, and with the last one of an epoch, each controller's signal over these batches and over all
processes moves its rate; what is said of images that are held out is asked for at that moment alone. So a checkpoint,
which is made between epochs, holds rates alone.
"""

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from aeaug.data.loader import BATCHES, Share
from aeaug.gan.controllers.controller import Controller
from aeaug.gan.seen import Seen

__all__ = ["Watch"]


class Watch:
    """Rates begin at 0; a checkpoint keeps :meth:`state_dict`."""

    def __init__(self) -> None:
        self._controllers: dict[str, Controller] = {}
        self._timed: dict[str, Share] = {}
        self._rates: dict[str, float] = {}
        self._signals: dict[str, list[Tensor]] = {}
        self._decided_on: dict[str, list[float]] = {}
        self._images, self._batches = 0, 0  # since the last decision

    def add(self, name: str, controller: Controller) -> Callable[[int], float]:
        """Have ``controller`` watch, and return its rate as a function of the images shown, now that is."""
        assert name not in self._controllers
        self._controllers[name] = controller
        return lambda shown: self._rates.get(name, 0.0)

    def time(self, name: str, share: Share) -> Share:
        """Take note of a ``share`` that goes by the images shown alone, for :meth:`in_force`, and return it."""
        assert name not in self._timed
        self._timed[name] = share
        return share

    def in_force(self, shown: int) -> dict[str, float]:
        """Every share that changes over training, by its name, after so many images: those of time, and the rates of
        controllers."""
        return {name: share(shown) for name, share in self._timed.items()} | self.rates

    @property
    def judges(self) -> bool:
        """Whether a controller asks what the discriminator says of images that are held out."""
        return any(controller.judges for controller in self._controllers.values())

    @property
    def rates(self) -> dict[str, float]:
        """The rate of each controller, in [0, 1]."""
        return {name: self._rates.get(name, 0.0) for name in self._controllers}

    @property
    def signals(self) -> dict[str, float | None]:
        """What each controller has decided on since :meth:`begin_epoch`, the mean of its signals; None where there was
        none."""
        return {name: fmean(self._decided_on[name]) if name in self._decided_on else None for name in self._controllers}

    def begin_epoch(self) -> None:
        """Forget what was decided on."""
        self._decided_on = {}

    def observe(self, seen: Seen, images: int, last: bool) -> None:
        """Take note of a step of the discriminator, in which so many ``images`` were shown, by all processes; ``last``:
        of its epoch."""
        if not self._controllers:
            return
        self._images, self._batches = self._images + images, self._batches + 1
        deciding = last or self._batches == BATCHES
        for name, controller in self._controllers.items():
            if deciding or not controller.judges:
                self._signals.setdefault(name, []).append(controller.signal(seen).detach())
        if deciding:
            self._decide(seen.mean)

    def _decide(self, mean: Callable[[Tensor], Tensor]) -> None:
        for name, controller in self._controllers.items():
            total, number = mean(torch.stack(self._signals[name]).sum(0)).tolist()
            if number > 0:
                signal = total / number
                self._rates[name] = controller.moved(self._rates.get(name, 0.0), signal, self._images)
                self._decided_on.setdefault(name, []).append(signal)
        self._signals, self._images, self._batches = {}, 0, 0

    def state_dict(self) -> dict[str, Any]:
        """The rates; empty where nothing is watched."""
        return {"rates": self.rates} if self._controllers else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._rates = dict(state.get("rates", {}))
