"""What of the code is a run's, and what of a change in it counts."""

import shutil

import pytest

from aeaug.run.identity import sources as module
from aeaug.run.identity.sources import MAKING, PACKAGE, changed_sources, sources


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of what makes numbers, in the package's place; ``edit(file, old, new)`` changes it, as seen by a process
    that begins then."""
    for name in MAKING:
        (shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy)(PACKAGE / name, tmp_path / name)
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(module, "PACKAGE", tmp_path)

    def fresh():
        module._files.cache_clear()
        module._meaning.cache_clear()

    def edit(file, old, new):
        text = (tmp_path / file).read_text()
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new, 1))
        fresh()

    fresh()
    yield edit
    fresh()


def test_every_room_through_which_images_go_counts():
    assert all((PACKAGE / name).exists() for name in MAKING)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("perturbation/gaussian.py", "return ", "return 2 * "),
        ("gan/losses/__init__.py", "import", "import os\nimport"),
        ("randomness.py", "import hashlib", "import hashlib\n\nNUMBER = 3"),
    ],
)
def test_a_change_of_what_is_computed_is_one(package, file, old, new):
    before = sources()
    assert not changed_sources(before)
    package(file, old, new)
    assert changed_sources(before)
    assert not changed_sources(sources())
    package(file, new, old)
    assert not changed_sources(before)


def test_a_new_file_is_one(package, tmp_path):
    before = sources()
    (tmp_path / "perturbation" / "mine.py").write_text("GAMMA = 1\n")
    (tmp_path / "run" / "other.py").write_text("NOTHING = 1\n")
    package("randomness.py", "import", "import")
    assert changed_sources(before)
    (tmp_path / "perturbation" / "mine.py").unlink()
    package("randomness.py", "import", "import")
    assert not changed_sources(before)


def test_what_is_said_in_it_is_none(package):
    before = sources()
    package("perturbation/gaussian.py", '"""', '"""Newly said: ')
    package("perturbation/gaussian.py", "import torch", "import torch  # as ever")
    assert sources()["files"] != before["files"]
    assert not changed_sources(before)


def test_of_code_that_is_not_known_nothing_is_said(package):
    before = sources()
    package("perturbation/gaussian.py", "return ", "return 2 * ")
    assert not changed_sources({})
    assert not changed_sources({**before, "python": "3.5"})
