"""From composed values to the options of a run: checked, and with the numbers that were left to be looked up."""

from collections.abc import Mapping
from typing import Any

from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.gan.tuned import LOOKED_UP, tuned_r1_gamma
from aeaug.options import flat, validated
from aeaug.run.options.consistency import faults
from aeaug.run.options.run import RunOptions
from aeaug.run.options.speed import with_speeds
from aeaug.run.options.unused import unused

__all__ = ["parse_options"]


def parse_options(values: Mapping[str, Any]) -> RunOptions:
    """Check ``values`` and return them typed, ``auto`` and ``own`` as the numbers that they stand for. The seed of a
    subset that is all images becomes the run's: by another the same run would lie in a second folder.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value.
    """
    gan = values.get("gan")
    own = isinstance(gan, Mapping) and gan.get("r1_gamma") == "own"
    options = validated(RunOptions, with_speeds(values))
    if wrong := list(faults(options)):
        raise ValueError("\n".join(wrong))
    return _looked_up(options, own)


def _looked_up(options: RunOptions, own: bool) -> RunOptions:
    """With the numbers that were left to be looked up, of what the run makes use of. All that is wrong is said."""
    n_train = options.data.size_of_subset
    found: dict[str, Any] = {}
    wrong = []
    if options.data.subset_seed != options.seed and "data.subset_seed" in unused(options):
        found["data"] = options.data.model_copy(update={"subset_seed": options.seed})
    encoder = options.autoencoder
    if isinstance(encoder, AutoencoderOptions) and encoder.steps is None and "autoencoder" not in unused(options):
        try:
            steps = chosen_steps(encoder, n_train, options.data.choice)
            found["autoencoder"] = encoder.model_copy(update={"steps": steps})
        except ValueError as error:
            wrong.append(str(error))
    if encoder.latent_dim is None:
        found["autoencoder"] = encoder.model_copy(update={"latent_dim": options.data.of.pixels})
    if options.gan.r1_gamma is None:
        try:
            found["gan"] = options.gan.model_copy(update={"r1_gamma": _tuned_gamma(options, n_train, own)})
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("\n".join(wrong))
    return options.model_copy(update=found)


def _tuned_gamma(options: RunOptions, n_train: int, own: bool) -> float:
    """The weight of the budget, and of the one to which the run is to go on."""
    values, budget = flat(options.model_dump()), options.budget
    gamma = tuned_r1_gamma(values, n_train, own)
    if budget.extend is not None:
        further = tuned_r1_gamma(values | {"budget.images": budget.extend}, n_train, own)
        if further != gamma:
            raise ValueError(
                f"gan.r1_gamma={LOOKED_UP[own]}: it is {gamma:g} for budget.images={budget.images} and {further:g} for "
                f"budget.extend={budget.extend}, and a run goes on with the weight that it began with; give the number"
            )
    return gamma
