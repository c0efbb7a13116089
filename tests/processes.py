"""Programs in processes of their own, forked from one that has imported everything: they start in a moment, where
Python would import PyTorch, Lightning and the rest for ten seconds of processor time.

The forked process is a real one, with its own arguments, streams, folder, environment, session and exit status, and it
ends as Python ends. What is about imports, or about two machines' versions of them, starts Python itself.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY

__all__ = ["Process", "children", "ended", "workers"]

IMPORTED = (
    "aeaug.cli",
    "aeaug.report.write",
    "aeaug.run.again.finished_run",
    "aeaug.run.again.image_set",
    "aeaug.run.pipeline",
    "aeaug.sweep.callback",
    "aeaug.sweep.plan.soundness",
    "hydra_plugins.aeaug_sweeper",
    "hydra_plugins.hydra_joblib_launcher._core",
    "sklearn.mixture",
    "torchmetrics.functional",
)


def children(parent: int, having: bytes) -> list[tuple[int, bytes]]:
    """The processes that ``parent`` has started, their ids and command lines, with ``having`` in that (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            below = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:  # gone
            continue
        if below == parent and having in command:
            found.append((int(folder.name), command))
    return found


def workers(parent: int) -> list[int]:
    """The ids of joblib's workers that ``parent`` has (Linux)."""
    return [pid for pid, command in children(parent, b"loky") if b"resource_tracker" not in command]


class Process:
    """``python <arguments>``, a script or ``-c`` and code; with the methods of :class:`subprocess.Popen`.

    ``stdout``, ``stderr``: a file descriptor, or None for a pipe that :meth:`communicate` reads to its end. The process
    has the folder of the repository, and with ``session`` a session of its own.
    """

    def __init__(
        self,
        *arguments: str,
        stdout: int | None = None,
        stderr: int | None = None,
        env: Mapping[str, str] | None = None,
        session: bool = False,
    ) -> None:
        self.returncode: int | None = None
        ours, theirs, self._readers = [], [], []
        for given in (stdout, stderr):
            if given is None:
                reader, writer = os.pipe()
                self._readers.append(_Reader(reader))
                ours.append(writer)
            theirs.append(ours[-1] if given is None else given)
        self._status, writer = os.pipe()
        request = {"arguments": arguments, "env": dict(os.environ if env is None else env), "session": session}
        message = json.dumps(request).encode()
        server = _server()
        server.sendall(len(message).to_bytes(8, "big"))
        socket.send_fds(server, [message[:1]], [*theirs, writer])
        server.sendall(message[1:])
        for descriptor in (*ours, writer):
            os.close(descriptor)
        self.pid = int(os.read(self._status, 16))

    def poll(self) -> int | None:
        """Its exit status as :mod:`subprocess` has it, None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, or raise ``TimeoutError``."""
        status = self._ended(timeout)
        if status is None:
            raise TimeoutError(f"process {self.pid} has not ended")
        return status

    def communicate(self, timeout: float | None = None) -> tuple[str, ...]:
        """Wait until nobody holds its pipes any more, and return what came through each."""
        end = None if timeout is None else time.monotonic() + timeout
        read = tuple(reader.text(end) for reader in self._readers)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        return read

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            self.returncode = int(os.read(self._status, 16))
            os.close(self._status)
        return self.returncode


def ended(*arguments: str, timeout: float = 240, **how: Any) -> "subprocess.CompletedProcess[str]":
    """The process after its end, as :func:`subprocess.run` has it; what is not read is empty."""
    process = Process(*arguments, **how)
    try:
        said = process.communicate(timeout)
    finally:
        process.kill()
    assert process.returncode is not None
    piped = [name for name in ("stdout", "stderr") if how.get(name) is None]
    read = {"stdout": "", "stderr": ""} | dict(zip(piped, said, strict=True))
    return subprocess.CompletedProcess(arguments, process.returncode, **read)


class _Reader(threading.Thread):
    """Reads a pipe to its end, whoever writes how much into it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self._descriptor, self._read = descriptor, b""
        self.start()

    def run(self) -> None:
        with os.fdopen(self._descriptor, "rb") as pipe:
            self._read = pipe.read()

    def text(self, end: float | None) -> str:
        self.join(None if end is None else max(0.0, end - time.monotonic()))
        if self.is_alive():
            raise TimeoutError("a process holds its pipe still")
        return self._read.decode()


@functools.cache
def _server() -> socket.socket:
    """The connection to the process that forks. It ends where nobody holds the other end any more."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", "from tests.processes import serve; serve()", str(theirs.fileno())]
    subprocess.Popen(
        command, pass_fds=[theirs.fileno()], cwd=REPOSITORY, stdout=subprocess.DEVNULL, start_new_session=True
    )
    theirs.close()
    return ours


def serve() -> None:
    """Import, and fork a process for each request."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTED:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork has one thread"
    gc.freeze()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have it ignored
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # of those who wait for a process: nobody waits for them
    while size := connection.recv(8, socket.MSG_WAITALL):
        first, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
        request = json.loads(first + connection.recv(int.from_bytes(size, "big") - 1, socket.MSG_WAITALL))
        if os.fork() == 0:
            connection.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _start(request, *descriptors)
            return  # and end as Python does
        for descriptor in descriptors:
            os.close(descriptor)


def _start(request: Mapping[str, Any], stdout: int, stderr: int, status: int) -> None:
    """In a process of its own, run what was asked for; this one waits, and says how it ended."""
    child = os.fork()
    if child:
        os.close(stdout)
        os.close(stderr)
        _, how = os.waitpid(child, 0)
        with contextlib.suppress(BrokenPipeError):
            os.write(status, f"{os.waitstatus_to_exitcode(how):<16}".encode())
        os._exit(0)
    if request["session"]:
        os.setsid()
    os.write(status, f"{os.getpid():<16}".encode())
    os.close(status)
    for given, place in ((stdout, 1), (stderr, 2)):
        os.dup2(given, place)
        os.close(given)
    os.environ.clear()
    os.environ.update(request["env"])
    what, *arguments = request["arguments"]
    if what == "-c":
        code, *arguments = arguments
        sys.argv = ["-c", *arguments]
        exec(compile(code, "<string>", "exec"), vars(sys.modules["__main__"]))
    else:
        sys.argv = [what, *arguments]
        sys.path[0] = str((REPOSITORY / what).parent)
        runpy.run_path(what, run_name="__main__")
