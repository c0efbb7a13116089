"""A real browser, without a window: Chromium over the DevTools protocol, which it speaks on two pipes.

https://chromedevtools.github.io/devtools-protocol: a command is a JSON object with an id, ended by a NUL; its answer
bears the same id, and what happens meanwhile comes as events without one.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Chromium", "find_chromium"]

PATIENCE = 60.0  # seconds a browser on a busy machine may take to answer


def find_chromium() -> str | None:
    """The first of Chromium's and Chrome's usual names that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Chromium:
    """One page in one browser; `events` collects (method, parameters) of what happened, in order."""

    def __init__(self, executable: str, profile: Path) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def wire() -> None:  # the browser reads commands from 3 and answers on 4
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
            for place, end in enumerate(ends, 3):
                os.dup2(end, place)

        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        self._log = (profile / "stderr").open("wb")
        self._process = subprocess.Popen(
            [executable, *options, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            close_fds=False,
            preexec_fn=wire,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._last, self._session = b"", 0, ""
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        os.close(self._in)
        os.close(self._out)
        self._log.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and return its result; `RuntimeError` where the browser refuses it."""
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        command |= {"sessionId": self._session} if self._session else {}
        os.write(self._out, json.dumps(command).encode() + b"\0")
        while (answer := self._read()).get("id") != self._last:
            self.events.append((answer.get("method", ""), answer.get("params", {})))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, page: Path, width: int, height: int = 900, scheme: str = "light", scale: float = 1) -> None:
        """Show `page` in a window of that size, with a preference for a "light" or "dark" scheme; await its load."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media="", features=features)
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            answer = self._read()
            self.events.append((answer.get("method", ""), answer.get("params", {})))

    def value(self, expression: str) -> Any:
        """What a JavaScript expression comes to on the page; a promise is awaited."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def pdf(self) -> bytes:
        """The page as it prints."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def picture(self) -> bytes:
        """The whole page as PNG, for a look by eye."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            part = os.read(self._in, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError(f"Chromium gave no answer (exit status {self._process.poll()})")
            self._buffer += part
        message, self._buffer = self._buffer.split(b"\0", 1)
        found: dict[str, Any] = json.loads(message)
        return found
