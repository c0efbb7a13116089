"""What a user types: the scripts of the repository, or the commands of an installed wheel, which has no scripts."""

from aeaug.option_files import PACKAGED

__all__ = ["command", "with_extra"]


def command(name: str) -> str:
    """How the command ``name``, such as ``report``, is typed."""
    return f"aeaug-{name}" if PACKAGED.is_dir() else f"python scripts/{name}.py"


def with_extra(name: str) -> str:
    """What installs the packages of the extra ``name``, beside the program that is at work."""
    return f"pip install 'aeaug[{name}]'" if PACKAGED.is_dir() else f"pip install -c constraints.txt -e '.[{name}]'"
