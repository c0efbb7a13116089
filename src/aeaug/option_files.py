"""Where the option files lie, and what they say: the choices of every group, each with its defaults."""

from pathlib import Path
from typing import Any

import yaml

__all__ = ["CONF", "choices", "defaults_of"]

PACKAGED = Path(__file__).parent / "conf"  # in an installed wheel
CONF = str(PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[2] / "conf")


def choices(group: str) -> list[str]:
    """The names of what there is to choose of a ``group``, such as ``autoencoder``."""
    return sorted(file.stem for file in Path(CONF, group).glob("*.yaml"))


def defaults_of(group: str, name: str) -> dict[str, Any]:
    """The options of the choice ``name`` of ``group``, as its file has them: references such as ``${seed}`` stay."""
    content: dict[str, Any] = yaml.safe_load(Path(CONF, group, f"{name}.yaml").read_text())
    return content
