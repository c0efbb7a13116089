"""Run directories as the pipeline leaves them, with numbers of our choosing: what the report's tests read."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from aeaug.evaluation.metrics import METRICS
from aeaug.report.results import Results, results_of
from aeaug.report.write import ReportPaths, report
from aeaug.run.table.rows import experiment_rows

WriteRun = Callable[..., Path]

EPOCHS, PER_EPOCH, BATCH = 20, 12_000, 128
INJECTIONS = {
    "none": {"name": "none"},
    "append": {"name": "append", "ratio": 1.0},
    "replace": {"name": "replace", "probability": 0.5},
}


def core(rng: np.random.Generator, frechet: float) -> dict[str, Any]:
    """What is measured on every slice. Metrics belong together: the better the distance, the better all the rest."""
    shares = rng.dirichlet(np.full(10, 4000 / frechet))
    quality = float(np.exp(-frechet / 60))
    return {
        "frechet_distance": float(frechet),
        "precision": min(1.0, 0.55 + 0.42 * quality + rng.normal(0, 0.008)),
        "recall": min(1.0, 0.25 + 0.68 * quality + rng.normal(0, 0.012)),
        "density": 0.5 + 0.5 * quality + rng.normal(0, 0.01),
        "coverage": min(1.0, 0.35 + 0.6 * quality + rng.normal(0, 0.01)),
        "class_histogram": shares.tolist(),
        "class_kl": float((shares * np.log(10 * np.maximum(shares, 1e-300))).sum()),
        "modes": int((shares >= 0.01).sum()),
    }


def metrics(rng: np.random.Generator, frechet: float, copies: float = 0.1) -> dict[str, Any]:
    """What is measured on the test split; `copies` in [0, 1] is how much of it repeats the training set."""
    found = core(rng, frechet)
    # A metric that somebody adds has a number too.
    return (
        dict.fromkeys(METRICS, float(np.exp(-frechet / 60)))
        | found
        | {
            "frechet_distance_infinity": 0.9 * frechet - 1.9,
            "kernel_distance": 0.002 * (frechet - 2.0) + rng.normal(0, 1e-4),
            "classifier_score": 1.0 + 8.9 * found["precision"],
            "accuracy_score": 0.99 * found["coverage"],
            "confident_share": 0.5 + 0.5 * found["precision"],
            "frechet_gap": 2.0 - 6.0 * copies + rng.normal(0, 0.1),
            "authenticity": 0.7 * (1 - copies),
            "data_copying": 1.5 - 12 * copies + rng.normal(0, 0.2),
            "data_copying_cells": 10,
        }
    )


def spaces(classifier: Mapping[str, Any]) -> dict[str, Any]:
    """A set of images in both feature spaces: FD and kernel distance alone in the label-free one."""
    found = {key: 3.0 * classifier[key] for key in ("frechet_distance", "kernel_distance") if key in classifier}
    return {"classifier": dict(classifier), "self_supervised": found}


def leak(rng: np.random.Generator, frechet: float, *, share: float, injected: bool) -> dict[str, Any]:
    """A generator of which `share` of the images are taken for decoded ones."""
    to_reconstructed = frechet * (1.2 - share)
    return {
        "held_out_accuracy": 0.95,
        "share_generated": share + rng.normal(0, 0.01),
        "share_real": 0.04,
        "share_reconstructed": 0.94,
        "share_decoded": 0.97 if injected else None,
        "frechet_to_reconstructed": to_reconstructed,
        "frechet_to_test": frechet,
        "frechet_difference": to_reconstructed - frechet,
    }


def autoencoder_quality(rng: np.random.Generator) -> dict[str, Any]:
    """An autoencoder that loses labels as the noise on its codes grows."""
    wobble = np.exp(rng.normal(0, 0.05))
    return {
        "held_out_error": 0.0123 * wobble,
        "gammas": [0.0, 0.25, 0.5, 1.0, 2.0],
        "perturbed_frechet": [wobble * distance for distance in (11.0, 15.0, 24.0, 70.0, 210.0)],
        "labels_kept": [0.97, 0.95, 0.88, 0.64, 0.33],
        "random_frechet": 160.0 * wobble,
        "real_frechet": 2.1,
        "intrinsic_dimension": 11.4 * wobble,
        "latent_dim": 32,
        "probe_accuracy": 0.86,
        "pixel_probe_accuracy": 0.82,
    }


def discriminator(rng: np.random.Generator, progress: float, overfit: float, *, injected: bool) -> dict[str, Any]:
    """A discriminator that, as training goes on (`progress` in [0, 1]), learns its training images by heart."""
    train, generated = 0.4 + 2.2 * overfit * progress, -0.4 - 1.8 * overfit * progress
    validation = train - (train - generated) * 0.8 * overfit * progress
    logits = {"train": train, "validation": validation, "generated": generated}
    logits |= {"decoded": 0.6 * train + 0.4 * generated} if injected else {}
    found: dict[str, Any] = {"logit_decoded": None, "real_decoded": None}
    for name, logit in logits.items():
        found[f"logit_{name}"] = logit + rng.normal(0, 0.04)
        found[f"real_{name}"] = float(1 / (1 + np.exp(-1.6 * found[f"logit_{name}"])))
    found["r_t"] = 2 * found["real_train"] - 1
    gap = found["logit_train"] - found["logit_validation"]
    return found | {"r_v": gap / (found["logit_train"] - found["logit_generated"])}


def claim(treatment: str = "append-gaussian", **changes: Any) -> dict[str, Any]:
    """A claim as an experiment file states it: an arm lowers FD by 5% or more."""
    return {
        "statement": f"Appending decoded images ({treatment}) lowers FD.",
        "metric": "frechet_distance",
        "direction": "lower",
        "treatment": treatment,
        "control": "none",
        "smallest_effect": 0.05,
        "seeds": 8,
    } | changes


def grid(rng: np.random.Generator, rows: int = 8, columns: int = 8) -> bytes:
    """A PNG the size of a sample grid; noise, for tests look at bytes and not at digits."""
    image = rng.integers(0, 255, (rows * 30 + 2, columns * 30 + 2), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png")
    return buffer.getvalue()


def results(runs_dir: Path, *names: str, control: str | None = None) -> Results:
    """The runs of experiments, ``demo`` by default, read as arms."""
    return results_of(experiment_rows(runs_dir, names or ("demo",)), control)


def claim_in(folder: Path, stated: Mapping[str, Any], when: str, images: int) -> None:
    """Let the run in ``folder`` have stated that claim, and no other, ``when`` so many images had been shown."""
    line = {"stated": when or None, "images": images, "claim": dict(stated)}
    (folder / "claims.jsonl").write_text(json.dumps(line) + "\n")


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


SIZES = {100: (0.70, 0.95), 500: (0.94, 1.10)}
"""Training images, and what `append_gaussian` and `append_reconstruct` then do to FD."""


def write_sizes(runs_dir: Path, name: str = "sizes", sizes: Mapping[int, tuple[float, float]] = SIZES) -> None:
    """A sweep over sizes, named as the pipeline names it: three arms, eight seeds, two claims, one run diverged."""
    claims = [
        claim("append_gaussian"),
        claim(
            "append_gaussian",
            statement="Perturbing the codes adds authenticity to plain reconstruction.",
            metric="authenticity",
            direction="higher",
            control="append_reconstruct",
            smallest_effect=0.02,
        ),
    ]
    for size, effects in sizes.items():
        for seed in range(8):
            control = 38.0 * (500 / size) ** 0.8 * np.exp(np.random.default_rng(seed).normal(0, 0.12))
            for arm, effect in zip(("none", "append_gaussian", "append_reconstruct"), (1.0, *effects), strict=True):
                noise = np.exp(np.random.default_rng([seed, size, len(arm)]).normal(0, 0.03))
                lost = (arm, size, seed) == ("append_reconstruct", min(sizes), 4)
                run_directory(
                    runs_dir,
                    name=name,
                    variant=f"{arm},data.n_train={size}",
                    seed=seed,
                    n_train=size,
                    injection="none" if arm == "none" else "append",
                    frechet=control * effect * noise,
                    state="diverged" if lost else "done",
                    traceback="loss_d is nan at image 144000" if lost else None,
                    claims=claims,
                )


@pytest.fixture(scope="session")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of `write_sizes`, written once; read only."""
    runs_dir = tmp_path_factory.mktemp("outputs") / "runs"
    write_sizes(runs_dir)
    return runs_dir


