"""The options of ``scripts/status.py``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aeaug.options import Options, PathName, Text, validated

__all__ = ["StatusOptions", "parse_status"]


class StatusOptions(Options):
    """``conf/command/status.yaml``; see there what each says."""

    experiment: Text | None
    watch: bool
    outputs: PathName

    def experiments(self) -> list[str] | None:
        """The names of those to look at, each once; None: all there are."""
        if self.experiment is None:
            return None
        if Path(self.outputs, "runs", self.experiment).is_dir():  # a name may have commas
            return [self.experiment]
        names = [name.strip() for name in self.experiment.split(",") if name.strip()]
        return list(dict.fromkeys(names)) or [self.experiment]


def parse_status(values: Mapping[str, Any]) -> StatusOptions:
    """Check ``values`` and return them typed. Raises ``ValueError``, a line for each thing that is wrong."""
    return validated(StatusOptions, values)
