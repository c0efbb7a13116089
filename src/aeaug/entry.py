"""The commands from their first moment: to import what they are made of takes a second, and Ctrl-C ends that, too, in
one line."""

import sys

__all__ = ["augment", "evaluate", "report", "sample", "status", "train", "tune"]


def train() -> None:
    """:func:`aeaug.cli.train`; as all here."""
    _run("train")


def report() -> None:
    """``scripts/report.py``."""
    _run("report")


def evaluate() -> None:
    """``scripts/evaluate.py``."""
    _run("evaluate")


def augment() -> None:
    """``scripts/augment.py``."""
    _run("augment")


def sample() -> None:
    """``scripts/sample.py``."""
    _run("sample")


def status() -> None:
    """``scripts/status.py``."""
    _run("status")


def tune() -> None:
    """``scripts/tune.py``."""
    _run("tune")


def _run(name: str) -> None:
    try:
        from aeaug import cli
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    getattr(cli, name)()
