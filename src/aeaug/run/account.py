"""What ``metrics.json`` says of a run besides what was measured: its data, feature nets and budget, and its work.

The work is counted where images are handed out and where the discriminator sees them, over all resumptions: it is what
arms are compared at.
"""

from typing import Any

from aeaug.data import MNISTDataModule
from aeaug.evaluation.features import SPACES
from aeaug.evaluation.kept import Nets, sha256_of
from aeaug.evaluation.spaces import saw_training_images
from aeaug.gan import GANModule
from aeaug.run.options import RunOptions

__all__ = ["account"]


def account(
    options: RunOptions, data: MNISTDataModule, fed: MNISTDataModule, nets: Nets, module: GANModule | None
) -> dict[str, Any]:
    """What can be said whether or not the run could be evaluated; ``fed``: what its GAN was trained on, of ``data``;
    ``module``: the GAN, None before there is one."""
    return {
        "name": options.name,
        "variant": options.variant,
        "seed": options.seed,
        "data": data.summary | _seen(options) | _held_out(fed),
        "feature_nets": sha256_of(nets),
        **({"num_features": _num_features(nets)} if tuple(nets) != SPACES else {}),
        "budget": options.budget.model_dump(),
        "work": _work(options, fed, module),
    }


def _seen(options: RunOptions) -> dict[str, int]:
    """Nets that were trained elsewhere, or not at all, have seen none of the training images."""
    return {} if saw_training_images(options.spaces) else {"net_seen": 0}


def _num_features(nets: Nets) -> dict[str, int]:
    """How many there are in each space, by which is told whether the images are enough for FD; of the package's two it
    is known."""
    return {space: net.num_features for space, (net, _) in nets.items()}


def _held_out(fed: MNISTDataModule) -> dict[str, int]:
    """Where images of the subset are held out, how many, and how many are left to be trained on."""
    count = len(fed.held_out_images)
    return {"held_out": count, "trained_on": len(fed.train_images)} if count else {}


def _work(options: RunOptions, fed: MNISTDataModule, module: GANModule | None) -> dict[str, int] | None:
    """How many images were shown: of which kind, and how often to the discriminator; where there is a filter, how many
    synthetic ones were drawn for it, and accepted."""
    shown = fed.shown
    if shown is None or module is None:
        return None
    synthetic = shown.synthetic + module.images_pseudo
    judged = {"drawn": shown.drawn, "accepted": shown.synthetic} if options.filter.name != "none" else {}
    return {
        "shown": shown.images,
        "real": shown.images - synthetic,
        "synthetic": synthetic,
        "discriminator": module.images_discriminated,
        **judged,
    }
