"""The folder of one run, ``<outputs>/runs/<name>/<variant>/seed=<seed>``: what is in it and who may write it.

``config.yaml`` (resolved, of the last start), ``claims.jsonl`` (what was claimed, and when), ``status.json`` (state,
progress, seconds, code, traceback), ``history.jsonl`` (the validation curve), ``metrics.json`` (final), ``run.log``,
``checkpoints/``, ``samples/``, TensorBoard's ``events.*``. Nothing is overwritten: a folder that holds another config,
or an unfinished run that nobody asked to resume, is refused.
"""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from aeaug.writing import write_atomically
from aeaug.run.options import RunOptions, flat
from aeaug.run.provenance import Code, code, versions
from aeaug.run.statements import state_claims

__all__ = ["RunFolder", "require_writable", "run_path", "versions"]

# What may change between a run and its resumption.
FREE_KEYS = ("resume", "outputs", "question", "claims", "data.root", "trainer.progress")

UNKNOWN: Code = {"commit": None, "dirty": None}  # of a run that earlier versions began
BUSY = "another process is at work on this run"


def run_path(options: RunOptions) -> Path:
    """Return the folder of the run with these options."""
    return Path(options.outputs) / "runs" / options.name / options.variant / f"seed={options.seed}"


class RunFolder:
    """Open, or create, the folder of a run."""

    def __init__(self, options: RunOptions) -> None:
        """Nothing is written before :meth:`open`."""
        self.path, self.config, self._claims = run_path(options), options.model_dump(), options.claims
        self._status: dict[str, Any] = {
            "state": "running",
            "images": 0,
            "budget": options.budget.images,
            "started": _now(),
            "finished": None,
            "seconds": {},
            "peak_memory": {},
            "device": "",
            "autoencoder": None,
            "versions": versions(),
            "code": [code()],
            "traceback": None,
        }
        self._lock: FileLock | None = None

    @property
    def checkpoint(self) -> Path:
        """The last checkpoint of the GAN."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def metrics(self) -> Path:
        """The final metrics."""
        return self.path / "metrics.json"

    @property
    def samples(self) -> Path:
        """Where pictures go."""
        return self.path / "samples"

    @property
    def history(self) -> Path:
        """The validation curve, a JSON object a line."""
        return self.path / "history.jsonl"

    def state(self) -> str | None:
        """The state on disk: running, done, diverged, failed, or None where no run was started."""
        status = self._read("status.json")
        return None if status is None else str(status["state"])

    def check(self, resume: bool) -> None:
        """Raise ``ValueError`` if this run may not be (re)started here."""
        require_writable(self.path, self.config["outputs"])
        config_file = self.path / "config.yaml"
        if not config_file.exists():
            return
        if self._is_locked():
            raise ValueError(f"{self.path}: {BUSY}")
        if self.state() == "failed" and not self.checkpoint.exists():
            return  # it came to nothing: there is nothing to lose
        different = _differences(yaml.safe_load(config_file.read_text()), self.config)
        if different:
            raise ValueError(
                f"{self.path} holds a run with another config ({'; '.join(different)}): "
                f"give this one another variant=…, or delete the folder"
            )
        if self.state() in ("running", "failed") and not resume:
            raise ValueError(f"{self.path} holds an unfinished run: go on with resume=true, or delete the folder")

    def _is_locked(self) -> bool:
        try:
            with FileLock(self.path / ".lock", timeout=0):
                return False
        except Timeout:
            return True

    def open(self) -> None:
        """Take the folder's lock, write claims and config, and start logging to ``run.log``.

        Raises ``ValueError`` when another process is at work in it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.path / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(f"{self.path}: {BUSY}") from None
        previous = self._read("status.json")
        if previous is not None:  # a resumption: time spent adds up
            self._status |= {key: previous[key] for key in ("started", "seconds", "images")}
            if self.checkpoint.exists():
                self._status["autoencoder"] = previous.get("autoencoder")
                self._status["code"] = _with(previous.get("code", [UNKNOWN]), code())
        # Before the config: without this file, the claims there would be taken for those of the first start.
        shown = [self._status["images"], *(entry["images"] for entry in self.read_history())]
        state_claims(self.path, self._claims, _now(), max(shown))
        text = yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True)
        write_atomically(self.path / "config.yaml", lambda file: file.write(text.encode()))
        self._handler = logging.FileHandler(self.path / "run.log")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(self._handler)
        self.update()

    def close(self) -> None:
        """Release the lock and the log."""
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        assert self._lock is not None
        self._lock.release()

    def update(self, **changes: Any) -> None:
        """Change entries of ``status.json``; ``state`` other than running sets the time of finishing.

        Of several processes that train together, one has opened the folder; the others change nothing.
        """
        if self._lock is None:
            return
        self._status |= changes
        if changes.get("state", "running") != "running":
            self._status["finished"] = _now()
        self._write_json(self.path / "status.json", self._status)

    def seconds(self) -> dict[str, float]:
        """Seconds spent in each stage so far, over all resumptions."""
        return dict(self._status["seconds"])

    def autoencoder(self) -> str | None:
        """The key of the autoencoder that an interrupted training was fed by, on every process; None without one."""
        return (self._read("status.json") or {}).get("autoencoder")

    def append_history(self, entry: dict[str, Any]) -> None:
        """Add a line to the validation curve."""
        with self.history.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def truncate_history(self, images: int) -> None:
        """Forget entries past ``images``: a resumed run will make them again."""
        if self.history.exists():
            kept = [e for e in self.read_history() if e["images"] <= images]
            text = "".join(json.dumps(entry) + "\n" for entry in kept)
            write_atomically(self.history, lambda file: file.write(text.encode()))

    def read_history(self) -> list[dict[str, Any]]:
        """The validation curve; a last line cut short by a kill is left out."""
        lines = self.history.read_text().splitlines(keepends=True) if self.history.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def write_metrics(self, metrics: dict[str, Any]) -> None:
        """Write ``metrics.json``."""
        self._write_json(self.metrics, metrics)

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.path / name
        if not path.exists():
            return None
        content: dict[str, Any] = json.loads(path.read_text())
        return content

    @staticmethod
    def _write_json(path: Path, content: dict[str, Any]) -> None:
        text = json.dumps(content, indent=2, allow_nan=False) + "\n"
        write_atomically(path, lambda file: file.write(text.encode()))


def require_writable(folder: Path, outputs: str) -> None:
    """Raise ``ValueError``, naming ``outputs``, if ``folder`` below it cannot be made or written into."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise ValueError(f"outputs={outputs}: {existing.resolve()} is not a writable folder")


def _with(codes: list[Code], now: Code) -> list[Code]:
    """The distinct states of the code that worked on a run, in order."""
    return codes if now in codes else [*codes, now]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = flat(old), flat(new)
    return [
        f"{key}: {before.get(key)} there, {after.get(key)} here"
        for key in sorted(before.keys() | after.keys())
        if key not in FREE_KEYS and before.get(key) != after.get(key)
    ]
