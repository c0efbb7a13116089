"""constant: the same rate over the whole training."""

from typing import TYPE_CHECKING, Literal

from typing_extensions import override

from aeaug.augmentation.schedules.schedule import Schedule, Share

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["Constant"]


class Constant(Schedule):
    """``schedule=constant``."""

    name: Literal["constant"]

    @override
    def of(self, module: "GANModule") -> Share | None:
        return None
