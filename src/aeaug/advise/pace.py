"""How fast this machine trains and measures runs of an advice: found out by short ones, of every kind of candidate."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeFloat
from tqdm import tqdm

from aeaug.advise.asked import NONE, Advice, Candidate, is_weight
from aeaug.artifacts import ArtifactStore
from aeaug.evaluation.spaces import TRAINED
from aeaug.evaluation.spaces.trained import KIND
from aeaug.run.files import read_status
from aeaug.run.folders import run_path
from aeaug.run.options import RunOptions
from aeaug.run.parts import data_of, spaces_of_run
from aeaug.run.pipeline import Run
from aeaug.training.progress import progress_bar
from aeaug.training.quietness import quieten

__all__ = ["Pace", "measured_pace"]

PROBE = 6_400  # images, at most: 100 steps, of which the first are slow
READ = 2  # readings of a probe


class Pace(BaseModel):
    """Seconds. ``none`` and each of the ``candidates``: an image shown. ``reading``: one of the validation slice.
    ``each``: what else a run takes; ``subset``: what is made once for a subset of the candidates, and kept; ``pair``:
    what else the two runs of a pair take that are measured on the test split, with all that is kept for them."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    none: NonNegativeFloat
    candidates: tuple[NonNegativeFloat, ...]
    reading: NonNegativeFloat
    each: NonNegativeFloat
    subset: NonNegativeFloat
    pair: NonNegativeFloat


def measured_pace(advice: Advice) -> Pace:
    """Train a short run of none and of each kind of candidate, and one more that is measured on the test split, in a
    folder that is gone afterwards: only how long they take is looked at. Feature nets that are trained, which all runs
    share, are trained before that, where those find them."""
    quieten()
    images, nets = _images(advice), _trained_nets(advice)
    seed, other = advice.options.tuning_seeds[0], max(advice.options.tuning_seeds) - 1
    of = {"none": NONE} | {_kind(one): one for one in advice.candidates}
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder)
        if nets is not None:
            for place in (outputs, outputs / "tested"):
                (place / "artifacts").mkdir(parents=True)
                (place / "artifacts" / KIND).symlink_to(nets, target_is_directory=True)
        runs = {kind: advice.probe(one, outputs, images, seed, test=False) for kind, one in of.items()}
        decoding = [kind for kind, options in runs.items() if options.augmentation.name != "none"]
        kind = (decoding or list(runs))[0]
        tested = advice.probe(of[kind], outputs / "tested", images, other, test=True)
        print("advise: measuring how fast this machine is, which takes some minutes", flush=True)
        bar: tqdm[Any] = progress_bar(desc="short runs", total=len(runs) + 1, unit="run")
        with bar:
            found = {kind: _timed(options, bar, kind) for kind, options in runs.items()}
            last = _timed(tested, bar, f"{kind}, on the test split")
    rates = {kind: (spent["gan"] + spent.get("augmentation", 0.0)) / images for kind, (_, spent) in found.items()}
    reading = max(spent.get("evaluation", 0.0) / READ for _, spent in found.values())
    besides = {kind: max(0.0, wall - images * rates[kind] - READ * reading) for kind, (wall, _) in found.items()}
    each = min(besides.values())
    own = max(0.0, last[1].get("evaluation", 0.0) - READ * reading)
    both = max(each, last[0] - images * rates[kind] - READ * reading)
    return Pace(
        none=rates["none"],
        candidates=tuple(rates[_kind(one)] for one in advice.candidates),
        reading=reading,
        each=each,
        subset=sum(besides.values()) - each * len(besides),
        pair=both + each + own,
    )


def _trained_nets(advice: Advice) -> Path | None:
    """Where the nets are kept of feature spaces that are trained on the images, none of which is missing by then; None
    where there are no such spaces."""
    if not set(advice.plain.spaces) & set(TRAINED):
        return None
    store = ArtifactStore(Path(advice.plain.outputs) / "artifacts")
    assert spaces_of_run(advice.plain, data_of(advice.plain), store).nets
    return (store.root / KIND).resolve()


def _images(advice: Advice) -> int:
    batch = advice.plain.budget.batch_size
    return READ * max(batch, min(PROBE, advice.options.images[0]) // READ)


def _kind(candidate: Candidate) -> str:
    """All weights of R1 take as long, of none; an arm with a weight of its own takes what the arm does."""
    return "weights" if is_weight(candidate) else " ".join(candidate)


def _timed(options: RunOptions, bar: "tqdm[Any]", kind: str) -> tuple[float, Mapping[str, float]]:
    """Make the run: the seconds that it took in all, and in its stages."""
    bar.set_postfix_str(kind)
    began = time.perf_counter()
    Run(options).run()
    bar.update()
    return time.perf_counter() - began, read_status(run_path(options))["seconds"]
