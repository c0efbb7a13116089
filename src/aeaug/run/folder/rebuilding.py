"""What of a lost ``status.json`` the other files of a run tell."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aeaug.faults import Fault
from aeaug.run.files import read_metrics
from aeaug.run.folder.statements import stated_claims
from aeaug.run.identity.identity import measured_budgets

__all__ = ["rebuilt_status"]


def rebuilt_status(folder: Path, checkpoints: Iterable[Path]) -> dict[str, Any]:
    """Images, start and autoencoder of the run in ``folder``, as far as its ``checkpoints``, claims and metrics know.

    The seconds that it took, the code that worked on it, and under what, are lost.
    """
    from aeaug.training.checkpoint import read_checkpoint  # Lightning, which takes seconds to import

    images = 0
    for file in checkpoints:
        try:
            images = max(images, read_checkpoint(file, "")["progress"]["images_seen"])
        except Fault:  # whoever goes on from it says so
            continue
    try:
        metrics: Mapping[str, Any] = read_metrics(folder)
    except Fault:  # it will be written anew
        metrics = {}
    stated = [said.stated for said in stated_claims(folder) if said.stated]
    return {
        "images": images,
        "extended": [{"images": one, "at": None} for one in sorted(measured_budgets(folder))],
        "seconds": {"evaluation": 0.0},  # a stage that every end adds to
        "processor_seconds": {},
        "pace": [],
        "started": min(stated, default=None),
        "autoencoder": (metrics.get("autoencoder") or {}).get("key"),
        "gate": metrics.get("gate"),
        "code": [],
        "sources": [],
        "circumstances": [],
    }
