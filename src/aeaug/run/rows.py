"""A finished run as a long table: one row a number, with the set of images it is of.

============ ==========================================================================================================
column       holds
============ ==========================================================================================================
experiment   folder in ``runs``
arm          what the run does, its variant without the size of the training set
n_train      size of the training set; empty: all there is
subset       seed of the training subset: what one sample of the world is called
seed         of everything else that is random; with the subset it pairs the arms
state        running, done, diverged, failed, interrupted; missing where the folder says nothing
split        what was compared with: ``test``, once, at the end; ``validation``, over training and for the autoencoder
set          the set of images: generated, or one of its floors (``real``: other real samples, the mean over draws, and
             ``real_sd``, their standard deviation; ``copy``: of the training subset; ``pixels``: a Gaussian fitted to
             them; ``decoded``: what was injected; ``reconstructed``); for what the discriminator says also ``train``
             and ``validation``. And what is of no set: ``run``, ``autoencoder`` (``note``: its key), ``setting``,
             ``record`` (provenance, in words), ``claim`` (``note``: as JSON, with the time at which it was stated;
             ``images``: shown by then)
metric       its key (:mod:`aeaug.run.metrics`), or a dotted key of the config
reading      of generated images: ``end`` of the budget, or ``best`` validation FD; empty for all else
space        of the features, by its name (:mod:`aeaug.evaluation.spaces`), ``classifier``, …; empty for what works on
             none. The leading one, which comes first in the record ``spaces``, has all metrics and the curves
images       shown to the discriminator so far, for curves; empty for the number at the end
value, note  the number, or words; a number's note says what the reader has to know of it
============ ==========================================================================================================

An experiment is the concatenation of its runs, and everything that a report shows is computed from it.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from aeaug.data.options import OWN
from aeaug.evaluation.features import SPACES
from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.evaluation.spaces import UNTRAINED
from aeaug.faults import Fault, one_line
from aeaug.options import choice_of, flat, require_folder_name
from aeaug.run.claims import Claim, arm_name, read_claims
from aeaug.run.files import Files, began, files_of
from aeaug.run.free import is_of_machine
from aeaug.run.metrics import METRICS, RunMetric
from aeaug.run.options import idle_stages
from aeaug.run.statements import Statement, stated_claims
from aeaug.run.weight_of_r1 import weight_of_r1

__all__ = ["COLUMNS", "experiment_rows", "experiments", "read_table", "repetition", "rows", "run_folders", "settings"]

COLUMNS = {
    "experiment": "str",
    "arm": "str",
    "n_train": "Int64",
    "subset": "int64",
    "seed": "int64",
    "state": "str",
    "split": "str",
    "set": "str",
    "metric": "str",
    "reading": "str",
    "space": "str",
    "images": "Int64",
    "value": "float64",
    "note": "str",
}
"""The table's columns and their types in pandas; empty words are ``""``."""

# What makes the science, but for where data lie and on what machine.
_SECTIONS = (
    "data",
    "budget",
    "gan",
    "augmentation",
    "source",
    "filter",
    "schedule",
    "gate",
    "autoencoder",
    "perturbation",
    "trainer",
    "evaluation",
)
_LEAK_SETS = {"real": "share_real", "reconstructed": "share_reconstructed", "decoded": "share_decoded"}
MOST_SHARES = 100  # of classes, of which a table has a row each
_JUDGED = ("train", "validation", "generated", "decoded")
# An addition that a run does without is no setting of it.
_OFF = {("gan.spectral_norm", False), ("gan.dropout", 0), ("gate.name", "none")}

_Row = tuple[str, str, str, str, str, int | None, float, str]  # split, set, metric, reading, space, images, value, note
_FOLDER = re.compile(r"seed=([0-9]{1,18})(?:,subset=([0-9]{1,18}))?")


def experiments(runs: Path) -> list[str]:
    """Names of the experiments that have at least one run under ``runs``."""
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    return [folder.name for folder in found if next(run_folders(folder), None)]


def run_folders(experiment: Path) -> Iterator[Path]:
    """The folders of an experiment's runs: those in which one was begun."""
    found = (path for path in experiment.glob("**/seed=*") if _FOLDER.fullmatch(path.name) and path.is_dir())
    return (path for path in found if began(path))


