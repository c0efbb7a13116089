"""The structure that the design promises, read off the imports."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "aeaug"
MODULES = sorted(SOURCE.rglob("*.py"))
STAGES = {"data", "autoencoder", "perturbation", "augmentation", "gan", "evaluation"}
# What each room may import; those at the top may be imported by all, `training` by all that train or show a bar.
ROOMS: dict[str, set[str]] = {
    "randomness": set(),
    "artifacts": {"faults", "writing"},
    "classifier": {"randomness"},
    "faults": set(),
    "installed": {"option_files"},
    "option_files": set(),
    "options": set(),
    "writing": set(),
    "openmp": set(),
    "one_thread": set(),
    "training": set(),
    "schedules": set(),
    "perturbation": {"training"},
    "export": {"data"},
    "data": {"training"},
    "autoencoder": {"data", "training"},
    "gan": {"data", "training", "schedules"},
    "augmentation": {"data", "autoencoder", "perturbation", "gan", "training", "schedules"},
    "evaluation": (STAGES - {"evaluation"}) | {"training"},
    "run": STAGES | {"training", "schedules", "export"},
    "library": {"data", "autoencoder", "perturbation", "augmentation", "training", "export"},
    "sweep": {"data", "run", "report", "training", "library"},
    "report": {"evaluation", "run"},
    "published": {"evaluation", "run", "sweep", "report"},
    "benchmark": STAGES | {"training", "library"},
    "signs": STAGES | {"run", "training"},
    "tune": {"run", "sweep", "report", "training"},
    "advise": {"evaluation", "run", "sweep", "report", "training"},
    "cli": {"run", "sweep", "report", "training", "tune", "library", "advise"},
    "entry": {"cli"},
    "__init__": {"library"},
}
FOR_ALL = {
    "randomness",
    "artifacts",
    "classifier",
    "faults",
    "installed",
    "openmp",
    "one_thread",
    "option_files",
    "options",
    "writing",
}


def imported(path):
    """Names of modules that a file imports, at its top or inside its functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def room(name):
    parts = name.split(".")
    return parts[1] if parts[0] == "aeaug" and len(parts) > 1 else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_follow_the_data(path):
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    others = {other for name in imported(path) if (other := room(name)) is not None}
    assert others <= {own} | ROOMS[own] | (set() if own in FOR_ALL else FOR_ALL)


def test_nothing_imports_in_a_circle():
    """Whatever the table above says: a room is never below one that it stands on."""
    below = {name: set(others) for name, others in ROOMS.items()}
    for _ in ROOMS:
        below = {name: others.union(*(below[other] for other in others)) for name, others in below.items()}
    assert not [name for name, others in below.items() if name in others]


def test_at_the_top_stands_what_belongs_to_no_room():
    assert {path.stem for path in SOURCE.glob("*.py")} == {"__init__", "cli", "entry"} | FOR_ALL


def test_only_the_command_line_and_sweeps_know_hydra():
    users = {path for path in MODULES if {n.split(".")[0] for n in imported(path)} & {"hydra", "omegaconf"}}
    assert {path.relative_to(SOURCE).parts[0] for path in users} <= {"cli.py", "sweep"}


def test_nobody_knows_what_hydra_does_not_make_public():
    known = {name for path in MODULES for name in imported(path) if name.startswith("hydra.")}
    assert known
    assert not [name for name in known if "_internal" in name]


def test_metrics_know_nothing_of_gans():
    for path in (SOURCE / "evaluation" / "metrics").rglob("*.py"):
        assert {room(name) for name in imported(path)} <= {
            None,
            "evaluation",
            "data",
            "randomness",
            "one_thread",
            "classifier",
        }, path.name


def test_one_place_makes_progress_bars():
    makers = [path for path in MODULES if "tqdm(" in path.read_text().replace("class _Lines(tqdm)", "")]
    assert [path.name for path in makers] == ["progress.py"]


def at_import(path):
    """The files that importing ``path`` imports: what it names outside functions and TYPE_CHECKING, with the packages
    around it, but for those around ``path`` itself, which are being imported already."""
    waiting, found = list(ast.parse(path.read_text()).body), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and room(node.module or ""):
            parts = node.module.split(".")[1:]
            for end in range(1, len(parts) + 1):
                found |= files_of(parts[:end])
            found |= {file for alias in node.names for file in files_of([*parts, alias.name])}
    around = {parent / "__init__.py" for parent in path.parents}
    return found - around


def files_of(parts):
    place = SOURCE.joinpath(*parts)
    return {file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()}


def test_every_module_can_be_imported_first():
    """No file needs, while it is imported, one that is being imported because of it."""
    needs = {path: at_import(path) for path in MODULES}
    while free := [path for path, others in needs.items() if not others & needs.keys()]:
        for path in free:
            del needs[path]
    circles = sorted(str(path.relative_to(SOURCE)) for path in needs)
    assert not circles, f"in a circle, or upon one: {circles}"


def test_rooms_within_rooms_stand_in_a_line_too():
    """A folder within a room is one step of its work: nothing that it imports leads back to it."""

    def step(path):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        return "/".join(parts[: 1 if path.parent.parent == SOURCE and path.stem == "__init__" else 2])

    needs = {}
    for path in MODULES:
        needs.setdefault(step(path), set()).update(step(other) for other in at_import(path))
    below = {one: others - {one} for one, others in needs.items()}
    for _ in below:
        below = {one: others.union(*(below[other] for other in others)) for one, others in below.items()}
    assert not [one for one, others in below.items() if one in others]
