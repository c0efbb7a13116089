"""The one claim of an advice: that what was chosen brings images closer to real ones than none does."""

import json
import re
from typing import Any

from aeaug.advise.asked import NONE, Advice
from aeaug.advise.features import distance_of
from aeaug.advise.kept import Kept
from aeaug.run.claims import Claim
from aeaug.sweep.composition.overrides import quoted

__all__ = ["claim_of", "typed_claim"]


def claim_of(advice: Advice, found: Kept) -> Claim:
    """That of the candidate which was chosen."""
    assert found.chosen is not None
    name, candidate = advice.name, advice.candidates[found.chosen]
    treatment, control = (advice.arm(name, one, 0, found.images) for one in (candidate, NONE))
    title = advice.plain.data.of.title
    return Claim(
        statement=f"{treatment} brings this GAN's images closer to those of {title} than {control} does.",
        metric=distance_of(advice),
        space=advice.plain.spaces[0],
        sizes=(advice.plain.data.n_train,),
        direction="lower",
        treatment=treatment,
        control=control,
        smallest_effect=advice.options.smallest_effect,
        seeds=found.pairs,
        chosen_among=found.tried,
    )


def typed_claim(claim: Claim) -> str:
    """As it is typed, in Hydra's grammar."""
    return f"claims=[{_word(claim.model_dump(mode='json', exclude_defaults=True))}]"


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_word(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_word, value)) + "]"
    return quoted(_literal(value)) if isinstance(value, str) else json.dumps(value)


def _literal(text: str) -> str:
    """``text`` so that OmegaConf looks up no ``${…}`` in it: a folder may be called so."""
    return re.sub(r"(\\*)\$\{", lambda found: 2 * found[1] + r"\${", text)
