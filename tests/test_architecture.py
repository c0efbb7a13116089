"""The structure that the design promises, read off the imports."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "aeaug"
FLOW = ["data", "autoencoder", "perturbation", "augmentation", "gan", "evaluation", "report"]
MODULES = sorted(SOURCE.rglob("*.py"))
# What every stage may use, and what uses the stages.
BELOW, ABOVE = (
    {"randomness", "artifacts", "checkpoint", "progress", "trainer", "divergence", "tensorboard", "memory", "threads"},
    {"options", "composition", "assembly", "assessment", "experiment"},
)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def stage(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "aeaug" and len(parts) > 1 else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_follow_the_data(path):
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    for name in imported(path):
        other = stage(name)
        if own in FLOW and other is not None:
            assert other in BELOW or (other in FLOW and FLOW.index(other) <= FLOW.index(own)), name
        if own in BELOW:
            assert other is None or other in BELOW, name


def test_only_the_command_line_knows_hydra():
    allowed = {"composition.py", "sweep.py", "cli.py"}
    users = {path.name for path in MODULES if {n.split(".")[0] for n in imported(path)} & {"hydra", "omegaconf"}}
    assert users <= allowed


def test_evaluation_knows_nothing_of_gans():
    for path in (SOURCE / "evaluation").rglob("*.py"):
        assert not {"gan", "augmentation", "autoencoder", "perturbation"} & {stage(n) for n in imported(path)}
