"""Run directories as the pipeline leaves them, with numbers of our choosing: what the report's tests read."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

WriteRun = Callable[..., Path]

EPOCHS, PER_EPOCH, BATCH = 20, 12_000, 128
INJECTIONS = {
    "none": {"name": "none"},
    "append": {"name": "append", "ratio": 1.0},
    "replace": {"name": "replace", "probability": 0.5},
}


def metrics(rng: np.random.Generator, frechet: float, n: int) -> dict[str, Any]:
    """Metrics that belong together: the better the distance, the better all the rest."""
    shares = rng.dirichlet(np.full(10, 4000 / frechet))
    quality = float(np.exp(-frechet / 60))
    return {
        "n": n,
        "frechet_distance": float(frechet),
        "precision": min(1.0, 0.55 + 0.42 * quality + rng.normal(0, 0.008)),
        "recall": min(1.0, 0.25 + 0.68 * quality + rng.normal(0, 0.012)),
        "density": 0.5 + 0.5 * quality + rng.normal(0, 0.01),
        "coverage": min(1.0, 0.35 + 0.6 * quality + rng.normal(0, 0.01)),
        "class_histogram": shares.tolist(),
        "class_kl": float((shares * np.log(10 * shares)).sum()),
        "modes": int((shares >= 0.01).sum()),
    }


def grid(rng: np.random.Generator, rows: int = 8, columns: int = 8) -> bytes:
    """A PNG the size of a sample grid; noise, for tests look at bytes and not at digits."""
    image = rng.integers(0, 255, (rows * 30 + 2, columns * 30 + 2), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def write_run(runs_dir: Path) -> WriteRun:
    """Write one run directory under `runs_dir` and return it; every keyword changes one thing about it."""
    return lambda **changes: run_directory(runs_dir, **changes)


@pytest.fixture
def demo(runs_dir: Path, write_run: WriteRun) -> Path:
    """Three arms, three seeds: `append-gaussian` lowers FD in every seed, `append-reconstruct` raises it."""
    write_demo(runs_dir)
    return runs_dir


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of `demo`, written once; read only."""
    runs_dir = tmp_path_factory.mktemp("outputs") / "runs"
    write_demo(runs_dir)
    return runs_dir


def write_demo(runs_dir: Path, seeds: int = 3, **changes: Any) -> None:
    for seed in range(seeds):
        control = 38.0 * np.exp(np.random.default_rng(seed).normal(0, 0.12))
        run_directory(runs_dir, variant="none", seed=seed, frechet=control, **changes)
        for variant, effect in (("append-reconstruct", 1.08), ("append-gaussian", 0.85)):
            noise = np.exp(np.random.default_rng(100 + seed).normal(0, 0.03))
            frechet = control * effect * noise
            run_directory(runs_dir, variant=variant, seed=seed, injection="append", frechet=frechet, **changes)


