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
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

__all__ = ["ArtifactStore", "artifact_key", "code_version", "file_sha256", "recipe_version", "write_atomically"]

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def artifact_key(recipe: dict[str, Any]) -> str:
    """Return 16 hexadecimal digits that identify ``recipe``, a JSON-able dictionary, whatever the order of its keys."""
    canonical = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Call ``write(file)`` on a file beside ``path``, flush it to disk, and rename it to ``path``.

    When ``write`` or the disk fails, ``path`` stays as it was and the unfinished file is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself
    finally:
        os.close(folder)


class ArtifactStore:
    """Artifacts under ``root``, one folder a kind."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, kind: str, recipe: dict[str, Any], build: Callable[[Path], None]) -> Path:
        """Return the folder of the artifact that ``recipe`` determines; if there is none, ``build(folder)`` makes it.

        Raises ``ValueError`` when a file of an existing artifact does not match its checksum.
        """
        folder = self.root / kind / artifact_key(recipe)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_suffix(".lock")):
            if not folder.exists():
                self._build(folder, recipe, build)
        self._verify(folder)
        return folder

    def find(self, kind: str, key: str) -> Path | None:
        """Return the folder of the artifact with this ``key``, whatever code or software it is of; None if it is gone.

        Raises ``ValueError`` when one of its files does not match its checksum.
        """
        folder = self.root / kind / key
        if not folder.is_dir():
            return None
        self._verify(folder)
        return folder

    def _build(self, folder: Path, recipe: dict[str, Any], build: Callable[[Path], None]) -> None:
        # A build that was killed leaves such a folder behind; under the lock it is nobody's.
        for stale in folder.parent.glob(f"{folder.name}.building-*"):
            shutil.rmtree(stale)
        building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building-", dir=folder.parent))
        try:
            build(building)
            files = sorted(path for path in building.rglob("*") if path.is_file())
            sums = {str(path.relative_to(building)): file_sha256(path) for path in files}
            manifest = json.dumps({"recipe": recipe, "sha256": sums}, indent=2)
            (building / MANIFEST).write_text(manifest + "\n")
            building.chmod(0o755)  # mkdtemp's folders are private
            building.replace(folder)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise

    @staticmethod
    def _verify(folder: Path) -> None:
        try:
            sums = json.loads((folder / MANIFEST).read_text())["sha256"]
            wrong = [name for name, digest in sums.items() if file_sha256(folder / name) != digest]
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"artifact {folder} is damaged ({error}): delete the folder to rebuild it") from error
        if wrong:
            raise ValueError(
                f"artifact {folder} is damaged (checksum of {', '.join(wrong)}): delete the folder to rebuild it"
            )


class _locked:
    """A file lock that says so when it has to wait."""

    def __init__(self, path: Path) -> None:
        self.lock = FileLock(path)

    def __enter__(self) -> None:
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            log.info("waiting for another process that builds %s", self.lock.lock_file)
            self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()
