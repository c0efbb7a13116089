"""What a sweep costs beside the steps of its runs, in commands as they are typed: runs an hour and what part of that is
GAN training and augmentation, the time until the first run starts, and to look at many runs and to report them."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import yaml

from aeaug.benchmark.table import Row, has_bf16, number

__all__ = ["copied", "sweep_rows"]

ARMS = ("none", "append_gaussian", "append_reconstruct")
WORKERS = 2
TABLED = 10  # arms of the sweeps that are planned and read
POLL = 0.02  # seconds between looks


def sweep_rows(data: Sequence[str], *, images: int, planned: int, read: int) -> Iterator[Row]:
    """Rows of sweeps on ``data``, overrides: :data:`ARMS` at two seeds, of ``images`` shown, trained on two workers
    with a thread each, in bf16 too where the processor has it; ``planned`` jobs, and ``read`` runs, which are copies of
    one of those."""
    with TemporaryDirectory() as folder:
        outputs, narrow = Path(folder, "32-true"), Path(folder, "bf16-mixed")
        given = [*data, "data.n_train=500", "trainer=cpu", "trainer.progress=false"]
        yield from _trained(given, outputs, images)
        if has_bf16():
            yield from _trained(given, narrow, images, "bf16-mixed", "≥ 45 runs an hour")

        given.append(f"outputs={outputs}")
        run, *_ = _runs(outputs)
        arms = [f"append_gaussian_{place}" for place in range(TABLED)]
        copied(run, outputs / "runs" / "many", arms, read // TABLED)
        swept = [f"gan.beta1={','.join(f'0.{place}' for place in range(TABLED))}", f"seed=range(0,{planned // TABLED})"]
        sweep = [*given, "arm=append_gaussian", *swept, "name=planned", *_side_by_side()]
        began = _until_the_first_begins(sweep, outputs / "runs" / "planned")
        for what, taken, target in (
            (f"a sweep of {planned} jobs, from typing to the first run's start", began, "≤ 10 s"),
            (f"status of {read} runs", _taken("status", "experiment=many", f"outputs={outputs}"), "≤ 2 s"),
            (f"report of {read} runs", _taken("report", "experiment=many", f"outputs={outputs}"), "≤ 60 s"),
        ):
            yield what, f"{number(taken)} s", "", "", "", target


def _trained(
    given: Sequence[str], outputs: Path, images: int, precision: str = "32-true", target: str = "≥ 36 runs an hour"
) -> Iterator[Row]:
    sweep = [*given, f"budget.images={images}", f"budget.images_per_epoch={min(images, 51_200)}", f"outputs={outputs}"]
    sweep += [f"trainer.precision={precision}", *_side_by_side()]
    seconds = _taken("train", "-m", *sweep, f"arm={','.join(ARMS)}", "seed=0,1", "name=trained")
    runs = _runs(outputs)
    spent = [json.loads((run / "status.json").read_text())["seconds"] for run in runs]
    training = sum(one.get("gan", 0) + one.get("augmentation", 0) for one in spent)
    what = f"{len(runs)} runs of {images:,} images on {WORKERS} workers, evaluation and autoencoders included"
    yield f"{what}, {precision}", f"{number(len(runs) * 3600 / seconds)} runs an hour", "", "", "", target
    share = f"{100 * training / (WORKERS * seconds):.0f}%"
    yield f"GAN training and augmentation, of these workers' time, {precision}", share, "", "", "", "≥ 85%"


def _runs(outputs: Path) -> list[Path]:
    return sorted((outputs / "runs" / "trained").glob("*/seed=*"))


def copied(run: Path, experiment: Path, arms: Sequence[str], seeds: int) -> None:
    """Make as many runs of the ``experiment`` out of a finished one, each with a subset of its own by name."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    metrics = json.loads((run / "metrics.json").read_text())
    for arm in arms:
        for seed in range(seeds):
            own = {**config, "name": experiment.name, "variant": arm, "seed": seed}
            own["data"] = {**config["data"], "subset_seed": seed}
            subset = hashlib.sha256(str(seed).encode()).hexdigest()
            measured = {**metrics, "name": experiment.name, "variant": arm, "seed": seed}
            measured["data"] = {**metrics["data"], "subset_seed": seed, "subset_sha256": subset}
            place = experiment / arm / f"seed={seed}"
            shutil.copytree(run, place, ignore=shutil.ignore_patterns("checkpoints", "events.*", "[0-9]*", ".lock"))
            (place / "config.yaml").write_text(yaml.safe_dump(own, sort_keys=False))
            (place / "metrics.json").write_text(json.dumps(measured))


def _side_by_side() -> list[str]:
    return ["hydra/launcher=joblib", f"hydra.launcher.n_jobs={WORKERS}"]


def _until_the_first_begins(sweep: Sequence[str], experiment: Path) -> float:
    """Seconds from the start of a sweep until a process is at work on a run of it; then it is stopped. Raises
    ``ValueError`` with what it said where it ended before."""
    with TemporaryFile("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(_program("train", "-m", *sweep), stdout=said, stderr=said)
        try:
            # pathlib's glob stumbles over files that go while it looks.
            while not glob("*/seed=*/status.json", root_dir=experiment):  # noqa: PTH207
                if process.poll() is not None:
                    said.seek(0)
                    raise ValueError(f"train -m {' '.join(sweep)}: {said.read().strip()}")
                time.sleep(POLL)
            return time.perf_counter() - began
        finally:
            process.terminate()
            process.wait()


def _program(command: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", f"from aeaug.cli import {command}; {command}()", *arguments]


def _taken(command: str, *arguments: str) -> float:
    """Seconds of a command, from its start to its end. Raises ``ValueError`` with what it said where it failed."""
    began = time.perf_counter()
    done = subprocess.run(_program(command, *arguments), capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"{command} {' '.join(arguments)}: {done.stderr.strip()}")
    return time.perf_counter() - began
