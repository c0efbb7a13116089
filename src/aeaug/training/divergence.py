r"""What it is that a training diverges: the one definition, for GANs and autoencoders.

A training has diverged where

1. *something is not finite*: a weight, a loss, or an image that a network makes (generated, decoded, reconstructed);
2. *a network has grown beyond its start*: the root mean square over all weights of a network, biases and gains of
   normalisation layers among them, :math:`\sqrt{\sum_i \theta_i^2 / n}`, is more than :data:`GROWTH` = 100 times what
   it was at initialisation;
3. *an autoencoder has unlearnt*: on images of its training subset, the loss of what its training keeps is above that of
   its untrained self. (On held-out images that can be overfitting.)

The start of 2 is measured where a module is built. A network's initial weights follow from its seed, so a resumed
training, or a module built from a checkpoint, measures the same, and no checkpoint holds it. The limit stands between
what was measured (docs/reliability.md): with ten times the default learning rates, weights grow to 23 times their size
at most over a whole budget; with 1e5 and more, beyond 100 times in the first step. Around 1 it depends: a network that
goes on moving passes 100 within some hundred steps, one that is saturated at once stays where it is, and has collapsed.

There is no rule for logits. Images lie in [-1, 1], so logits are bounded by the products of the weights, and within 2
large ones are no fault: a discriminator that wins has a loss of 0 and logits that keep growing, which is what the
minimax loss's vanishing gradient looks like. Such a GAN learns nothing; it has not diverged.

All of it is looked at where the numbers are read anyway, at log intervals and at the end of epochs, before anything is
measured and before a checkpoint is written; with several processes on means over them and on weights that they share,
so that all of them stop together.

What is wrong with an *input* is no divergence. Real images are bytes and cannot be anything but finite; options that
are not finite, or beyond their ranges, are refused before; and where an injected image is not finite, it is the
autoencoder that has diverged, which made it.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

__all__ = ["GROWTH", "Diverged", "require_finite", "require_learnt", "require_sound", "scale"]

GROWTH = 100.0


class Diverged(RuntimeError):
    """A training has diverged: in one line, which network, what of it, when. The run ends as diverged, with its last
    finite metrics, and is counted."""


@torch.no_grad()
def scale(network: nn.Module) -> Tensor:
    """The root mean square over all weights of ``network``: a scalar on its device, not finite where one of them is
    not (or is beyond 1e19). Nothing waits for the device."""
    weights = list(network.parameters())
    return nn.utils.get_total_norm(weights) / math.sqrt(sum(one.numel() for one in weights))


def require_sound(growth: Mapping[str, float], losses: Mapping[str, float], when: str) -> None:
    """Raise :class:`Diverged` where a network has grown more than :data:`GROWTH` times, or a number is not finite.

    ``growth``: by the network's name, its :func:`scale` over that at the start; ``losses``: by what they are of.
    """
    beside = ", ".join(f"{name} {value:.3g}" for name, value in losses.items())
    beside = f" ({beside})" if beside else ""
    if lost := [name for name, times in growth.items() if not math.isfinite(times)]:
        raise Diverged(f"weights of the {' and the '.join(lost)} are not finite {when}{beside}")
    for name, times in growth.items():
        if times > GROWTH:
            raise Diverged(
                f"the {name}'s weights have grown to {times:.3g} times their initial size, more than {GROWTH:g}, "
                f"{when}{beside}"
            )
    for name, value in losses.items():
        if not math.isfinite(value):
            raise Diverged(f"the {name} is not finite {when}{beside}")


def require_finite(images: Tensor, maker: str, when: str) -> Tensor:
    """Return ``images``, or raise :class:`Diverged`, naming their ``maker``, where some are not finite."""
    if not math.isfinite(images.sum()):  # a sum is one cheap pass; what is not finite in it stays so
        wrong = int((~images.isfinite()).flatten(1).any(1).sum())
        if wrong:
            raise Diverged(f"{wrong} of {len(images)} images that the {maker} made are not finite {when}")
    return images


def require_learnt(before: float, after: float, when: str) -> None:
    """Raise :class:`Diverged` where an autoencoder's loss on its training images is ``after`` training not at most
    what it was ``before``."""
    if not after <= before:
        raise Diverged(f"the autoencoder's training loss is {after:.3g} {when}, and was {before:.3g} untrained")
