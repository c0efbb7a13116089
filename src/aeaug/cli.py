"""The command lines: Hydra composes, the options are checked, the work is done elsewhere."""

from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aeaug.experiment import Experiment
from aeaug.options import parse_options
from aeaug.variant import variant_name

__all__ = ["CONF", "report", "train"]

PACKAGED = Path(__file__).parent / "conf"  # in an installed wheel
CONF = str(PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[2] / "conf")


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
def train(config: DictConfig) -> float:
    """``python scripts/train.py``: one run, or with ``-m`` a sweep."""
    job = HydraConfig.get()
    try:
        values = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        assert isinstance(values, dict)
        if values["variant"] is None:
            values["variant"] = variant_name(list(job.overrides.task))
        if job.mode == RunMode.MULTIRUN:
            values["trainer"]["progress"] = False  # the sweep has one bar for all
        experiment = Experiment(parse_options(values))  # type: ignore[arg-type]
    except (ValueError, OmegaConfBaseException) as error:
        raise HydraException(str(error)) from None
    return experiment.run()


@hydra.main(version_base="1.3", config_path=CONF, config_name="report")
def report(config: DictConfig) -> None:
    """``python scripts/report.py experiment=<name>``."""
