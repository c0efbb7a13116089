"""An advice as it was asked for: from what is typed to the options of its runs, checked before any work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aeaug.advise.options import READINGS, AdviseOptions, parse_advise
from aeaug.options import require_folder_name
from aeaug.run.folders import run_path
from aeaug.run.options import RunOptions, is_unused, unused
from aeaug.run.variant import arm_name
from aeaug.sweep.composition.command_line import flags, without_its_sign
from aeaug.sweep.composition.composing import composed
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.overrides import key_of, quoted
from aeaug.sweep.composition.shared import Shared
from aeaug.sweep.composition.used import require_used
from aeaug.sweep.launchers import elsewhere, fitting, jobs_at_once, require_launcher, threads_each
from aeaug.sweep.plan.typed import common_of, jobs_of, values_of

__all__ = ["NONE", "Advice", "Candidate", "asked", "is_weight", "short"]

OURS: tuple[str, ...] = (
    "seed",
    "variant",
    "claims",
    "arm",
    "augmentation",
    "budget.images",
    "budget.images_per_epoch",
    "budget.extend",
)
OURS += ("budget.match", "evaluation.test", "data.subset_seed", "exploratory", "debug")
"""What an advice sets itself."""


Candidate = tuple[str, ...]

NONE: Candidate = ("arm=none",)


@dataclass(frozen=True)
class Advice:
    """``base``: the overrides that all runs have, of a user's own images with what those are, so that every run is
    refused other ones; ``hydras``: those of Hydra's own options. ``plain``: a run of none.
    ``candidates``: what may be chosen, each as the overrides that make it of ``base``. ``idle``: by these, and by
    whether the test set is looked at, the overrides of ``base`` that they have no use for. ``launcher``: jobs at once,
    and threads of each. ``workers``: those of the jobs at once that do not wait for each other, for want of cores."""

    options: AdviseOptions
    name: str
    outputs: Path
    base: tuple[str, ...]
    hydras: tuple[str, ...]
    plain: RunOptions
    candidates: tuple[Candidate, ...]
    idle: Mapping[tuple[Candidate, bool], frozenset[str]]
    launcher: tuple[int, int]
    workers: int

    @property
    def tuning(self) -> str:
        """The name of the experiment in which one is chosen."""
        return f"{self.name}_tuning"

    def folder(self, name: str) -> Path:
        """Of an experiment's runs."""
        return self.outputs / "runs" / name

    def given(self, name: str, images: int, candidates: Sequence[Candidate] | None = None) -> list[str]:
        """The overrides that all runs of an experiment have in common, or those of them that some of the ``candidates``
        have a use for: others would be refused."""
        test = name != self.tuning
        base = [one for one in self.base if candidates is None or not self._is_idle(one, candidates, test)]
        budget = [f"budget.images={images}", f"budget.images_per_epoch={images // READINGS}"]
        return [*base, f"name={name}", *budget, *["evaluation.test=false"] * (not test)]

    def _is_idle(self, override: str, candidates: Sequence[Candidate], test: bool) -> bool:
        return all(override in self.idle[candidate, test] for candidate in candidates)

    def probe(self, candidate: Candidate, outputs: Path, images: int, seed: int, *, test: bool) -> RunOptions:
        """A run of two readings, with other ``outputs``; a user's own images are decoded already."""
        budget = [f"budget.images={images}", f"budget.images_per_epoch={images // 2}"]
        given = [*self.base, *candidate, *budget, f"seed={seed}", "trainer.progress=false"]
        if (cache := getattr(self.plain.data, "cache", None)) is not None:
            given.append(f"data.cache={quoted(cache)}")
        return composed([*given, f"evaluation.test={str(test).lower()}", f"outputs='{outputs}'"], self.hydras)

    def shared(self, name: str, images: int) -> Shared:
        """What the runs of an experiment have in common, and no name of an arm says."""
        return Shared(constants=common_of(self.given(name, images), self.hydras), threads=self.launcher[1])

    def runs(self, name: str, candidate: Candidate, seeds: Sequence[int], images: int) -> dict[Path, RunOptions]:
        """The checked options of the runs of one candidate, by their folders. Raises ``ValueError``."""
        return jobs_of(
            [*self.given(name, images, [candidate]), *candidate, f"seed={','.join(map(str, seeds))}"], self.hydras
        )

    def arm(self, name: str, candidate: Candidate, seed: int, images: int) -> str:
        """What a candidate is called there."""
        (options,) = self.runs(name, candidate, [seed], images).values()
        return arm_name(options.variant)


