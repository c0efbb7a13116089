import errno
import fcntl
import os
import re
import subprocess
from pathlib import Path

import pytest

from aeaug.faults import Fault
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.writable import require_writable
from aeaug.writing import lock_file, locked
from tests.conftest import options


def refused(folder, outputs="there"):
    with pytest.raises(Fault, match=r"^outputs=there: .* is not a writable folder") as caught:
        require_writable(folder, outputs)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("below", [(), ("a",), ("a", "b", "c")])
def test_what_can_be_made_passes_and_nothing_stays(tmp_path, below):
    require_writable(tmp_path.joinpath(*below), "there")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_tried_once_for_all_that_will_lie_in_it(tmp_path):
    tried: set[Path] = set()
    for below in ("a", "b"):
        require_writable(tmp_path / below / "c", "there", tried)
        assert tried == {tmp_path}
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for wrong in (tmp_path / "file", tmp_path / ("x" * 256)):
        with pytest.raises(Fault, match=r"^outputs=there: .* is not a writable folder"):
            require_writable(wrong, "there", tried)
    assert tried == {tmp_path}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
@pytest.mark.parametrize("place", ["/proc", "/proc/1", "/sys", "/sys/kernel", "/dev/null", "/dev/fd/0/x"])
def test_what_says_that_root_may_write_is_tried(place):
    refused(Path(place))
    refused(Path(place) / "runs" / "a")


def test_paths_that_lead_nowhere(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "circle", "nowhere", "pipe"):
        refused(tmp_path / name)
        refused(tmp_path / name / "below" / "it")
    refused(tmp_path / ("x" * 256))
    refused(tmp_path / ("x" * 256) / "below")
    refused(tmp_path.joinpath(*["x" * 200] * 25))
    refused(tmp_path / "\0")
    assert len(list(tmp_path.iterdir())) == 4


def test_a_path_that_leaves_no_room_for_the_files_is_refused(tmp_path):
    parts, rest = divmod(4096 - len(str(tmp_path)) - 100, 100)
    refused(tmp_path.joinpath(*["x" * 99] * parts, "x" * rest))


def test_a_medium_that_is_read_only(mounted):
    (mounted / "folder").mkdir()
    require_writable(mounted / "folder", "there")
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    refused(mounted)
    refused(mounted / "folder" / "below")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused_before_work_by_its_name(number, tmp_path, monkeypatch):
    """As of NFS without a lock service. None was at hand: ``flock`` is made to fail so."""

    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    for fails, place in (
        (lambda: require_writable(tmp_path, "there"), tmp_path),
        (lambda: RunFolder(options(tmp_path, "arm=none")).check(), tmp_path),
    ):
        with pytest.raises(Fault, match=f"^{place}: .*: where files cannot be locked") as caught:
            fails()
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    for fails in (lambda: lock_file(tmp_path / "lock").acquire(), lambda: locked(tmp_path / "lock", "").__enter__()):
        with pytest.raises(
            OSError, match=re.escape(os.strerror(number))
        ) as raised:  # and no file that is there is taken for a lock
            fails()
        assert raised.value.errno == number
