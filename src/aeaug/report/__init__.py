"""Many runs to one report: paired statistics, tables and figures, as HTML, Markdown, CSV and text."""

from aeaug.report.collect import read_experiment
from aeaug.report.options import ReportOptions
from aeaug.report.render import ReportPaths, write_report
from aeaug.report.terminal import terminal_table

__all__ = ["ReportOptions", "ReportPaths", "read_experiment", "terminal_table", "write_report"]
