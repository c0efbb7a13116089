"""What takes minutes for one test: ``make test-long``, or ``pytest tests/long``."""

from pathlib import Path

FOLDER = Path(__file__).parent


def pytest_ignore_collect(config):
    """Only where this folder, or one of its files, is named."""
    named = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(FOLDER) for path in named) else True
