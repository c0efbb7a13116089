"""The options that say nothing of what a run is: how it is started, where it lies, what is asked of it and claimed."""

__all__ = ["FREE_KEYS"]

FREE_KEYS = (
    *("resume", "stale", "fail_fast", "dry_run", "outputs", "question", "claims", "exploratory"),
    *("data.root", "trainer.progress"),
)
