"""A search from its start to what it found."""

import sys
import uuid
from collections.abc import Iterator, Sequence

from aeaug.sweep.ending import refusing
from aeaug.tune.bar import search_bar
from aeaug.tune.claim import studies
from aeaug.tune.found import Found, found_in
from aeaug.tune.identity import settle
from aeaug.tune.page import write_page
from aeaug.tune.processes import worked
from aeaug.tune.result import write_option_file
from aeaug.tune.search import Search
from aeaug.tune.weights import forget_weights

__all__ = ["tuned"]


def tuned(search: Search) -> list[str]:
    """Go on with the ``search`` until every arm has its trials, print what was found, and return what is left to be
    said of what went wrong: nothing where all is done.

    Raises ``ValueError`` in one line where another search has its name.
    """
    search.folder.mkdir(parents=True, exist_ok=True)
    with refusing(ValueError), search.lock():
        settle(search)
        studies(search)
    try:
        with search_bar(search):
            lost = worked(search, uuid.uuid4().hex)
    except (KeyboardInterrupt, SystemExit):
        print("the search was stopped; the same command goes on", file=sys.stderr)
        raise
    with search.lock():  # whoever writes last has read last
        theirs = studies(search)
        found = [found_in(search, arm, study) for arm, study in theirs.items()]
        files = {one.arm: write_option_file(search, one) for one in found if one.best is not None}
        page = write_page(search, theirs, found)
    for arm, study in theirs.items():  # one who was killed may have left some
        forget_weights(search, arm, study.get_trials(deepcopy=False))
    print()
    for one in found:
        print(f"{_summary(one)}\n  {files[one.arm]}" if one.best is not None else f"{one.arm}: {one.without_best}")
    print(f"\nPage: {page}")
    return list(_wrong(found, lost))


def _summary(found: Found) -> str:
    assert found.best is not None
    values = " ".join(
        f"{key}={f'{value:.4g}' if isinstance(value, float) else value}" for key, value in found.best.values.items()
    )
    first = (
        f"{found.arm}: validation FD {found.best.value:,.1f} with {values}, trial {found.best.number}; "
        f"{found.done} of {found.asked} trials done, {found.pruned} of them pruned, {found.diverged} diverged"
    )
    return "\n  ".join([first, *found.best.ends])


def _wrong(found: Sequence[Found], lost: int) -> Iterator[str]:
    for one in found:
        yield from one.failures
    lost *= any(one.done < one.asked for one in found)  # otherwise the others have done its trials
    if lost:
        yield f"{lost} process{'es' * (lost > 1)} of the search did not come to an end"
    if any(one.failures for one in found) or lost:
        yield "the same command goes on"
