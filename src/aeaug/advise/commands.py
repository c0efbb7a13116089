"""The sweeps of an advice, as the overrides of ``scripts/train.py -m``: candidates that fit into one sweep share it."""

from collections.abc import Iterator, Sequence

from aeaug.advise.asked import Advice
from aeaug.advise.claim import typed_claim
from aeaug.advise.kept import Kept
from aeaug.run.claims import Claim

__all__ = ["measuring", "tuning"]


def tuning(advice: Advice, found: Kept) -> Iterator[list[str]]:
    """None and all candidates on the tuning seeds."""
    plain = [one[0].removeprefix("arm=") for one in advice.candidates if len(one) == 1]
    weights = [one[1].partition("=")[2] for one in advice.candidates if _is_weight(one)]
    grids = [[f"arm={','.join(['none', *plain])}"]]
    grids += [["arm=none", f"gan.r1_gamma={','.join(weights)}"]] * bool(weights)
    grids += [list(one) for one in advice.candidates if len(one) > 1 and not _is_weight(one)]
    given = advice.given(advice.tuning, found.images)
    for grid in grids:
        yield [*given, *grid, _seeds(advice.options.tuning_seeds)]


def measuring(advice: Advice, found: Kept, claim: Claim) -> Iterator[list[str]]:
    """None and what was chosen, on the seeds from 0."""
    assert found.chosen is not None
    chosen = advice.candidates[found.chosen]
    if len(chosen) == 1:
        grids = [[f"arm=none,{chosen[0].removeprefix('arm=')}"]]
    elif _is_weight(chosen):
        own = advice.plain.gan.r1_gamma
        grids = [["arm=none", f"gan.r1_gamma={own:g},{chosen[1].partition('=')[2]}"]]
    else:
        grids = [["arm=none"], list(chosen)]
    given = advice.given(advice.name, found.images)
    for grid in grids:
        yield [*given, *grid, _seeds(range(found.pairs)), typed_claim(claim)]


def _is_weight(candidate: Sequence[str]) -> bool:
    return len(candidate) == 2 and candidate[1].startswith("gan.r1_gamma=")


def _seeds(seeds: Sequence[int]) -> str:
    return f"seed={','.join(map(str, seeds))}"
