"""The signs of gates: a trained autoencoder passes the bar, and one of two dimensions, or hardly trained, does not.

500 images, the convolutional autoencoder, whose error on images held out is known from docs/tuning.md to be below
its bar, and the default bars.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from aeaug.signs.row import SEEDS, Row, rows_of

__all__ = ["GATED", "OF_GATES", "OfGate", "rows_of_gates"]

GATED = ("data.n_train=500", "autoencoder=conv", "autoencoder.stopping=hold_out")
"""What all of them are told besides, with as many steps as docs/tuning.md chose, where they are not told otherwise."""

STEPS = "autoencoder.steps=500"


class OfGate(NamedTuple):
    """What a ``gate`` measures of an autoencoder that was told so is to be on the right side of its ``bar``: better
    where it ``passes``. ``lower``: lower is better."""

    gate: str
    told: tuple[str, ...]
    bar: float
    lower: bool
    passes: bool

    @property
    def overrides(self) -> tuple[str, ...]:
        """What the run would be told."""
        steps = () if any(one.startswith("autoencoder.steps=") for one in self.told) else (STEPS,)
        return f"gate={self.gate}", f"gate.bar={self.bar:g}", *GATED, *self.told, *steps

    @property
    def higher(self) -> bool:
        """Whether the number is to be above the bar."""
        return self.passes != self.lower

    @property
    def of(self) -> tuple[str, ...]:
        """The autoencoder, by what it was told."""
        return self.told

    @property
    def than(self) -> float:
        """The bar."""
        return self.bar

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table."""
        what = "trained, it passes" if self.passes else "it is refused"
        number = "error" if self.gate == "error" else "labels kept"
        choice = ",".join((f"gate={self.gate}", *self.told))
        return choice, f"{what}: {number}", "higher" if self.higher else "lower", f"{self.bar:g}"


_BAD = (("autoencoder.latent_dim=2",), ("autoencoder.steps=50",))

OF_GATES = tuple(
    OfGate(gate, told, bar, lower, not told)
    for gate, bar, lower in (("error", 0.02, True), ("labels", 0.8, False))
    for told in ((), *_BAD)
)


def rows_of_gates(measured: Callable[[OfGate, int], float]) -> Iterator[Row]:
    """A row for each of :data:`OF_GATES`. ``measured``: what the gate says of the autoencoder of a subset."""
    return rows_of(OF_GATES, lambda one, _, place: measured(one, SEEDS[place]))