@pytest.fixture(scope="session")
def sized_report(sizes: Path) -> ReportPaths:
    """The report of `sizes`, written once."""
    return report(["sizes"], None, sizes.parent)


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
    subset: int | None = None,
    subset_sha256: str | None = None,
    net_seen: int = 0,
    feature_net: str = "c3" * 32,
    images: int = EPOCHS * PER_EPOCH,
    n: int = 1000,
    learning_rate: float = 2e-4,
    device: str = "cpu",
    traceback: str | None = None,
    samples: bool = True,
    old: bool = False,
    claims: Sequence[Mapping[str, Any]] = (),
    best: float | None = None,
    curve: Callable[[float], float] | None = None,
    tested: bool = True,
    **sections: Any,
) -> Path:
    """`sections` are added to those of the config, other words are put into it.

    `old` leaves out whatever need not be measured; not `tested` is one that never looked at the test set. `best`: FD at
    the best reading; `curve`: of validation FD by the share of the budget in (0, 1].
    """
    subset = seed if subset is None else subset
    rng = np.random.default_rng([seed, subset, *variant.encode()])
    path = runs_dir / name / (folder or variant) / (f"seed={seed}" + (f",subset={subset}" if subset != seed else ""))
    (path / "samples").mkdir(parents=True)
    perturbation = {"name": "gaussian", "gamma": 0.5} if "gaussian" in variant else {"name": "reconstruct"}
    config = {
        "name": name,
        "variant": variant,
        "seed": seed,
        "outputs": "outputs",
        "data": {"name": "mnist_5k", "root": "data", "n_train": n_train, "subset_seed": subset, "balanced": True},
        "budget": {"images": images, "images_per_epoch": PER_EPOCH, "batch_size": BATCH},
        "autoencoder": {"name": "mlp", "latent": 32},
        "perturbation": perturbation,
        "augmentation": INJECTIONS[injection],
        "gan": {"name": "mlp", "learning_rate": learning_rate},
        "trainer": {"accelerator": "cpu"},
        "evaluation": {"n": n, "every": 1},
    }
    for section, options in sections.items():
        config[section] = config[section] | dict(options) if section in config else options
    if claims:
        config["claims"] = [dict(stated) for stated in claims]
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
            "autoencoder": 0.0 if injection == "none" else 5.3 + 0.2 * seed,
            "augmentation": 0.0 if injection == "none" else 0.42,
            "gan": 58.4 + rng.normal(0, 1),
            "evaluation": 4.1 + rng.normal(0, 0.2),
            "shared": 21.0 if seed == 0 and injection == "none" else 0.0,
        },
        "processor_seconds": {
            "autoencoder": 0.0 if injection == "none" else 5.1,
            "training": 55.0 * reached / images,
        },
        "device": device,
        "versions": {"aeaug": "0.1.0", "torch": "2.14.1", "lightning": "2.6.6", "python": "3.11.7"},
        "traceback": traceback,
    }
    if not old:
        before = status["processor_seconds"]["autoencoder"]
        epochs = range(1, reached // PER_EPOCH + 1)
        status["pace"] = [[epoch * PER_EPOCH, before + 55.0 * epoch * PER_EPOCH / images] for epoch in epochs]
        status["peak_memory"] = {"host_bytes": int(9.1e8 + 4e7 * (injection != "none") + 1e6 * seed)}
    (path / "status.json").write_text(json.dumps(status, indent=2))
    size, injected = n_train or 3500, injection != "none"
    overfit = float(np.clip(np.log10(20_000 / size) / 2.4 - 0.3 * injected, 0.05, 1))
    _write_history(
        path,
        rng,
        curve or (lambda share: 1.2 * frechet * (1 + 6 * float(np.exp(-EPOCHS * share / 2)))),
        reached,
        diverged=state == "diverged",
        overfit=None if old else overfit,
        injected=injected,
    )
    measure = core if old else metrics
    if state in ("done", "diverged"):
        floors: dict[str, Any] = {
            "real": measure(rng, rng.uniform(1.8, 2.0)),
            "copy": measure(rng, rng.uniform(5.0, 5.4) * np.sqrt(500 / size)),
        }
        if not old:
            floors["copy"] |= {"authenticity": 0.0, "frechet_gap": -5.2, "data_copying": -21.0}
            floors["pixels"] = metrics(rng, 155.0, copies=0.0)
        if injected:
            floors["decoded"] = measure(rng, 24.0 if "gaussian" in variant else 11.0)
        results: dict[str, Any] = {
            "name": name,
            "variant": variant,
            "seed": seed,
            "data": {
                "name": "mnist_5k",
                "sha256": sha256,
                "n_train": size,
                "subset_sha256": subset_sha256 or f"{size * 10_000 + subset:012d}{0:052d}",
                "subset_seed": subset,
                "n_test": n,
                "net_seen": net_seen,
            },
            "feature_nets": {"classifier": feature_net, "self_supervised": "d4" * 32},
            "budget": {"images": images, "images_per_epoch": PER_EPOCH, "batch_size": BATCH},
            "validation": {"images": reached, "frechet_distance": frechet * 1.2},
            "validation_floor": {
                "draws": 20,
                "spaces": {"classifier": {"frechet_distance": 3.1}},
                "sd": {"classifier": {"frechet_distance": 0.2}},
            },
            "autoencoder": {"key": f"{size:08d}{seed:08d}", "val_mse": 0.0123, "epochs": 40} if injected else None,
            "parameters": {
                "generator": 301_328,
                "discriminator": 267_009,
                "autoencoder": 105_296 if injected else None,
            },
        }
        if not old:
            synthetic = reached // 2 if injected else 0
            results["work"] = {"shown": reached, "real": reached - synthetic, "synthetic": synthetic}
            results["work"] |= {"discriminator": 3 * reached + reached // 8}
            of_subset = np.random.default_rng([seed, size])  # the same autoencoder in every arm
            quality = autoencoder_quality(of_subset)
            results["autoencoder"] = {"key": f"{size:08d}{seed:08d}", "epochs": 40, "quality": quality}
            share = 0.45 if "reconstruct" in variant else 0.25 if injected else 0.12
            if state == "done" and tested:
                results["leak"] = leak(rng, frechet, share=share, injected=injected)
        if state == "done" and tested:
            copies = float(np.clip(overfit / 8 + rng.normal(0, 0.01), 0, 1))
            at_best = 0.93 * frechet if best is None else best
            end, stopped = (core(rng, value) if old else metrics(rng, value, copies) for value in (frechet, at_best))
            stop = images * 4 // 5
            results["readings"] = {
                "end": {"images": images, "spaces": spaces(end)},
                "best": {"images": stop, "of": EPOCHS // 2, "spaces": spaces(stopped)},
            }
            results["floors"] = {key: {"spaces": spaces(floor)} for key, floor in floors.items()}
            sd = {key: 0.05 * abs(value) for key, value in floors["real"].items() if isinstance(value, float)}
            results["floors"]["real"] |= {"draws": 20, "sd": spaces(sd)}
        (path / "metrics.json").write_text(json.dumps(results, indent=2))
    if samples:
        (path / "samples" / f"images={images // 2:09d}.png").write_bytes(grid(rng))
        (path / "samples" / f"images={reached:09d}.png").write_bytes(grid(rng))
        (path / "samples" / "comparison.png").write_bytes(grid(rng, rows=3, columns=10))
        if not old:
            (path / "samples" / "nearest.png").write_bytes(grid(rng, rows=4, columns=10))
    if not old:
        (path / "tensorboard").mkdir()
        (path / "tensorboard" / "events.out.tfevents.1").write_bytes(b"")
    return path


def in_spaces(measured: dict[str, Any]) -> dict[str, Any]:
    return {"spaces": {"classifier": measured}}


def _write_history(
    path: Path,
    rng: np.random.Generator,
    curve: Callable[[float], float],
    reached: int,
    *,
    diverged: bool,
    overfit: float | None,
    injected: bool,
) -> None:
    with (path / "history.jsonl").open("w") as lines:
        for epoch in range(2, reached // PER_EPOCH + 1, 2):
            now = curve(epoch / EPOCHS) * np.exp(rng.normal(0, 0.02))
            if diverged and epoch > reached // PER_EPOCH - 2:
                now = np.nan
            point: dict[str, Any] = {"images": epoch * PER_EPOCH, "epoch": epoch, "frechet_distance": now}
            point |= {"loss_d": 1.1, "loss_g": 0.9}
            if overfit is not None:
                point["discriminator"] = discriminator(rng, epoch / EPOCHS, overfit, injected=injected)
            lines.write(json.dumps(point) + "\n")
