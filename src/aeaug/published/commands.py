"""The command that makes the runs of one claim again."""

from aeaug.published.recipe import Recipe
from aeaug.run.claims import Claim
from aeaug.sweep.overrides import word

__all__ = ["command_lines", "sweeps_of", "typed_arm"]


def sweeps_of(recipe: Recipe, claim: Claim) -> tuple[tuple[str, ...], ...]:
    """The overrides of each sweep that makes the runs of ``claim``, at its sizes, of as many seeds as the experiment's
    file has: one, unless its two arms differ in more than the value of one key."""
    control, treatment = typed_arm(claim.control), typed_arm(claim.treatment)
    differing = [key for key in control | treatment if control.get(key) != treatment.get(key)]
    arms = [control, treatment]
    if len(differing) == 1:
        key = differing[0]
        values = [arm.get(key) or recipe.untyped(key) for arm in arms]
        if None not in values:
            arms = [control | {key: ",".join(map(str, values))}]
    sizes = {"data.n_train": ",".join(map(word, claim.sizes or recipe.sizes))}
    every = [{key: value for key, value in (arm | sizes).items() if not _swept(recipe, key, value)} for arm in arms]
    return tuple((f"experiment={recipe.name}", *(f"{key}={value}" for key, value in typed.items())) for typed in every)


def command_lines(recipe: Recipe, claim: Claim) -> list[str]:
    """The same as they are typed."""
    return [f"python scripts/train.py -m {' '.join(overrides)}" for overrides in sweeps_of(recipe, claim)]


def typed_arm(arm: str) -> dict[str, str]:
    """The overrides that make an arm, by its name: ``{arm: append_gaussian, autoencoder: pca}`` of
    ``append_gaussian,autoencoder=pca``."""
    parts = [part.partition("=") for part in arm.split(",")]
    return {key if equals else "arm": value if equals else key for key, equals, value in parts}


def _swept(recipe: Recipe, key: str, value: str) -> bool:
    """Whether the file itself has these values."""
    own = ",".join(map(word, recipe.sizes)) if key == "data.n_train" else recipe.swept.get(key, "")
    return set(own.split(",")) == set(value.split(","))
