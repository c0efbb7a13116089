"""What the name of a run's variant says of it."""

from collections.abc import Collection

__all__ = ["arm_name", "in_common", "stripped"]


def arm_name(variant: str) -> str:
    """The arm a variant is, whatever its training-set size: `a,data.n_train=100` is `a`; nothing else is `default`."""
    parts = [part for part in variant.split(",") if not part.startswith("data.n_train=")]
    return ",".join(parts) or "default"


def in_common(names: Collection[str]) -> frozenset[str]:
    """Overrides, such as ``data=mnist_5k``, that all ``names`` have: they tell none from the others."""
    shared = frozenset.intersection(*(frozenset(name.split(",")) for name in names)) if names else frozenset()
    return frozenset(part for part in shared if "=" in part)


def stripped(name: str, parts: Collection[str]) -> str:
    """A ``name`` without these ``parts``; nothing else is `default`."""
    return ",".join(part for part in name.split(",") if part not in parts) or "default"
