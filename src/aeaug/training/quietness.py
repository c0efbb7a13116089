"""What Lightning says at every start, and its advice that does not fit here."""

import logging
import warnings

import lightning  # noqa: F401  # it would set its own level when it is imported

__all__ = ["quieten"]


def quieten() -> None:
    """Leave that out."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for message in (
        "passed in a `val_dataloader` but have no `validation_step`",
        "does not have many workers",
        "smaller than the logging interval",
        "isinstance.treespec, LeafSpec.` is deprecated",
        "`srun` command is available on your system but is not used",
    ):
        warnings.filterwarnings("ignore", message=f".*{message}.*")
