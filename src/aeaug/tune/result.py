"""What was found, as an option file: ``<outputs>/tune/<name>/experiment/<arm>.yaml``, chosen by its name."""

from collections.abc import Iterator
from pathlib import Path

from aeaug.installed import command
from aeaug.options import shown
from aeaug.run.identity.free import makes_no_other
from aeaug.sweep.composition.option_file import option_text
from aeaug.tune.found import Best, Found
from aeaug.tune.search import Search, overrides_with
from aeaug.writing import write_whole

__all__ = ["option_file", "write_option_file"]

NOT_FOUND = ("trainer", "name", "evaluation.test")
"""What is typed, and not part of what was found, besides what makes no other run."""

WHICH_IMAGES = ("data.root", "data.unusable")
"""What makes no other run of the same images, and without which they are not found."""


def option_file(search: Search, arm: str) -> Path:
    """Where it is."""
    return search.folder / "experiment" / f"{arm}.yaml"


def write_option_file(search: Search, found: Found) -> Path:
    """Write it, with all that the trials had in common: it makes the run that the best trial made, with other seeds."""
    assert found.best is not None
    typed = [one for one in search.typed(found.arm) if not _of_a_machine(one)]
    text = option_text(
        [*typed, *overrides_with(found.best.values)],
        {"name": search.name, "variant": found.arm},
        list(_head(search, found, found.best)),
    )
    file = option_file(search, found.arm)
    write_whole(file, text)
    return file


def _of_a_machine(override: str) -> bool:
    key = override.lstrip("+").partition("=")[0]
    return key in NOT_FOUND or (makes_no_other(key) and key not in WHICH_IMAGES)


def _head(search: Search, found: Found, best: Best) -> Iterator[str]:
    seeds = ", ".join(
        f"{seed}: {'diverged' if value is None else f'{value:,.1f}'}" for seed, value in best.seeds.items()
    )
    floor = "" if best.floor is None else f"; another real sample has {best.floor:,.1f}"
    ends = f"{found.complete} complete, {found.pruned} pruned, {found.diverged} of the complete ones diverged"
    yield f"Found by: {search.command()}"
    yield f"Validation FD {best.value:,.1f}, the median of seeds {seeds}{floor}."
    yield f"Trial {best.number} (the first is 0), the best of {found.done} of {found.asked}: {ends}."
    yield from best.ends
    yield "The test set was not looked at."
    path = f"'hydra.searchpath=[file://{search.folder.resolve()}]'"
    yield f"Use: {command('train')} experiment={shown(found.arm)} {path}"
