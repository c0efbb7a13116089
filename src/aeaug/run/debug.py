"""``debug=true``: every stage of a run in small, in some 20 seconds, to see whether a change goes through.

The run is the one that was asked for, with its arm, networks and machine, on fewer images, for two epochs of a few
batches; a gate says what it measured and lets all pass, and a source that changes pixels by as much as decoding does is
as strong as it can be where that is not enough. Its numbers mean nothing: it lies in ``<outputs>/debug``, where no
report looks, is made anew every time, and states no claims.
"""

from pathlib import Path
from typing import Any

from aeaug.augmentation.gates import Gate
from aeaug.augmentation.requirements import unmet
from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.data.splits import Splits
from aeaug.run.options import RunOptions

__all__ = ["few", "in_small"]

IMAGES, EPOCHS, BATCHES, STEPS = 200, 2, 4, 20
MEASURED, UNSEEN = 500, 2_000  # images of the test set and the validation slice, and of others for floors
A_CHANNEL = 200  # of the former at least: two Gaussians of the features of each have to be fitted


def few(splits: Splits, channels: int = 1) -> Splits:
    """The first images of all that is measured on, whose features take most of the time: the more ``channels``, the
    more images Gaussians of their features need."""
    measured = max(MEASURED, A_CHANNEL * channels)
    return splits._replace(
        val_images=splits.val_images[:measured],
        val_labels=splits.val_labels[:measured],
        test_images=splits.test_images[:measured],
        test_labels=splits.test_labels[:measured],
        unseen_images=splits.unseen_images[:UNSEEN],
        unseen_pool_positions=splits.unseen_pool_positions[:UNSEEN],
    )


def in_small(options: RunOptions) -> RunOptions:
    """``options`` of a run that goes through every stage and does little in each. What is looked up by size or budget
    (``auto``, ``own``) stays what it is for the run in full."""
    data, budget, evaluation, trainer = options.data, options.budget, options.evaluation, options.trainer
    per_epoch = budget.batch_size * max(BATCHES, options.gan.discriminator_steps)
    epochs = 1 if trainer.fast_dev_run else EPOCHS  # Lightning ends after one
    images = _few_images(options)
    changes: dict[str, Any] = {
        "debug": True,
        "outputs": str(Path(options.outputs) / "debug"),
        "claims": (),
        "data": data.model_copy(update={"n_train": images}),
        "budget": budget.model_copy(
            update={"images_per_epoch": per_epoch, "images": epochs * per_epoch, "extend": None, "match": "shown"}
        ),
        "evaluation": evaluation.model_copy(update={"every": 1, "classifier_steps": STEPS, "floor_draws": 2}),
    }
    if isinstance(options.autoencoder, AutoencoderOptions) and options.autoencoder.steps is not None:
        steps = min(options.autoencoder.steps, STEPS)
        changes["autoencoder"] = options.autoencoder.model_copy(update={"steps": steps, "check_every": steps})
    if isinstance(options.gate, Gate):
        changes["gate"] = options.gate.model_copy(update={"bar": 1.0 if options.gate.lower else 0.0})
    return options.model_copy(update=changes)


def _few_images(options: RunOptions) -> int:
    """The size of the subset: of each class an image, and doubled until the perturbation has what it needs."""
    data = options.data
    images, most = min(max(IMAGES, data.of.classes), data.size_of_subset), data.size_of_subset
    classes = data.of.classes if data.balanced else None
    while images < most:
        codes = images - options.held_out(images)
        if not any(unmet(options.perturbation, options.autoencoder, codes, "", None, classes)):
            break
        images = min(2 * images, most)
    return images
