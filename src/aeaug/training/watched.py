"""A bar of what goes on elsewhere, in whatever processes: it is looked once a second how far that is."""

import threading
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from aeaug.training.progress import progress_bar

__all__ = ["WatchedBar"]

SECONDS_BETWEEN_LOOKS = 1.0
WATCHING = "bar"  # the thread's name


class WatchedBar:
    """So much of ``total``, in ``unit``, as ``look`` says with a remark beside it; call :meth:`close` at the end.

    ``look`` is called in a thread, and never raises. The time left is told by what has been done since the beginning.
    """

    def __init__(self, title: str, total: int, unit: str, look: Callable[[], tuple[float, str]]) -> None:
        self._look = look
        counted = f"{{n:.1f}} of {{total}} {unit} [{{elapsed}}<{{remaining}}]"
        form = f"{{desc}}: {{percentage:3.0f}}%|{{bar}}| {counted}{{postfix}}"
        before, _ = look()
        self._bar: tqdm[Any] = progress_bar(total=total, initial=before, desc=title, bar_format=form)
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=WATCHING, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Show the last state and leave the bar."""
        self._finished.set()
        self._thread.join()
        self._show()
        self._bar.close()

    def _watch(self) -> None:
        while not self._finished.wait(SECONDS_BETWEEN_LOOKS):
            self._show()

    def _show(self) -> None:
        self._bar.n, remark = self._look()
        self._bar.set_postfix_str(remark)
