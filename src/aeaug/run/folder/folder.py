"""The folder of one run, ``<outputs>/runs/<name>/<variant>/seed=<seed>``: what is in it and who may write it.

``config.yaml`` (resolved, of the last start), ``claims.jsonl`` (what was claimed, and when), ``status.json`` (state,
progress, seconds, code, machines, extensions, host and process, traceback; touched while a process is at work),
``history.jsonl`` (the validation curve), ``metrics.json`` (final; ``metrics.<images>.json``: at the end of a budget
that was extended), ``run.log``, ``checkpoints/``, ``samples/``, TensorBoard's ``events.*``. Nothing is overwritten: a
folder that holds another config, or a run by other software, is refused, or moved aside where that is asked for.
"""

import hashlib
import json
import logging
import math
import os
import shutil
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock
from typing_extensions import override

from aeaug.faults import Fault
from aeaug.run.files import read_config, read_history, read_metrics, read_status
from aeaug.run.folder.liveness import Heartbeat
from aeaug.run.folder.lock import locked, require_unlocked
from aeaug.run.folder.rebuilding import rebuilt_status
from aeaug.run.folder.statements import state_claims, stated_claims
from aeaug.run.folder.status import RunStatus, now
from aeaug.run.folder.writable import require_writable
from aeaug.run.folders import run_path
from aeaug.run.identity.identity import Stale, aimed, budgets, identity, metrics_of_budget, refusal, stale
from aeaug.run.identity.sources import changed_sources
from aeaug.run.options import RunOptions
from aeaug.writing import naming, remove_strays, write_whole

__all__ = ["RunFolder"]

log = logging.getLogger(__name__)


class _Log(logging.FileHandler):
    """What cannot be written is left out: a full disk is said where the run's own files fail."""

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        pass

    @override
    def close(self) -> None:
        with suppress(OSError):
            super().close()


