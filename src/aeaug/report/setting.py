"""What all runs of a report share: data, work, measure, machine."""

from collections.abc import Iterable

from aeaug.report.collect import Experiment, Group
from aeaug.report.table import number

__all__ = ["setting"]


def setting(experiment: Experiment) -> Iterable[tuple[str, str]]:
    """Pairs of a label and what is so for every run, as far as their files say."""
    results = [run.results for run in experiment.runs if run.results is not None]
    statuses = [run.status for run in experiment.runs if run.status is not None]
    if results:
        data, budget = results[0].data, results[0].budget
        yield "data", f"{data.name}, {number(data.n_test)} test images, SHA-256 {data.sha256[:12]}…"
        yield "training images", "; ".join(_training(group) for group in experiment.groups)
        epochs = budget.images / budget.images_per_epoch
        yield (
            "budget",
            (
                f"{number(budget.images)} images shown to the discriminator in every run: {epochs:g} epochs"
                f" of {number(budget.images_per_epoch)}, batches of {budget.batch_size}"
            ),
        )
        if tested := next((r.test for r in results if r.test is not None), None):
            yield (
                "evaluated",
                f"{number(tested.n)} generated images a run, from the EMA generator at the end of the budget",
            )
        yield "feature net", f"SHA-256 {results[0].feature_net[:12]}…, the project's own (its FD is no FID)"
    yield "seeds", ", ".join(map(str, sorted({run.seed for run in experiment.runs})))
    if statuses:
        yield (
            "device",
            "; ".join(sorted({status.device for status in statuses if status.device})) or "not recorded",
        )
        versions = sorted(
            {", ".join(f"{k} {v}" for k, v in sorted(s.versions.items())) for s in statuses if s.versions}
        )
        yield "versions", " — but also: ".join(versions) or "not recorded"
        if ends := [status.finished for status in statuses if status.finished is not None]:
            first, last = min(ends), max(ends)
            days = f"{first:%Y-%m-%d}" + ("" if first.date() == last.date() else f" to {last:%Y-%m-%d}")
            yield "runs finished", days


def _training(group: Group) -> str:
    results = [run.results for arm in group.arms for run in arm.runs if run.results]
    if not results:
        return group.size
    subsets = {result.data.subset_sha256 for result in results}
    which = f"subset {min(subsets)[:12]}…" if len(subsets) == 1 else f"{len(subsets)} subsets, one a seed"
    return f"{number(results[0].data.n_train)} ({which}, the same in every arm)"
