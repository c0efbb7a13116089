"""The checked options of the commands that make no runs, from what Hydra composed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from aeaug.sweep.composition.config_values import a_line_a_value, values_of_config

if TYPE_CHECKING:  # each takes a while to import
    from aeaug.library.dataset_options import DatasetOptions
    from aeaug.report.options import ReportOptions
    from aeaug.run.again.options import ReevaluationOptions
    from aeaug.run.again.sampling_options import SamplingOptions
    from aeaug.sweep.status.options import StatusOptions

__all__ = ["compose_dataset", "compose_reevaluation", "compose_report", "compose_sampling", "compose_status"]


def compose_reevaluation(config: DictConfig, overrides: Sequence[str]) -> "ReevaluationOptions":
    """Those of ``scripts/evaluate.py``; as all here, it raises ``ValueError``, a line for each thing that is wrong."""
    from aeaug.run.again.options import parse_reevaluation

    with a_line_a_value(config):
        return parse_reevaluation(values_of_config(config, overrides), overrides)


def compose_dataset(config: DictConfig, overrides: Sequence[str]) -> "DatasetOptions":
    """Those of ``scripts/augment.py``."""
    from aeaug.library.dataset_options import parse_dataset

    with a_line_a_value(config):
        return parse_dataset(values_of_config(config, overrides), overrides)


def compose_sampling(config: DictConfig, overrides: Sequence[str]) -> "SamplingOptions":
    """Those of ``scripts/sample.py``."""
    from aeaug.run.again.sampling_options import parse_sampling

    with a_line_a_value(config):
        return parse_sampling(values_of_config(config, overrides))


def compose_report(config: DictConfig, overrides: Sequence[str]) -> "ReportOptions":
    """Those of ``scripts/report.py``."""
    from aeaug.report.options import parse_report

    return parse_report(values_of_config(config, overrides))


def compose_status(config: DictConfig, overrides: Sequence[str]) -> "StatusOptions":
    """Those of ``scripts/status.py``."""
    from aeaug.sweep.status.options import parse_status

    return parse_status(values_of_config(config, overrides))
