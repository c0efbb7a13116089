"""The report's entry from the command line, over today's report: one experiment, from its runs."""

from pathlib import Path

from aeaug.report.render import ReportPaths, write_report

__all__ = ["report"]


def report(experiments: list[str] | None, results: Path | None, outputs: Path, control: str | None) -> ReportPaths:
    """Write the report of ``experiments`` below ``outputs``, or of the ``results`` of an earlier one."""
    if results is not None or experiments is None or len(experiments) != 1:
        raise ValueError("one experiment at a time, from its runs")
    (name,) = experiments
    return write_report(outputs / "runs", name, outputs / "reports" / name, control)