class RunFolder:
    """Open, or create, the folder of a run."""

    def __init__(self, options: RunOptions) -> None:
        """Nothing is written before :meth:`open`."""
        self.path, self._asked, self._claims = run_path(options), options, options.claims
        self._resume = options.resume is not False
        self._budgets: frozenset[int] = frozenset()  # that were asked for before
        self.status = RunStatus(self.path / "status.json", options.images_shown)
        self._lock: FileLock | None = None

    @property
    def config(self) -> Path:
        """The options, resolved, of the last start."""
        return self.path / "config.yaml"

    @property
    def checkpoint(self) -> Path:
        """The last checkpoint of the GAN."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The averaged generator at its best validation FD."""
        return self.path / "checkpoints" / "best.ckpt"

    @property
    def previous_checkpoint(self) -> Path:
        """The one before, for when the last is damaged."""
        return self.path / "checkpoints" / "previous.ckpt"

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

    @property
    def log(self) -> Path:
        """Everything that was logged, tracebacks included."""
        return self.path / "run.log"

    def note(self, text: str) -> None:
        """Write ``text`` into the log, and nowhere else."""
        self._handler.handle(logging.makeLogRecord({"name": __name__, "levelname": "ERROR", "msg": text}))

    def state(self) -> str | None:
        """The state on disk: running, done, diverged, failed, interrupted, pruned, or None where no run was started.

        A run has come to its end when its numbers are there; where they, or what says so, are lost, it is interrupted.
        Raises :class:`Fault` for a status that cannot be read, unless a resumption is to rebuild it.
        """
        status = self._read_status()
        if not status:
            return "interrupted" if self._began() else None
        state = str(status["state"])
        return "interrupted" if state in ("done", "diverged") and not self.metrics.exists() else state

    def options(self) -> RunOptions:
        """The run's options, with the budget to which this start of it goes, as the folder stands (the same on every
        process of a training, whenever it looks). Raises :class:`Fault` for a config that cannot be read."""
        status = self._read_status()
        nothing = status.get("state") == "failed" and not self._has_checkpoint() and not status["extended"]
        config = {} if nothing else read_config(self.path)
        self._budgets = frozenset() if nothing else budgets(self.path, config, status)
        options = aimed(self._asked, self._budgets)
        if not self._has_checkpoint():
            return options
        # A training that has begun goes on with its threads, which its bits depend on.
        threads = (config.get("trainer") or {}).get("threads", options.trainer.threads)
        if threads is None and (under := status.get("circumstances")):  # as many as PyTorch had by itself
            threads = under[-1].get("threads")
        return options.model_copy(update={"trainer": options.trainer.model_copy(update={"threads": threads})})

    def outgrown(self) -> int | None:
        """The images that the run goes to, where those of a larger budget than is asked for now."""
        largest = max(self._budgets, default=0)
        return largest if largest > (self._asked.budget.extend or self._asked.budget.images) else None

    def finished(self) -> bool:
        """Whether there is nothing left to do: it diverged, or it is done and not to be extended."""
        state, options = self.state(), self.options()
        return state == "diverged" or (state == "done" and options.budget.images in self._budgets)

    def check(self, writable: set[Path] | None = None) -> Stale | None:
        """Raise ``ValueError`` if this run may not be (re)started here: :class:`Busy`, :class:`Stale`, or another.

        Where another run is in its place, and is to be moved aside, return why that is stale. ``writable``: folders
        that are, to which others are added.
        """
        require_writable(self.path, self._asked.outputs, writable)
        require_unlocked(self.path)
        if not self._resume:
            self.read_history()  # is it readable?
        stated_claims(self.path)
        state = self.state()
        if state == "failed" and not self._has_checkpoint():
            return None  # it came to nothing: there is nothing to lose
        config = read_config(self.path)
        if not config:
            if self._began():
                lost = f"{self.config} is missing, and nothing else says what was run here"
                raise Fault(f"{lost}: delete the folder {self.path}")
            return None
        self.options()
        if found := self._stale(config):
            if self._asked.stale == "redo":
                return found
            raise found
        if reason := refusal(self._asked, self._budgets):
            raise ValueError(f"{reason}, in {self.path}")
        if state in ("running", "failed", "interrupted", "pruned") and not self._resume:
            raise ValueError(f"{self.path} holds an unfinished run: go on with resume=auto, or delete the folder")
        return None

    def _stale(self, config: Mapping[str, Any]) -> Stale | None:
        """Why the run with this ``config`` is not the one that is asked for; None where it is, or there is none."""
        made_with = self._read_status().get("versions") or {}
        found = stale(self.path, config, made_with, self._asked, self._budgets) if config else None
        if found or not config:
            return found
        other = self.of_other_code()
        return other if self._asked.stale == "redo" or (other and not self.finished()) else None

    def of_other_code(self) -> Stale | None:
        """Why a run that came to its end is stale all the same: what its numbers are made by has changed since. It is
        left as it is, and not extended, unless ``stale=redo`` asks for another. One that did not come to its end goes
        on, for what failed is mended so (:meth:`begun_by_other_code`), unless that is asked for."""
        ended_so = self._ended() and self._of_other_sources()
        if not ended_so and not (self._asked.stale == "redo" and self.begun_by_other_code()):
            return None
        reason = "made by other code than is here"
        return Stale(f"{self.path} was {reason}: stale=redo moves it aside and runs it again", reason)

    def begun_by_other_code(self) -> bool:
        """Whether a run did not come to its end, and goes on from what other code has trained."""
        return not self._ended() and self._has_checkpoint() and self._of_other_sources()

    def _ended(self) -> bool:
        return self.state() in ("done", "diverged")

    def _of_other_sources(self) -> bool:
        return bool(changed_sources(self._read_status().get("sources") or ()))

    def set_aside(self) -> None:
        """Where another run stands in the way and is to be made anew (``stale=redo``), move it to
        ``seed=<seed>.stale-<hash of its config>``; nothing of it is lost. Raises :class:`Busy`."""
        if self._asked.stale != "redo" or not self._stale(read_config(self.path)):
            return
        lock = locked(self.path, self._read_status)
        try:
            if not self._stale(config := read_config(self.path)):  # somebody else has done it meanwhile
                return
            digest = hashlib.sha256(yaml.safe_dump(config).encode()).hexdigest()[:8]
            names = (f"{self.path.name}.stale-{digest}{more}" for more in chain([""], map("-{}".format, count(2))))
            aside = next(place for name in names if not (place := self.path.with_name(name)).exists())
            self.path.rename(aside)
            log.info("what was there, and is stale, is in %s now", aside)
        finally:
            lock.release()
        self._budgets = frozenset()

    def discard(self) -> None:
        """Delete a run in small (``debug=true``), which is made anew every time. Raises :class:`Busy`, and
        ``ValueError`` where another lies in its place."""
        assert self._asked.debug, "a run whose numbers mean something is never deleted"
        if self.path.exists():
            lock = locked(self.path, self._read_status)
            try:
                if not self._is_in_small():
                    raise ValueError(f"{self.path}: a run lies there that is not in small, and debug=true deletes none")
                shutil.rmtree(self.path)
            finally:
                lock.release()

    def _is_in_small(self) -> bool:
        """Whether what lies there says so, or there is no config that could be read; a run of a version that knew no
        such run is none."""
        try:
            config = read_config(self.path)
        except Fault:
            return True
        return not config or bool(config.get("debug"))

    def fail(self, error: BaseException) -> None:
        """Say in the folder that the run ended in ``error`` before it was opened."""
        self.open()
        try:
            self.status.update(state="failed", traceback="".join(traceback.format_exception(error)))
        finally:
            self.close()

    def _read_status(self) -> dict[str, Any]:
        try:
            return read_status(self.path)
        except Fault:
            if self._resume:
                return {}  # rebuilt by open()
            raise

    def _has_checkpoint(self) -> bool:
        return self.checkpoint.exists() or self.previous_checkpoint.exists()

    def _began(self) -> bool:
        return self._has_checkpoint() or self.metrics.exists() or self.history.exists()

    def open(self) -> None:
        """Take the folder's lock, remove what a kill left, write claims and config, and start logging to ``run.log``.

        Raises :class:`Fault` when another process is at work in it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = locked(self.path, self._read_status)
        self.status.ours = True
        try:
            self._begin()
            self._heartbeat = Heartbeat(self.status.file)
        except BaseException:
            self._lock.release()
            self._lock, self.status.ours = None, False
            raise

    def _begin(self) -> None:
        for folder in (self.path, self.checkpoint.parent, self.samples):
            remove_strays(folder)
        previous = self._read_status()
        rebuilt = not previous and self._began()
        if rebuilt:
            previous = rebuilt_status(self.path, (self.checkpoint, self.previous_checkpoint))
        options = self.options()
        if previous:
            self.status.go_on(previous, trained=self._has_checkpoint())
        self.status.take(budget=options.images_shown, identity=identity(options))
        self._extend(options.budget.images, previous.get("state") == "done")
        # Before the config: without this file, the claims there would be taken for those of the first start.
        shown = [self.status.images]
        with suppress(Fault):  # a checkpoint has the curve too
            shown += [entry["images"] for entry in self.read_history()]
        state_claims(self.path, self._claims, now(), max(shown))
        text = yaml.safe_dump(options.model_dump(), sort_keys=False, allow_unicode=True)
        write_whole(self.config, text)
        self._handler = _Log(self.log)
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(self._handler)
        if rebuilt:
            log.warning("%s was lost and is rebuilt: the seconds until now are not counted", self.status.file)
        self.status.update()

    def _extend(self, images: int, done: bool) -> None:
        """Take down that the run goes on beyond a budget at whose end it was measured, and put the numbers aside."""
        there = max(self._budgets, default=images)
        self.status.take(asked=sorted(self._budgets | {images, self._asked.budget.images}))
        if images > there and (done or self.metrics.exists()):
            extended = [*self.status.extended, {"images": there, "at": now()}]
            # Before all else: from now on, whoever starts this run goes on to the larger budget.
            self.status.update(extended=extended)
        if not self.status.extended or not self.metrics.exists():
            return
        # Perhaps a start that was killed after it took it down has left them there.
        earlier: int = self.status.extended[-1]["images"]
        aside = metrics_of_budget(self.path, earlier)
        if (read_metrics(self.path).get("budget") or {}).get("images") == earlier and not aside.exists():
            self.metrics.replace(aside)

    def close(self) -> None:
        """Release the lock and the log."""
        self._heartbeat.stop()
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        assert self._lock is not None
        self._lock.release()

    def autoencoder(self) -> str | None:
        """The key of the autoencoder that an interrupted training was fed by, on every process; None without one."""
        return read_status(self.path).get("autoencoder")

    def verdict(self) -> dict[str, Any] | None:
        """What the gate said before an interrupted training began, on every process; None where nothing was said."""
        return read_status(self.path).get("gate")

    def append_history(self, entry: dict[str, Any]) -> None:
        """Add a line to the validation curve."""
        with naming(self.history), self.history.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def go_back(self, images: int, entries: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Have the validation curve as it was after ``images``: these ``entries``, else its file's; a resumed run
        will make the later ones again."""
        if entries is None:
            entries = [] if images == 0 else self.read_history()
        kept = [entry for entry in entries if entry["images"] <= images]
        if kept or os.path.lexists(self.history):
            text = "".join(json.dumps(entry) + "\n" for entry in kept)
            write_whole(self.history, text)

    def read_history(self) -> list[dict[str, Any]]:
        """The validation curve; a last line cut short by a kill is left out."""
        return read_history(self.path)

    def validation_fd(self) -> float:
        """The last Fréchet distance on the validation slice; inf where training diverged, or nothing was read."""
        history = self.read_history()
        return math.inf if self.state() == "diverged" or not history else float(history[-1]["frechet_distance"])

    def write_metrics(self, metrics: dict[str, Any]) -> None:
        """Write ``metrics.json``."""
        write_whole(self.metrics, json.dumps(metrics, indent=2, allow_nan=False) + "\n")
