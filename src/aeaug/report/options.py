"""The options of ``scripts/report.py`` and what goes together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from aeaug.options import Options, PathName, Text, validated

__all__ = ["ReportOptions", "parse_report"]


class ReportOptions(Options):
    """``conf/command/report.yaml``: either ``experiment`` or ``results``; see there what the others say."""

    experiment: Text | None
    results: PathName | None
    control: Text | None
    outputs: PathName

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.experiment is None and self.results is None:
            raise ValueError(
                "nothing to report: say experiment=<name> or results=<results.parquet of an earlier report>"
            )
        if self.experiment is not None and self.results is not None:
            raise ValueError(f"experiment={self.experiment}, results={self.results}: one of them at a time")
        return self

    def experiments(self) -> list[str] | None:
        """The names of those to report on, each once; None where it is a table of results."""
        if self.experiment is None:
            return None
        if Path(self.outputs, "runs", self.experiment).is_dir():  # a name may have commas
            return [self.experiment]
        names = [name.strip() for name in self.experiment.split(",") if name.strip()]
        return list(dict.fromkeys(names)) or [self.experiment]  # which is no name, as is said of it then


def parse_report(values: Mapping[str, Any]) -> ReportOptions:
    """Check ``values`` and return them typed. Raises ``ValueError``, a line for each thing that is wrong."""
    return validated(ReportOptions, values)
