"""The rows of what a run's numbers come from: settings, provenance and claims."""

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aeaug.evaluation.features import SPACES
from aeaug.faults import Fault, one_line
from aeaug.run.claims import Claim, read_claims
from aeaug.run.files import Files
from aeaug.run.folder.statements import stated_claims
from aeaug.run.identity.settings import settings
from aeaug.run.table.row import Row, spaces_of
from aeaug.run.weight_of_r1 import weight_of_r1

__all__ = ["claim_rows", "record_rows", "setting_rows"]


def setting_rows(files: Files) -> Iterator[Row]:
    """What makes the science (:mod:`aeaug.run.identity.settings`), a number as a value and as it is written."""
    for key, value in settings(files.config).items():
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        yield "", "setting", key, "", "", None, number, "null" if value is None else str(value)


def record_rows(folder: Path, experiment: Path, files: Files) -> Iterator[Row]:
    """Where the numbers come from: words, and counts beside them."""
    status, results = files.status, files.metrics
    data, budget = results.get("data") or {}, results.get("budget") or {}
    code, spaces = status.get("code") or [], spaces_of(files)
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


def claim_rows(folder: Path, files: Files) -> Iterator[Row]:
    """What the run was to settle, and when that was stated. Raises :class:`Fault` for what cannot be read."""
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
