"""The report's tables, before any markup, one kind a file."""

from aeaug.report.tables.arms import arms_table
from aeaug.report.tables.association import association_table
from aeaug.report.tables.autoencoder import autoencoder_table
from aeaug.report.tables.metrics import cost_table, metrics_table
from aeaug.report.tables.paired import paired_metrics_table, paired_table
from aeaug.report.tables.readings import readings_table
from aeaug.report.tables.runs import runs_table, untested
from aeaug.report.tables.settings import common_settings, settings_table
from aeaug.report.tables.stability import stability_table
from aeaug.report.tables.table import Row, Table

__all__ = ["Row", "Table", "arms_table", "association_table", "autoencoder_table", "common_settings",
           "cost_table", "metrics_table", "paired_metrics_table", "paired_table", "readings_table", "runs_table",
           "settings_table", "stability_table", "untested"]  # fmt: skip
