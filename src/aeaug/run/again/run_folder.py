"""Whether a folder is a run's."""

from pathlib import Path

__all__ = ["require_run"]


def require_run(folder: Path) -> None:
    """Raise ``ValueError``, which leaves out the folder's name, where ``folder`` holds no run."""
    if not folder.is_dir():
        raise ValueError("no such folder")
    if not (folder / "config.yaml").is_file():
        below = sorted(path.parent for path in folder.glob("**/config.yaml"))
        there = f"; there are {len(below)} below it, such as {below[0]}" if below else ""
        raise ValueError(f"this folder is no run (it has no config.yaml){there}")
