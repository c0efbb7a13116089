"""When a run's claims were stated: what was claimed before anything was seen, and what only later.

``claims.jsonl`` in the run's folder has a line for each claim, ``{"stated": <time, UTC>, "images": <images shown by
then>, "claim": {…}}``. Lines are only added, at a start of the run that brings a claim which is not there yet; 0 images
is a claim stated beforehand. A claim that later starts no longer bring stays: who withdraws it may have seen where the
run is going, and a report without it would show the claims that came true. ``config.yaml`` has those of the last start.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, NonNegativeInt, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from aeaug.faults import Fault, one_line, reading
from aeaug.run.claims import Claim
from aeaug.run.files import read_config, read_status
from aeaug.writing import write_atomically

__all__ = ["Statement", "state_claims", "stated_claims"]

FILE = "claims.jsonl"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Statement:
    """A ``claim`` as it was written down, and how many ``images`` had been shown when it was ``stated`` (ISO 8601, UTC;
    None: not known)."""

    stated: str | None
    images: NonNegativeInt
    claim: dict[str, Any]


_LINE = TypeAdapter(Statement)


def stated_claims(folder: Path) -> list[Statement]:
    """The claims of the run in ``folder``, in the order in which they were stated; none where there is no run.

    A run of a version without ``claims.jsonl`` stated those of its config when it started. Raises :class:`Fault` for
    a line that is no statement; a last one that was cut short was never stated.
    """
    file = folder / FILE
    if not os.path.lexists(file):
        return _of_earlier_version(folder)
    statements = []
    with reading(file, f"delete the folder {folder} to run it again"):
        for number, line in enumerate(_complete_lines(file), 1):
            try:
                statements.append(_LINE.validate_json(line, strict=True))
            except ValidationError as error:
                said = error.errors()[0]["msg"]
                raise ValueError(f"line {number}: no statement of a claim ({one_line(said)})") from None
    return statements


def state_claims(folder: Path, claims: Sequence[Claim], now: str, images: int) -> None:
    """Add those of ``claims`` that the run in ``folder`` has not stated yet: ``now``, after so many ``images``."""
    file, before = folder / FILE, stated_claims(folder)
    new = [
        Statement(now, images, claim.model_dump(mode="json"))
        for claim in claims
        if not any(_same(earlier.claim, claim) for earlier in before)
    ]
    lines = _complete_lines(file) if file.exists() else [_line(statement) for statement in before]
    lines += [_line(statement) for statement in new]
    write_atomically(file, lambda opened: opened.writelines(line + b"\n" for line in lines))


def _of_earlier_version(folder: Path) -> list[Statement]:
    claims = read_config(folder).get("claims") or ()
    try:
        started = read_status(folder).get("started")
    except Fault:  # whoever needs more of it says so
        started = None
    with reading(folder / "config.yaml", f"delete the folder {folder} to run it again"):
        return [_LINE.validate_python({"stated": started, "images": 0, "claim": claim}) for claim in claims]


def _complete_lines(file: Path) -> list[bytes]:
    if not file.is_file():
        raise ValueError("it is no file")  # from a pipe nothing would come
    return file.read_bytes().split(b"\n")[:-1]  # after the last newline comes nothing, or what was cut short


def _line(statement: Statement) -> bytes:
    return json.dumps(asdict(statement), ensure_ascii=False).encode()


def _same(stated: dict[str, Any], claim: Claim) -> bool:
    try:
        return Claim.model_validate(stated) == claim
    except ValidationError:  # as an earlier version understood it
        return False
