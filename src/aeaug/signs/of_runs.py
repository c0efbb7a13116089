"""The signs of arms, by the experiment whose runs they are of: written before these were made."""

import math
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from aeaug.signs.finished import Finished
from aeaug.signs.pair import (
    class_kl,
    decoded_over_generated,
    leaked,
    off_slope_1,
    real_over_generated,
    squared_slope,
    steepest,
)
from aeaug.signs.readings import (
    Number,
    accepted,
    away,
    decoded,
    fell,
    first_distance,
    followed,
    gap,
    held,
    late,
    leak,
    learnt,
    off_target,
    overfitting,
    passes_beside,
    reach,
    real_beside,
    size_of_logits,
    synthetic_beside,
    synthetic_share,
)
from aeaug.signs.row import SEEDS, Row, rows_of

__all__ = ["OF_RUNS", "OfRuns", "rows_of_runs"]


class OfRuns(NamedTuple):
    """``what`` is to be seen of an ``arm``: a ``number`` that is lower, or ``higher``, than that of another arm, or
    than a number."""

    arm: str
    what: str
    number: Number
    higher: bool
    than: str | float

    @property
    def of(self) -> str:
        """The arm."""
        return self.arm

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table."""
        return f"arm={self.arm}", self.what, "higher" if self.higher else "lower", str(self.than)


# Of all images, half the mean of m / (1 + m) while the share m of the ratio 1 goes from 1 to 0, or from 0 to 1.
FADING = (
    ("linear", "until", (1 - math.log(2)) / 2),
    ("cosine", "until", (1 - math.sqrt(0.5)) / 2),
    ("step", "at", 0.25),
)

_LEAKS = "the autoencoder's smoothing leaks: leak share"
_GAP = "D(train) - D(validation)"
_REACH = "D(train) - D(generated)"
_AS_MANY = "as many real images are shown as without it: difference, of those"
_COMES = ("schedule.start=0", "schedule.end=1")
_BESIDES = "synthetic ones come besides: share beside 0.5"
_LESS = "less overfitting: r_v"


def _train(run: Finished) -> Tensor:
    return run.train


def _fake(run: Finished) -> Tensor:
    return run.generated


def _synthetic(run: Finished) -> Tensor:
    return run.decoded


def _beside_accepted(run: Finished) -> float:
    """With one draw an image, half of the images shown are places for synthetic ones."""
    return synthetic_beside(accepted(run) / 2)(run)


def _controlled(by: str, target: float) -> Iterator[OfRuns]:
    """Of weights of penalties, and rates of views and of the generator's images, that follow a signal, beside all of it
    all the time."""
    for whole, schedule, group, name in (
        ("none,gan.r1_gamma=100", "gan_r1_schedule", "R1", "r1"),
        ("lecam", "gan_penalty_schedule", "LeCam", "penalty"),
        ("none,gan.view.geometric.probability=0.8,gan_view=geometric", "gan_view_schedule", "the view", "view"),
        (
            "none,gan.pseudo.generated.probability=0.8,gan_pseudo=generated",
            "gan_pseudo_schedule",
            "deceiving",
            "pseudo",
        ),
    ):
        what = "weight" if name in ("r1", "penalty") else "rate"
        goes = f"the {what} goes as {by} is above {target} or below: share"
        arm = f"{whole},{schedule}={by}"
        yield OfRuns(arm, f"{group} holds {by} nearer to {target}: mean distance", away(by, target), False, whole)
        yield OfRuns(arm, goes, followed(name, target, 1.0, by=by), True, 0.8)
        yield _holds_its_own(arm, name, by, target)


def _holds_its_own(arm: str, controller: str, by: str, target: float) -> OfRuns:
    """What a ``controller`` goes by is a signal of images as it sees them, r_t through every view, or of those that are
    held out of the subset: that of a reading may be another."""
    return OfRuns(arm, f"its own {by} is held at {target}: mean distance", held(controller, target), False, 0.1)


_generated = late(lambda said: said["logit_generated"])


# 100 images, 76,800 shown, with a test at the end.
_TESTED = (
    OfRuns("append_gaussian", _LEAKS, leak, True, "none"),
    OfRuns("append_reconstruct", _LEAKS, leak, True, "none"),
    OfRuns("replace_gaussian", _LEAKS, leak, True, "none"),
    OfRuns("append_duplicates", "more of the same overfits more than more: r_v", overfitting, True, "append_fresh"),
    OfRuns("append_fresh", "more real images, less overfitting: r_v", overfitting, False, "none"),
    OfRuns("two_sided_gaussian", "less leaks than by appending: leak share", leak, False, "append_gaussian"),
    OfRuns("consistency_gaussian", _GAP, gap, False, "none"),
    OfRuns("bcr", _GAP, gap, False, "none"),
    OfRuns("consistency_gaussian,augmentation.weight=1", _GAP, gap, False, "none"),
    OfRuns("bcr,gan.penalty.bcr.weight=1", _GAP, gap, False, "none"),
    OfRuns("consistency_noise", _GAP, gap, False, "none"),
    OfRuns("two_sided_noise", f"the two lie closer: {_REACH}", reach, False, "none"),
    OfRuns("append_hard", "decoded images look less real: D(decoded)", decoded, False, "append_gaussian"),
    OfRuns("append_score", "what is shown looks more real: D(decoded)", decoded, True, "append_gaussian"),
    OfRuns("append_manifold", "some images are rejected: accepted", accepted, False, 0.9999),
    OfRuns("append_labels", "some images are rejected: accepted", accepted, False, 0.9999),
    *(
        OfRuns(
            f"append_gaussian,schedule.{key}=38400,schedule={name}",
            f"synthetic images end halfway: share beside {expected:.4f}",
            synthetic_beside(expected),
            False,
            0.01,
        )
        for name, key, expected in FADING
    ),
    *(
        OfRuns(
            ",".join(["append_gaussian", *sorted([f"schedule.{key}=38400", *_COMES]), f"schedule={name}"]),
            f"synthetic images come by halfway: share beside {0.25 + expected if key == 'until' else expected:.4f}",
            synthetic_beside(0.25 + expected if key == "until" else expected),
            False,
            0.01,
        )
        for name, key, expected in FADING
    ),
    OfRuns("append_gaussian,budget.match=real", _AS_MANY, real_beside(76_800), False, 0.001),
    OfRuns("append_gaussian,budget.match=real", _BESIDES, synthetic_beside(0.5), False, 0.01),
    OfRuns("diffaugment", _LESS, overfitting, False, "none"),
    OfRuns("ada", "r_t is held nearer to 0.6: distance", off_target, False, "none"),
    OfRuns("apa", "r_t is held nearer to 0.6: distance", off_target, False, "none"),
    OfRuns("lecam", f"logits lie closer: {_REACH}", reach, False, "none"),
    OfRuns("instance_noise", f"the two lie closer: {_REACH}", reach, False, "none"),
    OfRuns("spectral_norm", f"D is smooth: {_REACH}", reach, False, "none"),
    OfRuns("dropout", _LESS, overfitting, False, "none"),
    OfRuns("r3gan", "R1 and R2 keep D from overfitting: r_v", overfitting, False, "none"),
    OfRuns("wgan_gp", _LESS, overfitting, False, "none"),
)

# R1 is asked for at every eighth of 1,200 steps of 64 images, and, where it fades, in the first half alone.
_WITH_R1_TO_HALF = 1_200 * 3 * 64 + 75 * 64
_LEARNS = "the generator learns: FD at the end over that of the first reading"
_CLASSES = "it does not collapse: KL of its classes, of 2.3 at most"

# 100 images, 76,800 shown, nothing tested: of readings, of what was counted, and of the pair at the end.
_TRAINED = (
    *(
        one
        for name, key, _ in FADING
        for arm in (f"none,gan.r1_schedule.{key}=38400,gan_r1_schedule={name}",)
        for one in (
            OfRuns(arm, "R1 has faded: squared slope at training images", squared_slope(_train), True, "none"),
            OfRuns(arm, "no pass is for R1 any more: passes off those", passes_beside(_WITH_R1_TO_HALF), False, 1.0),
        )
    ),
    *(
        OfRuns(
            f"lecam,gan.penalty_schedule.{key}=38400,gan_penalty_schedule={name}",
            f"LeCam has faded: {_REACH}",
            reach,
            True,
            "lecam",
        )
        for name, key, _ in FADING
    ),
    OfRuns("none,gan_view=geometric", _LESS, overfitting, False, "none"),
    *(
        OfRuns(
            f"none,gan.view_schedule.{key}=38400,gan_view=geometric,gan_view_schedule={name}",
            "the view has gone, and D overfits: r_v",
            overfitting,
            True,
            "none,gan_view=geometric",
        )
        for name, key, _ in FADING
    ),
    OfRuns("none,gan_pseudo=generated", f"the two lie closer: {_REACH}", reach, False, "none"),
    OfRuns("none,gan_pseudo=generated", "a fifth is generated: share beside 0.2", synthetic_beside(0.2), False, 0.01),
    *(
        OfRuns(
            f"none,gan.pseudo_schedule.{key}=38400,gan_pseudo=generated,gan_pseudo_schedule={name}",
            f"generated ones end halfway: share beside {expected:.2f}",
            synthetic_beside(expected),
            False,
            0.01,
        )
        for name, key, expected in (("linear", "until", 0.05), ("cosine", "until", 0.05), ("step", "at", 0.1))
    ),
    *(
        OfRuns(f"none,gan_loss={loss}", _LEARNS, learnt, False, 0.5)
        for loss in ("minimax", "least_squares", "hinge", "relativistic")
    ),
    OfRuns("none,gan_loss=minimax", "sure of fakes, D teaches nothing: first FD", first_distance, True, "none"),
    OfRuns("none,gan_loss=minimax", "D is surer of fakes: D(generated)", _generated, False, "none"),
    OfRuns("none,gan_loss=least_squares", "logits are between its labels: size", size_of_logits, False, 1.1),
    OfRuns("none,gan_loss=hinge", f"no push beyond the margin: {_REACH}", reach, False, "none"),
    OfRuns("none,gan_loss=relativistic", "real over fake, pair by pair: share", real_over_generated, True, 0.75),
    OfRuns("none,gan_loss=relativistic", _CLASSES, class_kl, False, 0.5),
    OfRuns("r3gan", "R2: squared slope at generated images", squared_slope(_fake), False, "none,gan_loss=relativistic"),
    OfRuns("wgan_gp", _LEARNS, learnt, False, 0.5),
    OfRuns("wgan_gp", "the slope is held at 1: distance", off_slope_1, False, 0.3),
    OfRuns(
        "wgan_gp,gan.discriminator_steps=5",
        "a fifth of the generator's steps: passes off those",
        passes_beside(1_200 * 3 * 64 + 240 * 64),
        False,
        1.0,
    ),
    OfRuns("wgan_gp,gan.discriminator_steps=5", f"the critic is further ahead: {_REACH}", reach, True, "wgan_gp"),
    *(
        one
        for gan in ("resnet", "dcgan", "article")
        for one in (
            OfRuns(f"none,gan={gan}", _LEARNS, learnt, False, 0.5),
            OfRuns(f"none,gan={gan}", _CLASSES, class_kl, False, 0.5),
        )
    ),
    OfRuns(
        "append_gaussian,gan.r1_on=real",
        "R1 spares decoded images: squared slope at them",
        squared_slope(_synthetic),
        True,
        "append_gaussian",
    ),
    OfRuns(
        "append_gaussian,gan.r1_on=real",
        "R1 spares decoded images: D(decoded) - D(generated)",
        decoded_over_generated,
        True,
        "append_gaussian",
    ),
    OfRuns(
        "append_labels,filter.tries=1",
        "stand-ins count as real: share of synthetic ones",
        synthetic_share,
        False,
        "append_gaussian",
    ),
    OfRuns(
        "append_labels,filter.tries=1",
        "stand-ins count as real: share off half of what was accepted",
        _beside_accepted,
        False,
        0.001,
    ),
    *(
        one
        for way in ("append", "replace")
        for one in (
            OfRuns(f"{way}_consistency_gaussian,augmentation.weight=1", _GAP, gap, False, f"{way}_gaussian"),
            OfRuns(f"{way}_consistency_gaussian,augmentation.weight=1", _LEAKS, leaked, True, "none"),
        )
    ),
    OfRuns("two_sided_consistency_gaussian,augmentation.weight=1", _GAP, gap, False, "two_sided_gaussian"),
    *(
        one
        for arm, rate, most in (
            ("append_gaussian_r_v", "augmentation", 1.0),
            ("ada_r_v", "ada_r_v", 0.8),
            ("apa_r_v", "apa_r_v", 0.8),
        )
        for one in (
            OfRuns(arm, "r_v is held nearer to 0.5: mean distance", away("r_v", 0.5), False, "none"),
            OfRuns(arm, "the rate goes as r_v is above 0.5 or below: share", followed(rate, 0.5, most), True, 0.8),
            _holds_its_own(arm, rate, "r_v", 0.5),
        )
    ),
    *_controlled("r_v", 0.5),
    OfRuns("ada_r_v", "the rate falls too: share of times", fell("ada_r_v"), True, 0.05),
    OfRuns("spectral_norm", "D is 1-Lipschitz: largest slope found", steepest, False, 1.0),
    OfRuns("spectral_norm,gan.r1_gamma=0", "also without R1: largest slope found", steepest, False, 1.0),
    OfRuns("none,gan.r1_gamma=0", "without either it is not: largest slope found", steepest, True, 1.0),
)

# 100 images, 256,000 shown, nothing tested.
_LONG = (
    *(
        one
        for arm, rate in (("append_gaussian_r_t", "augmentation"), ("ada", "ada"), ("apa", "apa"))
        for one in (
            OfRuns(arm, "r_t is held nearer to 0.6: mean distance", away("r_t", 0.6), False, "none"),
            _holds_its_own(arm, rate, "r_t", 0.6),
        )
    ),
    *_controlled("r_t", 0.6),
)

OF_RUNS = {"signs": _TESTED, "signs_trained": _TRAINED, "signs_long": _LONG}
"""By the experiment, ``conf/experiment/<name>.yaml``, which lists the commands."""


def rows_of_runs(folder: Path) -> Iterator[Row]:
    """A row for each of :data:`OF_RUNS` whose runs are in ``folder``, finished, on every subset."""
    for experiment, signs in OF_RUNS.items():
        known: dict[str, list[Finished]] = {}
        for one in signs:
            try:
                for arm in (one.arm, one.than):
                    if isinstance(arm, str) and arm not in known:
                        known[arm] = [Finished(folder / experiment / arm / f"seed={seed}") for seed in SEEDS]
            except FileNotFoundError:
                continue
            yield from rows_of([one], partial(_number, known), experiment)


def _number(known: Mapping[str, list[Finished]], one: OfRuns, arm: str, place: int) -> float:
    return one.number(known[arm][place])
