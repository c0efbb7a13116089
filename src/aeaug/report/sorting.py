"""What makes a table of the page sortable and filterable: DataTables, as the package itables has it for pages that are
offline, within the page itself.

It has 726 kB; packed, as the browser unpacks them, and in base64 they are 256 kB. Where there is no JavaScript, or a
browser that cannot unpack, the table stays what it is.
"""

import base64
import gzip
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

__all__ = ["packed_library"]


@cache
def packed_library() -> dict[str, str]:
    """Its ``js``, a module whose default export is DataTable, and its ``css``, each gzipped, in base64; the same bytes
    at every call."""
    return {kind: _packed(kind) for kind in ("js", "css")}


def _packed(kind: str) -> str:
    # Found without importing the package, which is about notebooks.
    file = Path(str(distribution("itables").locate_file(f"itables/html/dt_bundle.{kind}")))
    return base64.b64encode(gzip.compress(file.read_bytes(), 9, mtime=0)).decode("ascii")
