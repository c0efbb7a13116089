"""The sweeps of an advice, as the overrides of ``scripts/train.py -m``: candidates that fit into one sweep share it."""

from collections.abc import Iterator, Sequence

from aeaug.advise.asked import NONE, Advice, is_weight, short
from aeaug.advise.claim import typed_claim
from aeaug.advise.kept import Kept
from aeaug.run.claims import Claim

__all__ = ["measuring", "tuning"]


def tuning(advice: Advice, found: Kept) -> Iterator[list[str]]:
    """None and all candidates on the tuning seeds."""
    plain = [one[0].removeprefix("arm=") for one in advice.candidates if len(one) == 1]
    weights = [one[1].partition("=")[2] for one in advice.candidates if is_weight(one)]
    several = [one for one in advice.candidates if len(one) == 1]
    grids = [([NONE, *several], [f"arm={','.join(['none', *plain])}"])]
    grids += [([NONE], ["arm=none", f"gan.r1_gamma={','.join(weights)}"])] * bool(weights)
    grids += [([one], list(one)) for one in advice.candidates if len(one) > 1 and not is_weight(one)]
    for candidates, grid in grids:
        given = advice.given(advice.tuning, found.images, candidates)
        yield [*given, *grid, _seeds(advice.options.tuning_seeds)]


def measuring(advice: Advice, found: Kept, claim: Claim) -> Iterator[list[str]]:
    """None and what was chosen, on the seeds from 0."""
    assert found.chosen is not None
    chosen = advice.candidates[found.chosen]
    if len(chosen) == 1:
        grids = [([NONE, chosen], [f"arm=none,{chosen[0].removeprefix('arm=')}"])]
    elif is_weight(chosen):
        own = advice.plain.gan.r1_gamma
        assert own is not None
        grids = [([NONE], ["arm=none", f"gan.r1_gamma={short(own)},{chosen[1].partition('=')[2]}"])]
    else:
        grids = [([NONE], list(NONE)), ([chosen], list(chosen))]
    for candidates, grid in grids:
        given = advice.given(advice.name, found.images, candidates)
        yield [*given, *grid, _seeds(range(found.pairs)), typed_claim(claim)]


def _seeds(seeds: Sequence[int]) -> str:
    return f"seed={','.join(map(str, seeds))}"
