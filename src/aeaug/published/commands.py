"""The command that makes the runs of one claim again."""

from collections.abc import Mapping

from aeaug.published.recipe import Recipe
from aeaug.run.claims import Claim
from aeaug.run.variant import arm_name
from aeaug.sweep.composition.overrides import word
from aeaug.sweep.plan.announced import announced

__all__ = ["command_lines", "sweeps_of", "typed_arm"]

Overrides = tuple[str, ...]


def sweeps_of(recipe: Recipe, claim: Claim) -> tuple[Overrides, ...]:
    """The overrides of each sweep that makes the runs of ``claim``, at its sizes, of as many seeds as the experiment's
    file has: one, where one can vary a single key and makes no other runs than its two arms."""
    control, treatment = typed_arm(claim.control), typed_arm(claim.treatment)
    sizes = {"data.n_train": ",".join(map(word, claim.sizes or recipe.sizes))}
    two = (_sweep(recipe, control | sizes), _sweep(recipe, treatment | sizes))
    differing = [key for key in control | treatment if control.get(key) != treatment.get(key)]
    for key in differing:
        values = [arm.get(key) or recipe.untyped(key) for arm in (control, treatment)]
        if None in values:
            continue
        one = _sweep(recipe, control | treatment | {key: ",".join(map(str, values))} | sizes)
        if len(differing) == 1 or _makes(one) == _makes(*two):
            return (one,)
    return two


def _sweep(recipe: Recipe, typed: Mapping[str, str]) -> Overrides:
    given = [f"{key}={value}" for key, value in typed.items() if not _swept(recipe, key, value)]
    return (f"experiment={recipe.name}", *given)


def _makes(*sweeps: Overrides) -> set[tuple[str, int | None]] | None:
    """The arms that ``sweeps`` make, and at which sizes; None where they cannot be typed so."""
    try:
        runs = announced(tuple((*overrides, "seed=0") for overrides in sweeps))  # which is like every other
        return {(arm_name(run.variant), run.data.n_train) for run in runs}
    except ValueError:
        return None


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
