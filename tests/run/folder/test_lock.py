"""What is said of a run's lock that cannot be taken."""

import errno
import os

import pytest

from aeaug.faults import Fault
from aeaug.run.folder import lock
from aeaug.run.folder.lock import require_unlocked


@pytest.mark.parametrize(
    ("number", "said", "unsaid"),
    [
        (errno.EACCES, "another user's, who may be at work: have {} made writable for both (umask 002)", "delete"),
        (errno.EPERM, "another user's, who may be at work: have {} made writable for both (umask 002)", "delete"),
        (errno.EIO, "delete it, or the folder {}", "another user"),
    ],
)
def test_what_another_user_may_be_at_work_on_is_not_to_be_deleted(number, said, unsaid, tmp_path, monkeypatch):
    """Root may open any file: the system's answer is put in its place."""

    class Refused:
        def __init__(self, file):
            self.file = file

        def acquire(self, timeout):
            raise OSError(number, os.strerror(number), str(self.file))

    (tmp_path / ".lock").touch()
    monkeypatch.setattr(lock, "lock_file", Refused)
    with pytest.raises(Fault, match=r"\.lock cannot be locked") as caught:
        require_unlocked(tmp_path)
    assert said.format(tmp_path) in str(caught.value)
    assert unsaid not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
