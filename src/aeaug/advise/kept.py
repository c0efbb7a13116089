"""What an advice was sized to, ``<outputs>/runs/<name>/.advise.json``: the same command goes on with it, however fast
the machine is by then, and with what was chosen."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from aeaug.advise.asked import Advice
from aeaug.advise.pace import Pace
from aeaug.advise.size import size_of, sized
from aeaug.faults import reading
from aeaug.options import flat, shown
from aeaug.run.claims import Claim, Tried
from aeaug.run.identity.identity import science
from aeaug.writing import locked, write_whole

__all__ = ["Kept", "asked_of", "keep", "kept", "would_change"]

FILE = ".advise.json"
LARGEST = 2**20  # bytes


class Kept(BaseModel):
    """``asked``: all that makes the advice another one, by key. It was sized to so many ``minutes`` of ``workers`` at
    this ``pace``: runs of ``images``, ``pairs``. ``chosen``: the place of the candidate, None before there is one, and
    ``tried``: what came of each; ``claim``: what is measured from then on, in its own words, for the images' folder may
    be called otherwise by then, and two claims are judged more strictly than one."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    asked: dict[str, Any]
    minutes: PositiveFloat
    workers: PositiveInt
    images: PositiveInt
    pairs: PositiveInt
    pace: Pace
    chosen: int | None = None
    tried: tuple[Tried, ...] = ()
    claim: Claim | None = None


def kept(advice: Advice) -> Kept | None:
    """What was written down of it; None where nothing was. Raises :class:`Fault` for a file that cannot be read, and
    ``ValueError``, in one line, where another advice, or other runs, have its name."""
    folder = advice.folder(advice.name)
    file = folder / FILE
    with reading(file, f"delete it, {folder} and {advice.folder(advice.tuning)}, to begin anew"):
        try:
            if file.stat().st_size > LARGEST:
                raise ValueError("far too large")
            found = Kept.model_validate_json(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            found = None
    if found is None:
        for name in (advice.name, advice.tuning):
            if any(advice.folder(name).glob("*/seed=*")):
                raise ValueError(f"name={advice.name}: {advice.folder(name)} has runs of another command; take another")
        return None
    if found.chosen is not None and not 0 <= found.chosen < len(advice.candidates):
        raise ValueError(f"{file}: chosen={found.chosen}: there are {len(advice.candidates)} candidates")
    _require_same(advice, found)
    return found


def _require_same(advice: Advice, found: Kept) -> None:
    """Raise ``ValueError``, in one line, where ``found`` is of another advice."""
    here = asked_of(advice)
    for key in sorted(found.asked.keys() | here.keys()):
        if found.asked.get(key) != here.get(key):
            raise ValueError(
                f"{key}={shown(here.get(key))}: the advice that is there has {shown(found.asked.get(key))}; another "
                f"name=… keeps both"
            )


def keep(advice: Advice, what: Kept) -> None:
    """Write it down."""
    folder = advice.folder(advice.name)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / f"{FILE}.lock", f"another advice of {advice.name}"):
        write_whole(folder / FILE, what.model_dump_json(indent=2) + "\n")


def would_change(advice: Advice, found: Kept) -> list[str]:
    """What the asked minutes and images would change of an advice that was sized to others, a line each."""
    asked = advice.options
    goes_on = f"{found.minutes:g} minutes, {found.pairs} pairs of runs of {found.images:,} images, and goes on so"
    lines = []
    if asked.minutes != found.minutes:
        other = sized(found.pace, asked, found.workers, asked.minutes)
        now = size_of(found.pace, asked, found.workers, found.images, found.pairs)
        same = other is not None and (other.images, other.pairs) == (now.images, now.pairs)
        bought = (
            "nothing, they are too few"
            if other is None
            else "the same"
            if same
            else f"{other.pairs} pairs of runs of {other.images:,} images"
        )
        lines.append(
            f"advise.minutes={asked.minutes:g}: it was sized to {goes_on}; {asked.minutes:g} would have bought "
            f"{bought} (name=… begins another)"
        )
    if found.images not in asked.images:
        lines.append(
            f"advise.images={shown(list(asked.images))}: it was sized to {goes_on}, though that is none of these "
            "(name=… begins another)"
        )
    return lines


def asked_of(advice: Advice) -> dict[str, Any]:
    """All that makes it another one: what none is, and what may be chosen."""
    options = flat({"advise": advice.options.model_dump(mode="json", exclude={"minutes", "images"})})
    plain = {key: value for key, value in science(advice.plain).items() if key not in ("seed", "data.subset_seed")}
    encoder = {f"autoencoder.{key}": value for key, value in advice.plain.autoencoder.model_dump(mode="json").items()}
    found: dict[str, Any] = json.loads(json.dumps(plain | encoder | options))
    return {key: value for key, value in found.items() if key not in ("autoencoder.seed", *BUDGET)}


BUDGET = ("budget.images", "budget.images_per_epoch")
