"""The name of an arm, which is the name of its folder: what its overrides say it differs in."""

__all__ = ["variant_name"]

# Overrides that say where, when or which repetition, not what.
UNNAMED = {"experiment", "seed", "resume", "outputs", "name", "variant", "data.root", "trainer"}
UNNAMED |= {"trainer.progress", "trainer.threads"}


def variant_name(overrides: list[str]) -> str:
    """Name an arm after its command line's ``overrides``.

    ``["arm=append_gaussian", "data.n_train=100", "seed=1"]`` is ``append_gaussian,data.n_train=100``; no override that
    matters is ``default``.
    """
    named = [override.lstrip("+~") for override in overrides if not override.startswith("hydra")]
    named = [override for override in named if override.partition("=")[0] not in UNNAMED]
    named.sort(key=lambda override: (not override.startswith("arm="), override))
    return ",".join(override.removeprefix("arm=").replace("/", "_") for override in named) or "default"
