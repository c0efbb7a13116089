"""How the files of an augmented folder (``scripts/augment.py out=<folder>``) tell real images from those that were made
of them: by their names, whose folder somebody may rename or move."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from aeaug.faults import Fault
from aeaug.options import shown

__all__ = ["REAL", "SYNTHETIC", "require_real", "synthetic_among"]

REAL, SYNTHETIC = "real_", "synthetic_"
"""What the names begin with, before a number."""

_NAMED = re.compile(rf"({REAL}|{SYNTHETIC})\d{{6,}}\.png")


def synthetic_among(files: Sequence[str | PurePath]) -> list[bool] | None:
    """Of each of ``files``, paths or names, whether it is a synthetic image; None where the names do not say that: with
    images of one of the two kinds alone they may be anybody's."""
    kinds = [found[1] if (found := _NAMED.fullmatch(PurePath(file).name)) else None for file in files]
    return [kind == SYNTHETIC for kind in kinds] if {REAL, SYNTHETIC} <= set(kinds) else None


def require_real(key: str, files: Sequence[str | PurePath]) -> None:
    """Raise :class:`Fault`, in one line, where some of the ``files`` of the source that is typed as ``key`` are
    synthetic: they would be trained and tested on as real ones."""
    if (synthetic := synthetic_among(files)) is not None:
        one = next(file for file, made in zip(files, synthetic, strict=True) if made)
        raise Fault(
            f"{key}: {sum(synthetic):,} of its {len(synthetic):,} images were made of the others, such as "
            f"{shown(str(one))}: name the folder of the real ones alone"
        )
