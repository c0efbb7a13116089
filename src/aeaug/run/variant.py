"""What the name of a run's variant says of it."""

__all__ = ["arm_name"]


def arm_name(variant: str) -> str:
    """The arm a variant is, whatever its training-set size: `a,data.n_train=100` is `a`; nothing else is `default`."""
    parts = [part for part in variant.split(",") if not part.startswith("data.n_train=")]
    return ",".join(parts) or "default"
