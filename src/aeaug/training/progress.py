"""How long things take: the one place that makes progress bars.

On a terminal it is tqdm's bar. Anywhere else, where every redrawing would stay, it is a line a minute and one with the
last state.
"""

import sys
from collections.abc import Iterable
from time import monotonic
from typing import Any, TypeVar

from tqdm import tqdm
from typing_extensions import override

__all__ = ["progress_bar"]

SECONDS_BETWEEN_LINES = 60

T = TypeVar("T")


def progress_bar(iterable: Iterable[T] = (), desc: str | None = None, **options: Any) -> "tqdm[T]":
    """Return a bar over ``iterable``, or of a ``total`` that the caller updates; ``options`` are tqdm's.

    On what is no terminal, ``leave=False`` leaves out the last state, so that what is done in less than a minute says
    nothing.
    """
    file = options.get("file") or sys.stderr
    if file.isatty():
        return tqdm(iterable, desc, **options)
    return _Lines(iterable, desc, **options)


class _Lines(tqdm):  # type: ignore[type-arg]  # at run time it takes none
    """The state of a bar as whole lines."""

    def __init__(self, iterable: Iterable[Any], desc: str | None, **options: Any) -> None:
        self._shown = monotonic()
        # With gui, tqdm leaves what is shown to display(); without smoothing, the rate is that of all the time.
        super().__init__(iterable, desc, **{"gui": True, "smoothing": 0, **options})

    @override
    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        if monotonic() - self._shown >= SECONDS_BETWEEN_LINES:
            self._show()

    @override
    def clear(self, nolock: bool = False) -> None:
        """Lines stay."""

    @override
    def close(self) -> None:
        if not self.disable and self.leave:
            self._show()
        super().close()

    def _show(self) -> None:
        self._shown = monotonic()
        print(self, file=self.fp, flush=True)
