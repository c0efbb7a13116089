"""``scripts/train.py`` with something going wrong in one process: what tests/run/pairs.py starts.

``WHAT`` befalls process ``WHERE``: ``die`` (as it starts), or, before its third epoch, ``hold`` (say in the folder
``NOTES`` that it is there, and wait for a signal), ``raise``, ``grow`` (the discriminator's weights, of all processes)
or nothing. Every process notes its id when it trains.
"""

import os
import signal
import sys
from pathlib import Path

WHAT, WHERE, NOTES = os.environ["WHAT"], os.environ["WHERE"], Path(os.environ["NOTES"])
MINE = os.environ.get("LOCAL_RANK", "0") == WHERE

if MINE and WHAT == "die":
    sys.exit(3)

import aeaug.cli  # noqa: E402
from aeaug.gan import GANModule  # noqa: E402

begin = GANModule.on_train_epoch_start


def begin_epoch(self: GANModule) -> None:
    begin(self)
    (NOTES / f"{self.global_rank}.pid").write_text(str(os.getpid()))
    if self.current_epoch != 2:
        return
    if WHAT == "grow":  # in all of them, as training does it
        for weights in self.discriminator.parameters():
            weights.data.mul_(1_000)
    if not MINE:
        return
    if WHAT == "raise":
        raise ZeroDivisionError
    if WHAT == "hold":
        (NOTES / "held").touch()
        signal.pause()


GANModule.on_train_epoch_start = begin_epoch  # type: ignore[method-assign]
aeaug.cli.train()