def experiment_rows(runs: Path, names: Sequence[str]) -> pd.DataFrame:
    """The table of the experiments called ``names`` under ``runs``.

    Raises ``ValueError`` for what is no name, a name without runs, and for a file that cannot be read.
    """
    parts = []
    for name in names:
        require_folder_name("experiment", name)
        folders = sorted(run_folders(runs / name))
        if not folders:
            known = ", ".join(experiments(runs)) or "none"
            raise ValueError(f"no runs of experiment {name!r} in {runs}; experiments there: {known}")
        parts += [rows(folder, runs / name) for folder in folders]
    return pd.concat(parts, ignore_index=True)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that a report wrote, .parquet or .csv.

    Raises :class:`Fault`, naming the file, for one that is not there or holds something else.
    """
    if not path.is_file():
        raise Fault(f"results={path}: no such file")
    if path.suffix not in (".parquet", ".csv"):
        raise Fault(f"results={path}: expected results.parquet or results.csv of an earlier report")
    try:
        empty = {key: [""] for key, kind in COLUMNS.items() if kind != "str"}
        words = {"dtype": COLUMNS, "keep_default_na": False, "na_values": empty}
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, **words)
        if lacking := [column for column in COLUMNS if column not in table]:
            raise ValueError(f"no table of runs, for there is no column {lacking[0]}")
        if table.empty:
            raise ValueError("no table of runs, for it is empty")
        table = table[list(COLUMNS)].astype(COLUMNS)
        for note in table.loc[table["set"] == "claim", "note"]:
            said = json.loads(note)
            Statement(said["stated"], 0, said["claim"])
            read_claims({"claims": [said["claim"]]}, "a claim")
        if table.loc[table["set"] == "claim", "images"].isna().any():
            raise ValueError("a claim does not say when it was stated")
    except Exception as error:  # of whatever the two readers raise over foreign bytes
        why = one_line(error, 150) or type(error).__name__
        raise Fault(f"results={path}: not readable ({why}): make that report again with experiment=<name>") from error
    for name in table["experiment"].unique():  # it becomes a folder
        require_folder_name(f"results={path}: experiment", name)
    return table


def rows(folder: Path, experiment: Path | None = None) -> pd.DataFrame:
    """The table of the run in ``folder``; ``experiment`` is the folder that holds it, two levels up by default.

    Raises :class:`Fault`, naming the file, for one that cannot be read, and for a config that is gone: without it
    nothing says of how many images the run is.
    """
    experiment = experiment or folder.parents[1]
    files = files_of(folder)
    if not files.config:
        raise Fault(f"{folder / 'config.yaml'} is missing, and nothing else says what was run: move the folder away")
    found = pd.DataFrame(
        [*_numbers(folder, files), *_settings(files), *_records(folder, experiment, files), *_claims(folder, files)],
        columns=["split", "set", "metric", "reading", "space", "images", "value", "note"],
    )
    found["experiment"] = experiment.name
    found["arm"] = arm_name(str(files.config.get("variant", folder.parent.relative_to(experiment).as_posix())))
    found["n_train"] = (files.config.get("data") or {}).get("n_train")
    found["seed"], found["subset"] = repetition(folder)
    found["state"] = files.state
    return found[list(COLUMNS)].astype(COLUMNS)


def repetition(folder: Path) -> tuple[int, int]:
    """Seed and subset that the run's folder is called after; a seed has its own subset."""
    found = _FOLDER.fullmatch(folder.name)
    assert found is not None, f"{folder} is no folder of a run"
    seed, subset = found.groups()
    return int(seed), int(seed if subset is None else subset)


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make the science, under dotted keys: not where a run is written, nor on what machine.

    An arm that injects nothing, or nothing that is decoded, uses neither autoencoder nor perturbation, whatever its
    config says of them. Seeds are what repeats an arm, and no setting; the subset that a seed chose is told by its
    hash.
    """
    names = ((config.get(group) or {}).get("name") for group in ("augmentation", "source"))
    unused = idle_stages(*names)
    found = {section: config[section] for section in _SECTIONS if section in config and section not in unused}
    kept = {key: value for key, value in flat(found).items() if not is_of_machine(key) and not key.endswith("seed")}
    return {key: value for key, value in kept.items() if not any((key, value) == off for off in _OFF)}


def _numbers(folder: Path, files: Files) -> Iterator[_Row]:
    results, done, lead = files.metrics, files.state == "done", _spaces(files)[0]
    if "test" in results:
        raise Fault(
            f"{folder / 'metrics.json'}: an earlier version measured it, by other rules: run it again with "
            "scripts/evaluate.py, report with that version, or move the run's folder away"
        )
    for reading, found in (results.get("readings") or {}).items() if done else ():
        for space, measured in found["spaces"].items():
            yield from _measured("test", "generated", measured, reading=reading, space=space)
        for key in ("images", "of"):
            if found.get(key) is not None:
                yield "test", "generated", key, reading, "", None, float(found[key]), ""
    for name, floor in (results.get("floors") or {}).items() if done else ():
        yield from _floor("test", name, floor)
    yield from _floor("validation", "real", results.get("validation_floor"))
    for metric in METRICS.values():
        if isinstance(metric, RunMetric) and (done or metric.of_diverged):
            reading, space = ("end", lead) if metric.place == "generated" else ("", "")
            yield "test", metric.place, metric.key, reading, space, None, _number(metric.read(files)), ""
    leak = results.get("leak") or {}
    if done and leak:
        for name, key in _LEAK_SETS.items():
            yield "test", name, "leak_share", "", lead, None, _number(leak.get(key)), ""
        to_test = _number(leak.get("frechet_to_test"))
        yield "test", "generated", "leak_frechet_to_test", "end", lead, None, to_test, ""
    yield from _autoencoder(results.get("autoencoder") or {})
    for point in files.history:
        yield from _point(point, lead)
    for images, seconds in files.status.get("pace") or ():
        yield "", "run", "processor_seconds", "", "", int(images), float(seconds), ""


def _floor(split: str, name: str, floor: Mapping[str, Any] | None) -> Iterator[_Row]:
    """A floor in every space, and of one that is drawn several times the standard deviation; none where it is null."""
    for what, of in (("spaces", name), ("sd", f"{name}_sd")):
        for space, measured in ((floor or {}).get(what) or {}).items():
            yield from _measured(split, of, measured, space=space)


def _measured(
    split: str,
    name: str,
    measured: Mapping[str, Any],
    images: int | None = None,
    reading: str = "",
    *,
    space: str,
) -> Iterator[_Row]:
    for key, value in measured.items():
        if key == "class_histogram":
            for label, share in enumerate(value if value and len(value) <= MOST_SHARES else ()):
                yield split, name, f"class_{label}", reading, space, images, _number(share), ""
        elif key in OF_IMAGES or key in ("n", "data_copying_cells"):
            yield split, name, key, reading, space, images, _number(value), _note(key, value, measured)


def _note(key: str, value: Any, measured: Mapping[str, Any]) -> str:
    """Why there is no number."""
    return "cells too small" if key == "data_copying" and value is None and "data_copying_cells" in measured else ""


def _point(point: Mapping[str, Any], lead: str) -> Iterator[_Row]:
    images, judged = int(point["images"]), point.get("discriminator") or {}
    yield from _measured("validation", "generated", point, images, space=lead)
    for key in ("loss_d", "loss_g"):
        yield "", "run", key, "", "", images, _number(point.get(key)), ""
    for name in _JUDGED:
        yield "", name, "logit", "", "", images, _number(judged.get(f"logit_{name}")), ""
        yield "", name, "called_real", "", "", images, _number(judged.get(f"real_{name}")), ""
    for key in ("r_t", "r_v"):
        yield "", "run", key, "", "", images, _number(judged.get(key)), ""


def _autoencoder(found: Mapping[str, Any]) -> Iterator[_Row]:
    """What it is worth by itself; a number for each gamma is a row for each, ``labels_kept@0.5``."""
    note, quality = str(found.get("key", "")), found.get("quality") or {}
    gammas = quality.get("gammas") or ()
    for key, value in {"steps": found.get("kept"), **quality}.items():
        if key == "gammas" or value is None:
            continue
        many = isinstance(value, list)
        for gamma, one in zip(gammas, value, strict=True) if many else [("", value)]:
            yield "validation", "autoencoder", f"{key}@{gamma:g}" if many else key, "", "", None, _number(one), note


def _settings(files: Files) -> Iterator[_Row]:
    for key, value in settings(files.config).items():
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        yield "", "setting", key, "", "", None, number, "null" if value is None else str(value)


def _records(folder: Path, experiment: Path, files: Files) -> Iterator[_Row]:
    """Where the numbers come from: words, and counts beside them."""
    status, results = files.status, files.metrics
    data, budget = results.get("data") or {}, results.get("budget") or {}
    code, spaces = status.get("code") or [], _spaces(files)
    words = {
        "question": files.config.get("question"),
        # Within the experiment's: a table that is given away says nothing of the machine.
        "folder": os.fsencode(folder.relative_to(experiment)).decode(errors="replace"),
        "data": data.get("name"),
        "data.sha256": data.get("sha256"),
        "data.subset_sha256": data.get("subset_sha256"),
        "spaces": ", ".join(spaces) if spaces != SPACES else None,
        **{f"feature_net.{space}": word for space, word in (results.get("feature_nets") or {}).items()},
        "extended": ", ".join(f"{before['images']:,}" for before in status.get("extended") or ()),
        "weight_of_r1": weight_of_r1(files.config),
        "exploratory": "true" if files.config.get("exploratory") else None,
        "device": status.get("device"),
        **_circumstances(files),
        "code": ", then ".join(map(_commit, code)) or None,
        "started": status.get("started"),
        "finished": status.get("finished"),
        "fault": next(reversed((status.get("traceback") or "").strip().splitlines()), None),
    }
    for key, word in words.items():
        if word:
            yield "", "record", key, "", "", None, math.nan, str(word)
    counts = {
        "data.n_train": data.get("n_train"),
        "data.n_test": data.get("n_test"),
        "data.net_seen": data.get("net_seen"),
        "images": status.get("images"),
        **{f"num_features.{space}": count for space, count in (results.get("num_features") or {}).items()},
        **{f"budget.{key}": budget.get(key) for key in ("images", "images_per_epoch", "batch_size")},
    }
    for key, count in counts.items():
        if count is not None:
            yield "", "record", key, "", "", None, float(count), ""
    if status.get("budget") and not budget:
        yield "", "record", "budget.images", "", "", None, float(status["budget"]), ""


def _spaces(files: Files) -> tuple[str, ...]:
    """The spaces that the run is measured in, the leading one first: those that it asked for, or without a word what
    :func:`aeaug.evaluation.spaces.spaces_of` says of its images."""
    if asked := (files.config.get("evaluation") or {}).get("spaces"):
        return tuple(asked)
    return UNTRAINED if choice_of(files.config.get("data") or {}) in OWN else SPACES


def _circumstances(files: Files) -> dict[str, str]:
    """Under what the run was made, over all its starts; no host, for a table that is given away says nothing of it."""
    status = files.status
    starts = status.get("circumstances") or ()
    software = [one["versions"] for one in starts] or [status.get("versions") or {}]
    # Before threads were taken down, a number that was asked for says them.
    asked = (files.config.get("trainer") or {}).get("threads")
    threads = [one["threads"] for one in starts] or [asked] * bool(asked)
    packages = sorted({package for those in software for package in those})
    return {
        "processor": _in_turn(one["processor"] for one in starts),
        "threads": _in_turn(threads),
        "versions": ", ".join(
            f"{package} {_in_turn(those[package] for those in software if package in those)}" for package in packages
        ),
    }


def _in_turn(values: Iterable[object]) -> str:
    return " then ".join(dict.fromkeys(map(str, values)))


def _claims(folder: Path, files: Files) -> Iterator[_Row]:
    # Those of the config first: it names what is wrong in them.
    _readable_claims(files.config, folder / "config.yaml")
    statements = stated_claims(folder)
    place = folder / ("claims.jsonl" if (folder / "claims.jsonl").exists() else "config.yaml")
    claims = _readable_claims({"claims": [said.claim for said in statements]}, place)
    for position, (said, claim) in enumerate(zip(statements, claims, strict=True)):
        note = json.dumps({"stated": said.stated, "claim": claim.model_dump()})
        yield "", "claim", str(position), "", "", said.images, math.nan, note


def _readable_claims(config: Mapping[str, Any], place: Path) -> tuple[Claim, ...]:
    """Raises :class:`Fault` for a claim that this version has no words for: left out, it would be withdrawn."""
    try:
        return read_claims(config, str(place))
    except ValueError as error:
        way_out = "report with the version that ran it, or move the run's folder away"
        raise Fault(f"{one_line(error)}: this version cannot read it; {way_out}") from None


def _commit(code: Mapping[str, Any]) -> str:
    commit = code.get("commit")
    return "unknown" if commit is None else f"{commit[:12]}{', changed' if code.get('dirty') else ''}"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else math.nan
