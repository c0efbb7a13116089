"""Whether a command line asks for advice: found out before anything that takes time is imported."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from aeaug.sweep.composition.command_line import flags
from aeaug.sweep.composition.overrides import CONF, key_and_value

__all__ = ["is_asked_for"]


def is_asked_for(arguments: Sequence[str]) -> bool:
    """Whether the command line ``arguments`` of ``scripts/train.py`` sweep over an experiment that asks for advice."""
    typed = dict(key_and_value(one) for one in arguments)
    file = Path(CONF, "experiment", f"{typed.get('experiment')}.yaml")
    if not {"-m", "--multirun"} & set(arguments) or not file.is_file():
        return False
    parsed = flags().parse_args(list(arguments))
    if parsed.help or parsed.hydra_help or parsed.version or parsed.cfg or parsed.info:
        return False
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return isinstance(content, dict) and isinstance(content.get("advise"), dict)
