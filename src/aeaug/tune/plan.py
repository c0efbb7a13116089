"""What a search would do, and how far it is, before anything is done."""

import optuna

from aeaug.tune.identity import require_same
from aeaug.tune.journal import journal
from aeaug.tune.search import Search

__all__ = ["plan_text"]


def plan_text(search: Search) -> str:
    """How many runs of how many images it takes, what every arm's trials differ in, and how many there are already.

    Raises ``ValueError`` in one line where another search has its name. Nothing is written.
    """
    require_same(search)
    options, arms = search.options, len(search.arms)
    runs = arms * options.trials * len(options.seeds)
    pruned = ", fewer where trials are pruned" * (options.pruning != "none")
    of_each = f"{options.trials:,} trials" + f" of each of {arms} arms" * (arms > 1)
    seeds = ", ".join(map(str, options.seeds))
    lines = [f"search {search.name}: {of_each}, a trial with seeds {seeds}: {runs:,} runs{pruned}"]
    there = _there(search)
    for arm in search.arms:
        values = {key: one.examples()[0] for key, one in search.parameters_of(arm).items()}
        run = search.run(arm, 0, values, options.seeds[0])
        size = "all training images" if run.data.n_train is None else f"{run.data.n_train:,} training images"
        trials = max(options.trials, there.get(arm, 0))
        begun = f"; {there[arm]:,} of {trials:,} trials are begun" if arm in there else ""
        lines.append(f"{arm}: {size}, {run.budget.images:,} images shown{begun}")
        lines += [f"  {key}: {one.words}" for key, one in search.parameters_of(arm).items()]
    return "\n".join([*lines, f"folder: {search.folder}"])


def _there(search: Search) -> dict[str, int]:
    """How many trials each arm has that has any."""
    if not search.journal.exists():
        return {}
    found = optuna.get_all_study_summaries(journal(search.journal))
    return {one.study_name: one.n_trials for one in found if one.n_trials}
