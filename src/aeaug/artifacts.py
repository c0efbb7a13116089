"""A content-addressed store: what was trained once is found by what it was trained from.

An artifact is a folder ``<root>/<kind>/<key>``, where the key is a hash of everything that determines its content. It
is built in a folder beside and renamed when complete, under a file lock, so that of several processes that want the
same artifact one builds it and the others wait; its manifest holds a SHA-256 of every file, checked on every use.

What determines it is not options and data alone, but the code that builds it and the software under that code. So a
recipe has a *version*: a hash of what the defining sources mean (:func:`code_version`; a comment rebuilds nothing) and
PyTorch's major and minor number. After a change of either, the same request builds a new artifact beside the old one.
What was made with the old one finds it by the key that it recorded (:meth:`ArtifactStore.find`).
"""

import ast
import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aeaug.faults import Fault, one_line
from aeaug.writing import lock_file, locked, naming

__all__ = ["KEY", "ArtifactStore", "artifact_key", "code_version", "file_sha256", "recipe_version"]

KEY = "[0-9a-f]{16}"  # of an artifact: the name of its folder
MANIFEST = "manifest.json"
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def artifact_key(recipe: dict[str, Any]) -> str:
    """Return 16 hexadecimal digits that identify ``recipe``, a JSON-able dictionary, whatever the order of its keys."""
    canonical = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_version(*sources: Path) -> str:
    """Return 16 hexadecimal digits that identify what Python files mean, in the order given.

    They are a hash of the syntax trees without docstrings: comments, docstrings and layout do not count. Another minor
    version of Python may write the same tree in another way.
    """
    trees = (_without_docstrings(ast.parse(source.read_bytes())) for source in sources)
    text = "\n".join(ast.dump(tree, annotate_fields=False) for tree in trees)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def recipe_version(*sources: Path) -> dict[str, str]:
    """The ``version`` of a recipe whose artifact the Python files ``sources`` define, with PyTorch's share."""
    return {"code": code_version(*sources), "torch": ".".join(version("torch").split(".")[:2])}


class ArtifactStore:
    """Artifacts under ``root``, one folder a kind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seconds = 0.0
        """Spent here on building artifacts, and on waiting for others that built them: not on using what was there."""
        self._getting = False

    def get(self, kind: str, recipe: dict[str, Any], build: Callable[[Path], None]) -> Path:
        """Return the folder of the artifact that ``recipe`` determines; if there is none, ``build(folder)`` makes it.

        What killed builds of this kind left is removed. Raises :class:`Fault` for an existing artifact that is not, to
        the last byte, what was built.
        """
        folder = self.root / kind / artifact_key(recipe)
        self._sweep(folder.parent)
        if not folder.exists():  # a finished one is only read, from wherever it lies
            folder.parent.mkdir(parents=True, exist_ok=True)
            with (
                self._timed(),
                locked(folder.with_suffix(".lock"), f"another process that builds {folder}"),
            ):
                if not folder.exists():
                    self._build(folder, recipe, build)
        self._verify(folder)
        return folder

    def find(self, kind: str, key: str) -> Path | None:
        """Return the folder of the artifact with this ``key``, whatever code or software it is of; None if it is gone.

        Raises :class:`Fault` for one that is not, to the last byte, what was built, and ``ValueError`` for what is no
        key.
        """
        if not re.fullmatch(KEY, key):
            raise ValueError(f"{key!r:.40} is no key of an artifact")
        folder = self.root / kind / key
        if not folder.is_dir():
            return None
        self._verify(folder)
        return folder

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Count the seconds; what is built of other artifacts builds these meanwhile, whose seconds are its own."""
        if self._getting:
            yield
            return
        began, self._getting = time.perf_counter(), True
        try:
            yield
        finally:
            self._getting = False
            self.seconds += time.perf_counter() - began

    def _sweep(self, folder: Path) -> None:
        """Remove the building folders and lock files of dead processes: those whose lock is free."""
        left = {path.name.partition(".")[0] for pattern in ("*.building-*", "*.lock") for path in folder.glob(pattern)}
        for key in sorted(key for key in left if re.fullmatch(KEY, key)):
            # Of another user, or on a medium that is read only, they stay.
            with suppress(OSError), lock_file(folder / f"{key}.lock").acquire(timeout=0):
                self._remove_building(folder / key)
                (folder / f"{key}.lock").unlink()

    @staticmethod
    def _remove_building(folder: Path) -> None:
        # A build that was killed leaves such a folder behind; under the lock it is nobody's.
        for stale in folder.parent.glob(f"{folder.name}.building-*"):
            shutil.rmtree(stale)

    def _build(self, folder: Path, recipe: dict[str, Any], build: Callable[[Path], None]) -> None:
        self._remove_building(folder)
        building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building-", dir=folder.parent))
        try:
            with naming(building):
                build(building)
            files = sorted(path for path in building.rglob("*") if path.is_file())
            sums = {str(path.relative_to(building)): file_sha256(path) for path in files}
            manifest = json.dumps({"recipe": recipe, "sha256": sums}, indent=2)
            with naming(building / MANIFEST):
                (building / MANIFEST).write_text(manifest + "\n")
            building.chmod(0o755)  # mkdtemp's folders are private
            building.replace(folder)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise

    @staticmethod
    def _verify(folder: Path) -> None:
        try:
            wrong = _damage(folder)
        except Exception as error:  # of whatever reading a hostile manifest raises
            wrong = f"{one_line(error) or type(error).__name__}"
        if wrong:
            raise Fault(f"artifact {folder} is damaged ({wrong}): delete the folder to rebuild it")


def _damage(folder: Path) -> str | None:
    """What is not as it was built: another recipe, a file too many, too few or of another content."""
    content = json.loads((folder / MANIFEST).read_text())
    recipe, sums = (content.get(key) if isinstance(content, dict) else None for key in ("recipe", "sha256"))
    if not isinstance(recipe, dict) or not isinstance(sums, dict):
        return f"{MANIFEST} holds no recipe and no checksums"
    if artifact_key(recipe) != folder.name:
        return "it was made by another recipe than its name says"
    names = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    hidden = {name for name in names if any(part.startswith(".") for part in name.parts)}  # the system's
    if unlisted := names - hidden - {Path(name) for name in sums} - {Path(MANIFEST)}:
        return f"{MANIFEST} lists no checksum of {min(unlisted)}"
    for name, digest in sums.items():
        if Path(name) not in names or not (folder / name).is_file():  # nor is there a way out of the folder
            return f"{one_line(name, 60)} is missing"
        if file_sha256(folder / name) != digest:
            return f"checksum of {name}"
    return None
