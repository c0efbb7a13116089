"""What a report may be told besides its experiment, its folders and its control."""

from pydantic import BaseModel, ConfigDict

__all__ = ["ReportOptions"]


class ReportOptions(BaseModel):
    """`question` heads the report, by default the one the runs' config asks; `command` made the runs, by default the
    sweep of the experiment's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str | None = None
    command: str | None = None
