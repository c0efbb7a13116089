"""Ctrl-C ends a command in one line while it is still imported."""

import subprocess
import sys
import tomllib

import pytest

from aeaug import entry
from tests.conftest import REPOSITORY

COMMANDS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["scripts"]
INTERRUPTED = """
import runpy, sys

class Interrupted:
    def find_spec(self, name, *others):
        if name == "hydra":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
"""


def interrupted(last: str) -> tuple[int, str, str]:
    """Exit status, and what is said and printed, of a process that Ctrl-C reaches when it begins to import Hydra."""
    program = [sys.executable, "-c", INTERRUPTED + last]
    ended = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    return ended.returncode, ended.stderr, ended.stdout


@pytest.mark.parametrize("name", entry.__all__)
def test_ctrl_c_while_a_command_is_imported_ends_it_in_one_line(name):
    script = f"runpy.run_path('scripts/{name}.py', run_name='__main__')"
    assert interrupted(script) == (130, "interrupted\n", "")


def test_commands_of_a_wheel_are_those_that_scripts_run():
    assert {f"aeaug-{name}": f"aeaug.entry:{name}" for name in entry.__all__} == COMMANDS
    assert all((REPOSITORY / "scripts" / f"{name}.py").is_file() for name in entry.__all__)
