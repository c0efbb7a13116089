"""Options that may change without making another run: how it is started, where it lies, what is asked of it and
claimed, and on what machine it runs."""

from aeaug.training.flags import is_flag

__all__ = ["is_free", "is_of_machine", "makes_no_other"]

FREE_KEYS = (
    *("resume", "stale", "fail_fast", "dry_run", "debug", "outputs", "question", "claims", "exploratory"),
    *("data.root", "data.cache", "data.unusable", "trainer.progress"),
)

MACHINE_KEYS = ("data.root", "data.cache", "trainer.name", "trainer.accelerator", "trainer.threads", "trainer.progress")


def is_free(key: str) -> bool:
    """Whether a dotted ``key`` may be there or not, with any value: where numbers are shown, how a sweep goes."""
    return key in FREE_KEYS or f"{key}.".startswith(("logger.", "sweep.")) or is_flag(key)


def is_of_machine(key: str) -> bool:
    """Whether it is of the machine. Last digits may depend on it, and what a run is does not; a run keeps the threads
    that it began with."""
    return key in MACHINE_KEYS or is_flag(key)


def makes_no_other(key: str) -> bool:
    """Either."""
    return is_free(key) or is_of_machine(key)
