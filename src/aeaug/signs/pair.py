"""Numbers of the pair that a run trained, as it ended."""

from collections.abc import Callable

import torch
from torch import Tensor

from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.features import extract
from aeaug.evaluation.leak import LeakInstrument
from aeaug.evaluation.metrics.histogram import class_histogram, kl_to_uniform
from aeaug.gan.penalties.r1 import squared_gradients
from aeaug.gan.seen import Discriminator
from aeaug.randomness import generator
from aeaug.signs.finished import Finished

__all__ = [
    "class_kl",
    "decoded_over_generated",
    "leaked",
    "off_slope_1",
    "real_over_generated",
    "squared_slope",
    "steepest",
    "steepest_of",
]

SAMPLES = 1_000
PAIRED = 300  # images, each with each


def squared_slope(images: Callable[[Finished], Tensor]) -> Callable[[Finished], float]:
    """E‖∇D(x)‖² at ``images`` of the run."""
    return lambda run: float(squared_gradients(run.module.judge, images(run)).detach().mean())


def off_slope_1(run: Finished) -> float:
    """How far the mean of ‖∇D(x̂)‖ is from 1, with x̂ between training and generated images."""
    generated = run.generated
    draw = generator(run.options.seed, "signs: between")
    real = run.train[torch.randint(len(run.train), (len(generated),), generator=draw)]
    between = torch.lerp(generated, real, torch.rand(len(real), 1, 1, 1, generator=draw))
    return abs(float(squared_gradients(run.module.judge, between).detach().sqrt().mean()) - 1)


def steepest_of(discriminator: Discriminator, images: Tensor) -> float:
    """The largest slope that is found: |D(x) − D(y)| / ‖x − y‖ of every two of ``images: (N, C, H, W)`` that are not
    the same, and ‖∇D(x)‖ at each. No Lipschitz constant is smaller."""
    gradients = squared_gradients(discriminator, images).detach().sqrt().max()
    with torch.no_grad():
        logits = discriminator(images).double()
    first, second = torch.triu_indices(len(images), len(images), 1)
    flat = images.flatten(1).double()
    distances = (flat[first] - flat[second]).norm(dim=1)
    apart = distances > 0
    slopes = (logits[first] - logits[second]).abs()[apart] / distances[apart]
    return max(float(gradients), float(slopes.max()))


def steepest(run: Finished) -> float:
    """The same, of training and generated images."""
    return steepest_of(run.module.judge, torch.cat([run.train[:PAIRED], run.generated[:PAIRED]]))


def class_kl(run: Finished) -> float:
    """KL of the averaged generator's classes to the even ones, in nats."""
    net, _ = load_feature_nets(run.fed.description)["classifier"]
    return kl_to_uniform(class_histogram(extract(_averaged(run), net).logits))


def leaked(run: Finished) -> float:
    """The share of images of the averaged generator that are taken for decoded ones, by the instrument of a test."""
    net, sha256 = load_feature_nets(run.fed.description)["classifier"]
    made, steps = run.autoencoder, run.options.evaluation.classifier_steps
    instrument = LeakInstrument(made.module, made.key, run.fed, net, sha256, run.options.seed, steps)
    images = _averaged(run)
    return instrument(images, extract(images, net))["share_generated"]


def _averaged(run: Finished) -> Tensor:
    return run.module.sample(SAMPLES, run.options.seed, "signs of life")


@torch.no_grad()
def real_over_generated(run: Finished) -> float:
    """The share of pairs, of a training and a generated image, in which the real one looks more real."""
    real, generated = run.module.judge(run.train), run.module.judge(run.generated)
    return float((real[:, None] > generated[None]).double().mean())


@torch.no_grad()
def decoded_over_generated(run: Finished) -> float:
    """D(decoded) − D(generated)."""
    return float(run.module.judge(run.decoded).mean() - run.module.judge(run.generated).mean())
