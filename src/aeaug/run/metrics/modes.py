"""How many modes of stacked images the generator has, and how evenly."""

from aeaug.run.metrics.metric import Read, RunMetric

__all__ = ["MODES"]


def _modes(key: str) -> Read:
    """Of the generator at the end of the budget; None where images have no channels that are images of their own."""
    return lambda files: (((files.metrics.get("readings") or {}).get("end") or {}).get("modes") or {}).get(key)


MODES = (
    RunMetric(
        "modes_covered",
        "modes covered",
        "higher",
        "natural",
        0,
        "of 1,000 modes of stacked images, those that 26,000 generated ones have",
        "diversity",
        "run",
        read=_modes("covered"),
    ),
    RunMetric(
        "mode_kl",
        "mode KL",
        "lower",
        "natural",
        3,
        "KL of the modes of 26,000 generated stacked images to the even ones, in nats",
        "diversity",
        "run",
        read=_modes("kl"),
    ),
)
