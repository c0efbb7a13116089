"""The commands from their first moment: to import what they are made of takes a second, and Ctrl-C ends that, too, in
one line."""

import sys
from functools import partial

__all__ = ["augment", "evaluate", "report", "sample", "status", "train", "tune"]


def _run(name: str) -> None:
    """The function of :mod:`aeaug.cli` that has this ``name``."""
    try:
        from aeaug import cli
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    getattr(cli, name)()


train = partial(_run, "train")
report = partial(_run, "report")
evaluate = partial(_run, "evaluate")
augment = partial(_run, "augment")
sample = partial(_run, "sample")
status = partial(_run, "status")
tune = partial(_run, "tune")
