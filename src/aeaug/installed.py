"""What a user types: the scripts of the repository, or the commands of an installed wheel, which has no scripts."""

import re

from aeaug.option_files import PACKAGED

__all__ = ["as_typed", "command", "with_extra"]

UNPINNED = ("mlflow", "ray")
"""Extras whose packages want other versions than the pins."""


def command(name: str) -> str:
    """How the command ``name``, such as ``report``, is typed."""
    return f"aeaug-{name}" if PACKAGED.is_dir() else f"python scripts/{name}.py"


def as_typed(text: str) -> str:
    """``text`` with the scripts that it names as they are typed here."""
    return re.sub(r"python scripts/(\w+)\.py", lambda script: command(script[1]), text)


def with_extra(name: str | None) -> str:
    """What installs the packages of the extra ``name``, or with None of what every installation has, beside the program
    that is at work."""
    extra = f"[{name}]" if name else ""
    if PACKAGED.is_dir():
        return f"pip install 'aeaug{extra}'"
    return f"pip install {'' if name in UNPINNED else '-c constraints.txt '}-e '.{extra}'"