def run_directory(
    runs_dir: Path,
    *,
    name: str = "demo",
    variant: str = "none",
    seed: int = 0,
    folder: str | None = None,
    state: str = "done",
    frechet: float = 40.0,
    n_train: int | None = 500,
    injection: str = "none",
    sha256: str = "a1" * 32,
    subset_sha256: str = "b2" * 32,
    feature_net: str = "c3" * 32,
    images: int = EPOCHS * PER_EPOCH,
    n: int = 1000,
    floor_n: int | None = None,
    learning_rate: float = 2e-4,
    traceback: str | None = None,
    samples: bool = True,
) -> Path:
    rng = np.random.default_rng([seed, *variant.encode()])
    path = runs_dir / name / (folder or variant) / f"seed={seed}"
    (path / "samples").mkdir(parents=True)
    perturbation = {"name": "gaussian", "gamma": 0.5} if "gaussian" in variant else {"name": "reconstruct"}
    config = {
        "name": name,
        "variant": variant,
        "seed": seed,
        "outputs": "outputs",
        "data": {"name": "mnist_5k", "root": "data", "n_train": n_train, "subset_seed": 0},
        "budget": {"images": images, "images_per_epoch": PER_EPOCH, "batch_size": BATCH},
        "autoencoder": {"name": "mlp", "latent": 32},
        "perturbation": perturbation,
        "augmentation": INJECTIONS[injection],
        "gan": {"name": "mlp", "learning_rate": learning_rate},
        "trainer": {"accelerator": "cpu"},
        "evaluation": {"n": n},
    }
    (path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    finished = state in ("done", "diverged", "failed")
    reached = images if state == "done" else images * 3 // 5
    status = {
        "state": state,
        "images": reached,
        "budget": images,
        "started": f"2026-03-0{1 + seed % 9}T10:00:00+00:00",
        "finished": f"2026-03-0{1 + seed % 9}T10:01:10+00:00" if finished else None,
        "seconds": {
            "autoencoder": 0.0 if injection == "none" else 5.3 if seed == 0 else 0.1,
            "augmentation": 0.0 if injection == "none" else 0.42,
            "gan": 58.4 + rng.normal(0, 1),
            "evaluation": 4.1 + rng.normal(0, 0.2),
        },
        "device": "cpu, 2 threads",
        "versions": {"aeaug": "0.1.0", "torch": "2.14.1", "lightning": "2.6.6", "python": "3.11.7"},
        "traceback": traceback,
    }
    (path / "status.json").write_text(json.dumps(status, indent=2))
    _write_history(path, rng, frechet, reached, diverged=state == "diverged")
    if state in ("done", "diverged"):
        floors = {
            "real": metrics(rng, rng.uniform(1.8, 2.0), floor_n or n),
            "copy": metrics(rng, rng.uniform(5.0, 5.4), floor_n or n),
        }
        if injection != "none":
            floors["decoded"] = metrics(rng, 24.0 if "gaussian" in variant else 11.0, floor_n or n)
        results = {
            "name": name,
            "variant": variant,
            "seed": seed,
            "data": {
                "name": "mnist_5k",
                "sha256": sha256,
                "n_train": n_train or 3500,
                "subset_sha256": subset_sha256,
                "n_test": 1000,
            },
            "feature_net": feature_net,
            "budget": {"images": images, "images_per_epoch": PER_EPOCH, "batch_size": BATCH},
            "floors": floors,
            "validation": metrics(rng, frechet * 1.2, 500),
            "autoencoder": None if injection == "none" else {"key": "d4" * 16, "val_mse": 0.0123},
            "parameters": {
                "generator": 301_328,
                "discriminator": 267_009,
                "autoencoder": None if injection == "none" else 105_296,
            },
        }
        if state == "done":
            results["test"] = metrics(rng, frechet, n)
        (path / "metrics.json").write_text(json.dumps(results, indent=2))
    if samples:
        (path / "samples" / f"images={images // 2:09d}.png").write_bytes(grid(rng))
        (path / "samples" / f"images={reached:09d}.png").write_bytes(grid(rng))
        (path / "samples" / "comparison.png").write_bytes(grid(rng, rows=3))
    return path


def _write_history(path: Path, rng: np.random.Generator, frechet: float, reached: int, *, diverged: bool) -> None:
    with (path / "history.jsonl").open("w") as lines:
        for epoch in range(2, reached // PER_EPOCH + 1, 2):
            now = frechet * 1.2 * (1 + 6 * np.exp(-epoch / 3)) * np.exp(rng.normal(0, 0.04))
            if diverged and epoch > reached // PER_EPOCH - 2:
                now = np.nan
            point = metrics(rng, now, 500) if np.isfinite(now) else {**metrics(rng, 50.0, 500), "frechet_distance": now}
            point |= {"images": epoch * PER_EPOCH, "epoch": epoch, "loss_d": 1.1, "loss_g": 0.9}
            lines.write(json.dumps(point) + "\n")
