"""Optuna's own figures of a search, as Plotly draws them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
import plotly.io
import plotly.offline
from optuna import visualization
from optuna.trial import TrialState

from aeaug.tune.search import Search

__all__ = ["Figure", "figures_of", "history", "script"]

FD = "validation FD, median of seeds"
FEWEST = 4  # complete trials, for importances


@dataclass(frozen=True)
class Figure:
    """``html``: a ``div``, which needs :func:`script` once in its page; ``caption``: how it is read."""

    title: str
    html: str
    caption: str


def script() -> str:
    """Plotly's own, whole: the page needs no other file."""
    return str(plotly.offline.get_plotlyjs())


def history(studies: Mapping[str, optuna.Study]) -> Figure | None:
    """All arms over their trials; None where no trial is complete."""
    shown = [study for study in studies.values() if _finite(study)]
    if not shown:
        return None
    drawn = visualization.plot_optimization_history(shown, target_name=FD)
    caption = "Every complete trial, and the best until then, of each arm. Diverged and pruned ones are left out."
    return _figure("Optimization history", drawn, caption, "history", y="log")


def figures_of(search: Search, arm: str, study: optuna.Study) -> Iterator[Figure]:
    """Those of one arm that its trials are enough for."""
    keys = list(search.parameters_of(arm))
    complete = _finite(study)
    if any(one.intermediate_values for one in study.get_trials(deepcopy=False)):
        seeds, readings = ", ".join(map(str, search.options.seeds)), search.readings[arm]
        yield _figure(
            "Intermediate values",
            visualization.plot_intermediate_values(study),
            f"The validation curves: {readings} readings of each seed, one seed after another ({seeds}). "
            "One that ends early was pruned, or its run diverged.",
            f"{arm}-intermediate",
            y="log",
        )
    if not complete:
        return
    caption = "Each complete trial by the value of one parameter."
    yield _figure("Slice", visualization.plot_slice(study, keys, target_name=FD), caption, f"{arm}-slice", y="log")
    if len(keys) > 1:
        caption = "A line is a complete trial; drag along an axis to keep those that cross it there."
        drawn = visualization.plot_parallel_coordinate(study, keys, target_name=FD)
        yield _figure("Parallel coordinates", drawn, caption, f"{arm}-parallel")
    if (drawn := _importances(study, keys)) is not None:
        caption = (
            "Which share of the variance of FD over the space each parameter accounts for, by a forest that is fitted "
            "to the trials: of few of them, a guess."
        )
        yield _figure("Importances", drawn, caption, f"{arm}-importances")


def _finite(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return [one for one in complete if one.value is not None and math.isfinite(one.value)]


def _importances(study: optuna.Study, keys: Sequence[str]) -> Any:
    """None where there is nothing to compare, or too few trials for it."""
    complete = _finite(study)
    if len(keys) < 2 or len(complete) < FEWEST or len({one.value for one in complete}) < 2:
        return None
    return visualization.plot_param_importances(study, target_name=FD)


def _figure(title: str, drawn: Any, caption: str, key: str, y: str | None = None) -> Figure:
    drawn.update_layout(title=None, margin={"t": 30, "b": 60}, template="plotly_white", height=380, width=None)
    if y == "log":
        drawn.update_yaxes(type="log")
    html = plotly.io.to_html(
        drawn, include_plotlyjs=False, full_html=False, div_id=key, config={"displaylogo": False, "responsive": True}
    )
    return Figure(title, html, caption)
