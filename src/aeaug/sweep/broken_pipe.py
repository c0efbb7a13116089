"""Output whose reader leaves before its end (``| head``): what is written after that goes nowhere, work goes on."""

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["outlive_readers", "unread"]


class _Pipe(io.FileIO):
    """Where the reader may leave before the end (``| head``): what is written after that goes nowhere."""

    unread = False  # any of them

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            _Pipe.unread = True
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), self.fileno())
            return super().write(data)


def unread() -> bool:
    """Whether somebody who read the output has left."""
    return _Pipe.unread


def outlive_readers() -> None:
    """A run goes on, and ends without a traceback, when nobody reads its output any more."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or stream is not getattr(sys, f"__{name}__") or stream.isatty():
            continue
        buffer = io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False))
        lasting = io.TextIOWrapper(buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering)
        setattr(sys, name, lasting)
