"""Whether a folder is a run's."""

from pathlib import Path

__all__ = ["require_run"]


def require_run(folder: Path) -> None:
    """Raise ``ValueError``, in one line, where ``run=<folder>`` is none. PyTorch is not imported for that."""
    if not folder.is_dir():
        raise ValueError(f"run={folder}: no such folder")
    if not (folder / "config.yaml").is_file():
        below = sorted(path.parent for path in folder.glob("**/config.yaml"))
        there = f"; there are {len(below)} below it, such as {below[0]}" if below else ""
        raise ValueError(f"run={folder}: this folder is no run (it has no config.yaml){there}")
