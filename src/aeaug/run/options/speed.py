r"""How fast a rate follows a controller where its ``images``, in which it goes from 0 to 1, is ``auto``:

.. math:: I = \max(N / 50, 400 \, b)

N ``budget.images``, b ``budget.batch_size``. The first is the share of Karras et al. 2020 (arXiv:2006.06676, section
3.1), 500,000 of 25 million images. The second is a hundred decisions, of four batches each: a fiftieth of a small
budget is so few of them that the rate would jump from one of its ends to the other.
"""

from collections.abc import Mapping
from typing import Any

from aeaug.data.loader import BATCHES

__all__ = ["with_speeds"]

SHARE, DECISIONS = 50, 100
GROUPS = ("schedule", "gan")  # where controllers are chosen, and nothing else has images


def with_speeds(values: Mapping[str, Any]) -> dict[str, Any]:
    """A run's composed ``values`` with a number for every controller's ``images`` that is ``auto``; any number where
    that of the budget is none, which is another's to say."""
    budget = values.get("budget")
    images, batch = (_number(budget, key) for key in ("images", "batch_size"))
    speed = max(round(images / SHARE), round(DECISIONS * BATCHES * batch))
    return {**values, **{group: _told(values[group], speed) for group in GROUPS if group in values}}


def _number(budget: Any, key: str) -> float:
    value = budget.get(key) if isinstance(budget, Mapping) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 1e12 else 1


def _told(value: Any, speed: int) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: speed if key == "images" and one == "auto" else _told(one, speed) for key, one in value.items()}
