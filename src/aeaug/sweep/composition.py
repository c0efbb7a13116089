"""From what Hydra composed to checked options, and the name of the arm, which is the name of its folder."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

if TYPE_CHECKING:  # PyTorch takes a second to import: only when what Hydra composed is worth checking
    from aeaug.run.again.options import ReevaluationOptions
    from aeaug.run.options import RunOptions

__all__ = ["CONF", "compose_options", "compose_reevaluation", "variant_name"]

PACKAGED = Path(__file__).parents[1] / "conf"  # in an installed wheel
CONF = str(PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[3] / "conf")

# Overrides that say where, when or which repetition, not what.
UNNAMED = {"experiment", "seed", "resume", "outputs", "name", "question", "claims", "variant", "data.root", "trainer"}
UNNAMED |= {"trainer.progress", "trainer.threads"}


LONGEST = 200


def variant_name(overrides: Sequence[str]) -> str:
    """Name an arm after its command line's ``overrides``.

    ``["arm=append_gaussian", "data.n_train=100", "seed=1"]`` is ``append_gaussian,data.n_train=100``; no override that
    matters is ``default``.
    """
    named = [override.lstrip("+~") for override in overrides if not override.startswith("hydra")]
    named = [override for override in named if override.partition("=")[0] not in UNNAMED]
    named.sort(key=lambda override: (not override.startswith("arm="), override))
    name = ",".join(override.removeprefix("arm=") for override in named) or "default"
    name = re.sub(r"[^\w.,=+-]", "_", name)
    if len(name) > LONGEST:  # a folder's name has its limits
        name = f"{name[: LONGEST - 17]}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return name


def compose_options(config: DictConfig, overrides: Sequence[str]) -> "RunOptions":
    """Check what Hydra composed from the job's ``overrides``.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value.
    """
    from aeaug.run.options import parse_options

    values = _values(config)
    if values["variant"] is None:
        values["variant"] = variant_name(overrides)
    return parse_options(values)


def compose_reevaluation(config: DictConfig, overrides: Sequence[str]) -> "ReevaluationOptions":
    """The same for ``scripts/evaluate.py``."""
    from aeaug.run.again.options import parse_reevaluation

    return parse_reevaluation(_values(config), overrides)


def _values(config: DictConfig) -> dict[str, Any]:
    try:
        own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
        values: Any = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ValueError(" ".join(str(error).split())) from None
    assert isinstance(values, dict)
    return values
