"""An advice from its first measurement to its one line."""

from collections.abc import Callable, Sequence
from time import monotonic

from aeaug.advise.asked import NONE, Advice
from aeaug.advise.choice import best_of, tried
from aeaug.advise.claim import claim_of
from aeaug.advise.commands import measuring, tuning
from aeaug.advise.features import features_of
from aeaug.advise.kept import Kept, asked_of, keep, kept, would_change
from aeaug.advise.own import own_folders
from aeaug.advise.pace import measured_pace
from aeaug.advise.size import FEWEST, minutes_needed, sized
from aeaug.advise.words import choice_text, plan_text
from aeaug.report.write import ReportPaths, report
from aeaug.run.enough import too_few
from aeaug.sweep.composition.shared import settle
from aeaug.sweep.ending import refusing
from aeaug.sweep.plan.needed import require_what_they_need

__all__ = ["advise"]

Sweep = Callable[[Sequence[str]], None]


def advise(advice: Advice, sweep: Sweep, *, dry_run: bool) -> ReportPaths | None:
    """Go through what there is to do, and write the page; with ``dry_run`` say what would be done. ``sweep``: to run
    ``scripts/train.py -m`` with these overrides, to its end.

    Ends the process in one line, before any run, for too few images or minutes, and where another advice has this name.
    """
    with refusing(ValueError):
        found = kept(advice)
        require_what_they_need([advice.plain])
        _require_images(advice)
        if found is None:
            found = _sized(advice)
        else:
            print(*(f"{line}\n" for line in would_change(advice, found)), sep="", end="")
        print(plan_text(advice, found), flush=True)
        if dry_run:
            return None
        keep(advice, found)
        for name in (advice.tuning, advice.name):
            settle(advice.folder(name), advice.shared(name, found.images))
    if found.chosen is None:
        for command in tuning(advice, found):
            sweep([*advice.hydras, *command])
    with refusing(ValueError):
        if found.chosen is None:
            said, place = tuple(tried(advice, found.images)), best_of(advice, found.images)
            found = found.model_copy(update={"chosen": place, "tried": said})
            found = found.model_copy(update={"claim": claim_of(advice, found)})
            keep(advice, found)
        claim = found.claim or claim_of(advice, found)
        print(choice_text(claim), flush=True)
    for command in measuring(advice, found, claim):
        sweep([*advice.hydras, *command])
    with refusing(ValueError):
        assert found.chosen is not None
        for candidate in (NONE, advice.candidates[found.chosen]):
            for _ in own_folders(advice, advice.name, candidate, range(found.pairs), found.images):
                pass  # to look at them is to refuse what is another's
        return report([advice.name], None, advice.outputs)


def _require_images(advice: Advice) -> None:
    """Images enough to measure by, in the leading space's features."""
    if lacking := too_few(advice.plain, features_of(advice)):
        raise ValueError(f"data={advice.plain.data.choice}: too few images to tell: {lacking}")


def _sized(advice: Advice) -> Kept:
    """An advice of the asked minutes, at the pace of this machine."""
    options, workers = advice.options, advice.workers
    began = monotonic()
    pace = measured_pace(advice)
    spent = (monotonic() - began) / 60  # of the minutes that are asked for
    size = sized(pace, options, workers, options.minutes - spent)
    if size is None:
        enough = minutes_needed(pace, options, workers, spent)
        raise ValueError(
            f"advise.minutes={options.minutes:g}: too few minutes to tell: {FEWEST} pairs of runs of "
            f"{options.images[0]:,} images, and the choice among {len(advice.candidates)} before them, take {enough} "
            f"here; advise.minutes={enough} would do"
        )
    return Kept(
        asked=asked_of(advice),
        minutes=options.minutes,
        workers=workers,
        images=size.images,
        pairs=size.pairs,
        pace=pace,
    )
