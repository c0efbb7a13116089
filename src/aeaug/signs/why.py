"""Why some signs were not seen: what was measured after them, of the same runs and sources."""

from functools import partial
from statistics import fmean, stdev

import torch
from torch import Tensor

from aeaug.augmentation.sources import Source
from aeaug.data import to_float
from aeaug.gan.controllers.r_v import gaps
from aeaug.gan.views import seen_through
from aeaug.randomness import generator
from aeaug.signs.finished import Finished

__all__ = ["held_out_r_v", "spread_of_dose", "through_views"]

DRAWS = 20
CHANGED = 1e-3  # of a pixel: more than resampling a picture onto its own pixels makes


@torch.no_grad()
def through_views(run: Finished) -> dict[str, float]:
    """At the end: ``rate``, the p of its view, ``raw``, r_t of the training images, ``seen``, that of them as the
    discriminator sees them, and ``changed``, the share of those that some transform changes."""
    module, images = run.module, run.train
    seen, changed = [], []
    for place in range(DRAWS):
        through = seen_through(module.views, images, partial(_draw, run, place), "signs: seen", module.images_seen)
        seen.append(_r_t(run, through))
        changed.append(float(((through - images).abs().flatten(1).amax(1) > CHANGED).double().mean()))
    (rate,) = module.watch.rates.values()
    return {"rate": rate, "raw": _r_t(run, images), "seen": fmean(seen), "changed": fmean(changed)}


def _draw(run: Finished, place: int, purpose: str) -> torch.Generator:
    return generator(run.options.seed, purpose, place)


def _r_t(run: Finished, images: Tensor) -> float:
    return float(run.module.judge(images).sign().mean())


@torch.no_grad()
def held_out_r_v(run: Finished) -> dict[str, float]:
    """At the end: r_v of the images ``held_out``, by which a controller goes, with its standard ``error`` by their
    number, and of the ``validation`` slice."""
    judge = run.module.judge
    held_out, validation = judge(to_float(run.fed.held_out_images)), judge(to_float(run.fed.splits.val_images))
    train, generated = judge(run.train), judge(run.generated)
    found = {}
    for name, logits in (("held_out", held_out), ("validation", validation)):
        above, gap = gaps(train.double(), logits.double(), generated.double()).tolist()
        found[name] = above / gap if gap else float("nan")
    gap = float(train.double().mean() - generated.double().mean())
    return {**found, "error": float(validation.double().std()) / len(held_out) ** 0.5 / gap}


def spread_of_dose(source: Source, seed: int) -> float:
    """The standard deviation of its dose from one draw of every image to the next, of the mean."""
    everyone, draw = torch.arange(len(source.images)), generator(seed, "signs: draws of a dose", device=source.device)
    real = source.real(everyone)
    doses = [float((source(everyone, draw) - real).square().mean()) for _ in range(DRAWS)]
    return stdev(doses) / fmean(doses)
