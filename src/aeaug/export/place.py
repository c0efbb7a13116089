"""Where images are written: a place with nothing in it, in which all of them appear at once or none does."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aeaug.faults import Fault
from aeaug.writing import naming

__all__ = ["appearing_folder", "made_above", "require_free"]


LONGEST = ".{}-000000.npz.4194304.tmp"  # of the names that something has on its way


def require_free(path: Path, also: str | None = None) -> None:
    """Raise :class:`Fault`, naming ``out``, where ``path`` cannot be made, or there is something of that name, or of
    the pattern ``also`` beside it: nothing is overwritten."""
    try:
        taken = [path] if _is_there(path) else sorted(path.parent.glob(also)) if also else []
        above = next(folder for folder in path.absolute().parents if _is_there(folder))
        if not taken:
            _is_there(path.with_name(LONGEST.format(path.stem)))
    except OSError as error:
        raise Fault(f"out={path}: {error.strerror}") from None
    if taken:
        raise Fault(f"out={path}: {taken[0]} is there already, and nothing is overwritten; take another name")
    if not above.is_dir():
        raise Fault(f"out={path}: {above} is no folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise Fault(f"out={path}: {above} is not a writable folder")


@contextmanager
def made_above(path: Path) -> Iterator[None]:
    """Make the folders above ``path``; where what is done within fails, those that this made are gone again."""
    missing = [folder for folder in path.absolute().parents if not os.path.lexists(folder)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in missing:  # the deepest first; one that somebody else has put something into stays
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def appearing_folder(path: Path) -> Iterator[Path]:
    """Hand out a folder beside ``path`` to be filled, which is then renamed to ``path``; where that fails, it is gone,
    and an ``OSError`` names ``path``."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path, beside), made_above(path):
        try:
            beside.mkdir()
            yield beside
            require_free(path)  # somebody may have been quicker
            beside.rename(path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _is_there(path: Path) -> bool:
    """Whether something has this name, be it a link into nowhere; ``OSError`` for a name that nothing can have."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
