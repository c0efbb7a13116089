"""What ended a run that failed."""

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["last_line"]


def last_line(status: Mapping[str, Any]) -> str:
    """The last line of the traceback in a run's ``status``, without the class of an error that is no bug; empty where
    it has none."""
    lines = (status.get("traceback") or "").strip().splitlines()
    return re.sub(r"^(aeaug\.[\w.]+): ", "", lines[-1].strip()) if lines else ""
