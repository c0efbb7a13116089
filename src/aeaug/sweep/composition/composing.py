"""A run's options composed from overrides alone, whether or not Hydra has started this process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from aeaug.sweep.composition.composition import compose_options
from aeaug.sweep.composition.hydra_errors import HYDRAS, in_one_line
from aeaug.sweep.composition.overrides import CONF

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["composed", "hydra"]


def composed(overrides: Sequence[str], hydras: Sequence[str] = ()) -> "RunOptions":
    """The checked options of the run with these ``overrides``; ``hydras``: those of Hydra's own options, such as where
    option files are searched. Raises ``ValueError``, a line for each thing that is wrong."""
    try:
        with hydra():
            return compose_options(compose("train", [*hydras, *overrides]), overrides)
    except HYDRAS as error:
        raise ValueError(in_one_line(error, overrides)) from None


@contextmanager
def hydra() -> Iterator[None]:
    """Hydra as it composes, where it has not started this process."""
    if GlobalHydra.instance().is_initialized():
        yield
        return
    with initialize_config_dir(CONF, version_base="1.3"):
        yield
