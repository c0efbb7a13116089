"""An advice as it was asked for: from what is typed to the options of its runs, checked before any work."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aeaug.advise.options import READINGS, AdviseOptions, parse_advise
from aeaug.options import require_folder_name
from aeaug.run.folder import run_path
from aeaug.run.options import RunOptions
from aeaug.run.variant import arm_name
from aeaug.sweep.command_line import flags
from aeaug.sweep.composing import composed
from aeaug.sweep.launchers import jobs_at_once, require_launcher, threads_each
from aeaug.sweep.overrides import key_of
from aeaug.sweep.shared import Shared
from aeaug.sweep.typed import common_of, jobs_of, values_of

__all__ = ["Advice", "asked"]

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


@dataclass(frozen=True)
class Advice:
    """``base``: the overrides that all runs have; ``hydras``: those of Hydra's own options. ``plain``: a run of none.
    ``candidates``: what may be chosen, each as the overrides that make it of ``base``. ``launcher``: jobs at once, and
    threads of each."""

    options: AdviseOptions
    name: str
    outputs: Path
    base: tuple[str, ...]
    hydras: tuple[str, ...]
    plain: RunOptions
    candidates: tuple[tuple[str, ...], ...]
    launcher: tuple[int, int]

    @property
    def tuning(self) -> str:
        """The name of the experiment in which one is chosen."""
        return f"{self.name}_tuning"

    def folder(self, name: str) -> Path:
        """Of an experiment's runs."""
        return self.outputs / "runs" / name

    def given(self, name: str, images: int) -> list[str]:
        """The overrides that all runs of an experiment have in common."""
        budget = [f"budget.images={images}", f"budget.images_per_epoch={images // READINGS}"]
        untested = ["evaluation.test=false"] if name == self.tuning else []
        return [*self.base, f"name={name}", *budget, *untested]

    def probe(self, candidate: Sequence[str], outputs: Path, images: int, seed: int, *, test: bool) -> RunOptions:
        """A run of two readings, with other ``outputs``."""
        budget = [f"budget.images={images}", f"budget.images_per_epoch={images // 2}"]
        given = [*self.base, *candidate, *budget, f"seed={seed}", "trainer.progress=false"]
        return composed([*given, f"evaluation.test={str(test).lower()}", f"outputs='{outputs}'"], self.hydras)

    def shared(self, name: str, images: int) -> Shared:
        """What the runs of an experiment have in common, and no name of an arm says."""
        return Shared(constants=common_of(self.given(name, images), self.hydras), threads=self.launcher[1])

    def runs(self, name: str, candidate: Sequence[str], seeds: Sequence[int], images: int) -> dict[Path, RunOptions]:
        """The checked options of the runs of one candidate, by their folders. Raises ``ValueError``."""
        return jobs_of([*self.given(name, images), *candidate, f"seed={','.join(map(str, seeds))}"], self.hydras)

    def arm(self, name: str, candidate: Sequence[str], seed: int, images: int) -> str:
        """What a candidate is called there."""
        (options,) = self.runs(name, candidate, [seed], images).values()
        return arm_name(options.variant)


def asked(arguments: Sequence[str]) -> tuple[Advice, bool]:
    """The advice that the command line ``arguments`` ask for, in Hydra's grammar, and whether only its plan is. Nothing
    is trained, and nothing written. Raises ``ValueError``, a line for each thing that is wrong."""
    overrides = flags().parse_args(list(arguments)).overrides
    hydras = tuple(one for one in overrides if one.lstrip("+~").startswith(("hydra.", "hydra/")))
    typed = [one for one in overrides if one not in hydras]
    if lines := [f"{one}: an advice sets it itself" for one in typed if key_of(one) in OURS]:
        raise ValueError("\n".join(lines))
    launcher = values_of("hydra.launcher", typed, hydras)
    require_launcher(launcher)
    options = parse_advise(values_of("advise", typed, hydras))
    name, outputs, dry_run = (values_of(key, typed, hydras) for key in ("name", "outputs", "dry_run"))
    base = tuple(one for one in typed if key_of(one).partition(".")[0] not in ("advise", "dry_run", "name"))
    plain = composed([*base, "arm=none", f"seed={options.tuning_seeds[0]}", "evaluation.test=false"], hydras)
    require_folder_name("name", f"{name}_tuning")
    if plain.gan.r1_gamma is None:
        raise ValueError("gan.r1_gamma=null: give the weight of R1 that none has")
    options = options.without(plain.gan.r1_gamma)
    weights = [("arm=none", f"gan.r1_gamma={_short(weight)}") for weight in options.weights]
    arms = [tuple(f"arm={arm}".split()) for arm in options.arms]
    if not (candidates := (*weights, *arms)):
        raise ValueError("advise.arms=[]: nothing to choose from; and no other weight of R1 in advise.weights")
    jobs = jobs_at_once(launcher), threads_each(launcher)
    advice = Advice(options, name, Path(outputs), base, hydras, plain, candidates, jobs)
    for candidate in candidates:  # each is right, and another than none
        _require_candidate(advice, candidate)
    for images in options.images:
        composed([*advice.given(name, images), "arm=none", "seed=0"], hydras)
    return advice, bool(dry_run)


def _require_candidate(advice: Advice, candidate: Sequence[str]) -> None:
    try:
        one = composed([*advice.base, *candidate, f"seed={advice.options.tuning_seeds[0]}"], advice.hydras)
    except ValueError as error:
        raise ValueError("\n".join(f"{' '.join(candidate)}: {line}" for line in str(error).splitlines())) from None
    if run_path(one) == run_path(advice.plain):
        raise ValueError(f"{' '.join(candidate)}: it is what everything is compared with")


def _short(weight: float) -> str:
    """As it is typed, and stands in an arm's name."""
    return str(int(weight) if weight.is_integer() else weight)