def asked(arguments: Sequence[str]) -> tuple[Advice, bool]:
    """The advice that the command line ``arguments`` ask for, in Hydra's grammar, and whether only its plan is. Nothing
    is trained, and nothing written. Raises ``ValueError``, a line for each thing that is wrong."""
    overrides = list(map(without_its_sign, flags().parse_args(list(arguments)).overrides))
    hydras = tuple(one for one in overrides if one.lstrip("+~").startswith(("hydra.", "hydra/")))
    typed = [one for one in overrides if one not in hydras]
    if lines := [f"{one}: an advice sets it itself" for one in typed if key_of(one) in OURS]:
        raise ValueError("\n".join(lines))
    launcher = values_of("hydra.launcher", typed, hydras)
    require_launcher(launcher)
    options = parse_advise(values_of("advise", typed, hydras))
    name, outputs, dry_run = (values_of(key, typed, hydras) for key in ("name", "outputs", "dry_run"))
    base = tuple(one for one in typed if key_of(one).partition(".")[0] not in ("advise", "dry_run", "name"))
    seed = f"seed={options.tuning_seeds[0]}"
    plain = composed([*base, *NONE, seed], hydras)
    require_folder_name("name", f"{name}_tuning")
    if plain.gan.r1_gamma is None:
        raise ValueError("gan.r1_gamma=null: give the weight of R1 that none has")
    options = options.without(plain.gan.r1_gamma)
    weights = [(*NONE, f"gan.r1_gamma={short(weight)}") for weight in options.weights]
    arms = [tuple(f"arm={arm}".split()) for arm in options.arms]
    if not (candidates := (*weights, *arms)):
        raise ValueError("advise.arms=[]: nothing to choose from; and no other weight of R1 in advise.weights")
    jobs = jobs_at_once(launcher) or 1, threads_each(launcher)
    workers = jobs[0] if elsewhere(launcher) else min(jobs[0], fitting())
    base = (*base, *_pinned(plain, base))
    runs = {NONE: composed([*base, *NONE, seed], hydras)} | {
        one: _composed(base, one, seed, hydras) for one in candidates
    }
    require_used(Job(run, base) for run in runs.values())
    for candidate in candidates:
        if run_path(runs[candidate]) == run_path(runs[NONE]):
            raise ValueError(f"{' '.join(candidate)}: it is what everything is compared with")
    idle = {(one, test): _idle(run, base, test) for one, run in runs.items() for test in (False, True)}
    advice = Advice(options, name, Path(outputs), base, hydras, runs[NONE], candidates, idle, jobs, workers)
    for images in options.images:  # each is right
        advice.runs(name, NONE, [0], images)
    return advice, bool(dry_run)


def _pinned(plain: RunOptions, base: Sequence[str]) -> list[str]:
    """The override that refuses other images than those of ``plain``, where they may change: what is chosen by some
    would else be measured on others."""
    content = getattr(plain.data, "content", None)
    typed = any(key_of(one) == "data.content" for one in base)
    return [] if content is None else [one for one in (f"data.content='{content}'",) if not typed]


def _composed(base: Sequence[str], candidate: Candidate, seed: str, hydras: Sequence[str]) -> RunOptions:
    try:
        return composed([*base, *candidate, seed], hydras)
    except ValueError as error:
        raise ValueError("\n".join(f"{' '.join(candidate)}: {line}" for line in str(error).splitlines())) from None


def _idle(run: RunOptions, base: Sequence[str], test: bool) -> frozenset[str]:
    """The overrides of ``base`` that ``run`` has no use for, measured on the test set or not."""
    reasons = unused(run.model_copy(update={"evaluation": run.evaluation.model_copy(update={"test": test})}))
    return frozenset(one for one in base if is_unused(key_of(one), reasons))


def is_weight(candidate: Candidate) -> bool:
    """Whether it is none with another weight of R1, and nothing else: another arm may have a weight of its own."""
    return candidate[:1] == NONE and len(candidate) == 2 and candidate[1].startswith("gan.r1_gamma=")


def short(weight: float) -> str:
    """A weight as it is typed, and stands in an arm's name."""
    return str(int(weight) if weight.is_integer() else weight)
