"""What of the code is a run's, and what of a change in it counts."""

import shutil

import pytest

from aeaug.run.identity import sources as module
from aeaug.run.identity.sources import MAKING, PACKAGE, changed_sources, sources
from tests.test_architecture import imported


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of what makes numbers, in the package's place; ``edit(file, old, new)`` changes it, as seen by a process
    that begins then."""
    for name in MAKING:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy)(PACKAGE / name, tmp_path / name)
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
    assert not changed_sources([before])
    package(file, old, new)
    assert changed_sources([before])
    assert not changed_sources([sources()])
    package(file, new, old)
    assert not changed_sources([before])


def test_a_new_file_is_one(package, tmp_path):
    before = sources()
    (tmp_path / "perturbation" / "mine.py").write_text("GAMMA = 1\n")
    (tmp_path / "run" / "other.py").write_text("NOTHING = 1\n")
    package("randomness.py", "import", "import")
    assert changed_sources([before])
    (tmp_path / "perturbation" / "mine.py").unlink()
    package("randomness.py", "import", "import")
    assert not changed_sources([before])


def test_what_is_said_in_it_is_none(package):
    before = sources()
    package("perturbation/gaussian.py", '"""', '"""Newly said: ')
    package("perturbation/gaussian.py", "import torch", "import torch  # as ever")
    assert sources()["files"] != before["files"]
    assert not changed_sources([before])


def test_of_code_that_is_not_known_nothing_is_said(package):
    before = sources()
    package("perturbation/gaussian.py", "return ", "return 2 * ")
    assert not changed_sources([])
    assert not changed_sources([{}, {**before, "python": "3.5"}, {**before, "meaning": ""}])
    assert changed_sources([sources(), before])  # of a run that was gone on with


def test_what_editors_leave_beside_files_is_no_code(package, tmp_path):
    before = sources()
    (tmp_path / "perturbation" / ".#gaussian.py").symlink_to("nobody@nowhere:1")
    (tmp_path / "perturbation" / "._gaussian.py").write_bytes(b"\0\1")
    (tmp_path / "perturbation" / "gone.py").symlink_to("nowhere")
    package("randomness.py", "import", "import")
    assert sources() == before
    (tmp_path / "perturbation" / "half.py").write_text("def f(:")  # it is being written
    package("randomness.py", "import", "import")
    assert sources()["meaning"] == ""
    assert not changed_sources([before])


def test_without_its_files_a_package_says_nothing(package, tmp_path, monkeypatch):
    """As of an archive."""
    before = sources()
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "nowhere")
    module._files.cache_clear()
    module._meaning.cache_clear()
    assert not changed_sources([before])


def test_of_what_they_import_only_what_makes_no_numbers_is_left_out():
    """Files, messages, bars, pictures, types, and runs in small, whose numbers mean nothing."""
    left_out = {"artifacts", "faults", "installed", "options", "writing", "run.debug", "run.files", "run.options"}
    left_out |= {"run.fitting_data"}  # which says yes or no
    left_out |= {f"training.{name}" for name in ("bar", "checkpoint", "devices", "pictures", "progress", "tensorboard")}
    places = {name.removesuffix(".py").replace("/", ".") for name in MAKING}
    for path in module._paths():
        for name in imported(path):
            if name.startswith("aeaug."):
                name = name.removeprefix("aeaug.")
                known = any(name == place or name.startswith(f"{place}.") for place in places | left_out)
                assert known, f"{path.relative_to(PACKAGE)} imports {name}"
