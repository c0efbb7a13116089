"""The options that say nothing of what a run is: how it is started, where it lies, what is asked of it and claimed."""

__all__ = ["FREE_KEYS", "MACHINE_KEYS"]

FREE_KEYS = (
    *("resume", "stale", "fail_fast", "dry_run", "outputs", "question", "claims", "exploratory"),
    *("data.root", "trainer.progress"),
)

MACHINE_KEYS = ("data.root", "trainer.name", "trainer.accelerator", "trainer.threads", "trainer.progress")
"""Of these, the machine. Last digits may depend on it, and what a run is does not; a run keeps the threads that it
began with."""
