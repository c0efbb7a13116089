"""The report's tables, before any markup: every arm with its floors in every metric, and what is paired by seed.

A number is the median over the runs that are done, with [smallest–largest] beside it. Which metrics there are, and in
which table each stands, is what they declare. A floor that is drawn several times has its standard deviation over draws
beside it, and × floor what that makes of it.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aeaug.evaluation.metric import Group as Subject
from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import FLOORS, NONE, amount, decimals, heading, number, percent, spread
from aeaug.report.arms import Arm, Group
from aeaug.report.comparison import Comparison, compare, reach
from aeaug.report.results import Results
from aeaug.report.stability import Stability, stability
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.run.claims import READINGS, SPACES
from aeaug.run.labels import uses_labels
from aeaug.run.metrics import IN_EVERY_SPACE, METRICS
from aeaug.run.records import RunRecord

__all__ = ["WORK", "Row", "Table", "autoencoder_table", "common_settings", "cost_table", "metrics_table",
           "paired_metrics_table", "paired_table", "readings_table", "runs_table", "settings_table", "stability_table",
           "untested"]  # fmt: skip

WORK = ("images_shown", "images_real", "discriminator_passes", "synthetic_share")
"""The readings of equal work."""

_STAGES = ("augmentation.", "perturbation.")
_FD = METRICS["frechet_distance"]


@dataclass(frozen=True)
class Row:
    """``kind``: arm, floor, or title, a single cell over the whole width."""

    cells: tuple[str, ...]
    kind: str = "arm"


@dataclass(frozen=True)
class Table:
    """Columns after the first hold numbers. ``remark``: what has to be known of all of them."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    remark: str = ""


def metrics_table(
    results: Results, of: Sequence[Subject | str], *, ratio: bool = False, only: Group | None = None
) -> Table | None:
    """Every arm with those metrics, named or of the subjects ``of``, that any run has, and the floors at the same
    sample size; of all groups or of one.

    ``ratio`` puts the multiple of the run's own real floor behind FD, and behind everything how many runs are done and
    diverged. None where nothing of it is measured.
    """
    metrics = [m for m in METRICS.values() if (m.group in of or m.key in of) and _measured(results, m)]
    if not metrics:
        return None
    columns = [heading(metric) for metric in metrics]
    if ratio:
        columns = [*columns[:1], "× floor ↓", *columns[1:], "done", "diverged"]
    fine = _fine(results)
    rows: list[Row] = []
    for group in results.groups if only is None else [only]:
        rows += _title(results, group) if only is None else []
        for arm in group.arms:
            cells = [cell for metric in metrics for cell in _cells([arm], metric, None, fine, ratio)]
            cells += [f"{arm.count('done')} of {len(arm.runs)}", str(arm.count("diverged"))] if ratio else []
            rows.append(Row((arm.name, *cells)))
        for name, arms, label in _floors(group, metrics):
            cells = [cell for metric in metrics for cell in _cells(arms, metric, name, fine, ratio)]
            rows.append(Row((label, *cells, *["", ""] * ratio), "floor"))
    return Table(("arm", *columns), tuple(rows), _seen(results))


def readings_table(results: Results) -> Table | None:
    """Every arm at every reading, in every feature space: the distances that are measured in all of them, with FD's
    multiple of its floor, and when the best reading was. None before any run has the numbers of another reading."""
    if not any(run.of(_FD, reading="best") is not None for run in results.runs):
        return None
    metrics = [METRICS[key] for key in IN_EVERY_SPACE]
    columns = [f"{heading(metric)}, {SPACES[space]}" for space in SPACES for metric in metrics]
    columns = [text for name in columns for text in ([name, "× floor ↓"] if name.startswith(_FD.label) else [name])]
    rows: list[Row] = []
    for group in results.groups:
        rows += _title(results, group)
        for arm in group.arms:
            for reading, words in READINGS.items():
                cells = []
                for space in SPACES:
                    for metric in metrics:
                        values = arm.values(metric, None, reading, space)
                        places = decimals(values) if metric.in_fd or metric is _FD else metric.decimals
                        cells += [spread(values, places)]
                        cells += [_over_floor(arm.runs, reading, space)] if metric is _FD else []
                stops = [n for run in arm.runs if (n := run.numbers.get(("generated", "images", reading, "")))]
                rows.append(Row((f"{arm.name}, {words}", *cells, spread(stops, 0))))
    return Table(("arm", *columns, "images shown by then"), tuple(rows), _seen(results))


def cost_table(results: Results) -> Table | None:
    """Seconds, memory, parameters: all of the cost but the readings of equal work."""
    keys = [metric.key for metric in METRICS.values() if metric.group == "cost" and metric.key not in WORK]
    return metrics_table(results, keys)


def untested(results: Results) -> str:
    """That runs never looked at the test set, in a sentence; empty where none did so."""
    done = [run for run in results.runs if run.state == "done"]
    count = sum(_untested(run) for run in done)
    which = "" if count == len(done) else f"In {count} of {len(done)} runs: "
    said = "nothing was measured on the test set (evaluation.test=false), there is the validation curve alone."
    return f"{which or 'N'}{said if which else said[1:]}" * bool(count)


def paired_table(results: Results) -> Table | None:
    """Each treatment against its control: change of FD over pairs, with what certainty there is."""
    columns = (
        "arm",
        "against",
        "pairs",
        "mean change",
        "95% interval",
        "median",
        "smallest to largest",
        "lower in",
        "p",
    )
    rows = _under_titles(results, compare(results, _FD), _paired_cells)
    return Table((*columns, "Holm p"), rows, _seen(results)) if rows else None


def paired_metrics_table(results: Results) -> Table | None:
    """Mean paired difference of every other metric but cost, a row each, a column for each treatment of each group.

    Beside a mean stands its interval where there are pairs enough, else the smallest and largest difference.
    """
    columns: list[str] = []
    rows = []
    for metric in METRICS.values():
        found = () if metric is _FD or metric.group == "cost" else compare(results, metric, tested=False)
        if any(row.paired for row in found):
            columns = [f"{row.treatment.name}, {results.title(row.group)}" for row in found]
            rows.append(Row((heading(metric), *map(_difference, found))))
    return Table(("paired difference", *columns), tuple(rows), _seen(results)) if rows else None


def stability_table(results: Results) -> Table | None:
    """Worst FD and spread of log FD of each treatment beside its control's; None without a pair."""
    fine = _fine(results)

    def cells(row: Stability) -> tuple[str, ...]:
        both = row.treatment, row.control
        worst = [f"{number(one.worst or 0, fine)} ({one.worst_run})" for one in both]
        spreads = [_figure(one.deviation, ".3f") for one in both]
        ratios = _figure(row.worst_ratio, ".2f"), _figure(row.deviation_ratio, ".2f")
        diverged = [f"{one.arm.count('diverged')} of {len(one.arm.runs)}" for one in both]
        names = row.treatment.arm.name, row.control.arm.name, str(row.pairs)
        return (*names, *worst, ratios[0], *spreads, ratios[1], _figure(row.p_holm, ".2g"), *diverged)

    rows = _under_titles(results, [row for row in stability(results) if row.pairs], cells)
    worst, deviation = ("worst FD ↓", "control's", "ratio ↓"), ("spread ↓", "control's", "ratio ↓", "Holm p")
    columns = ("arm", "against", "pairs", *worst, *deviation, "diverged", "control's")
    return Table(columns, rows, _seen(results)) if rows else None


def settings_table(results: Results) -> Table | None:
    """What each arm does: how it perturbs and injects, and whatever else differs between the arms that use it."""
    arms = {(group.family, arm.name): arm for group in results.groups for arm in group.arms if arm.settings}
    found = [arm.settings for arm in arms.values()]
    shown = {key: None for key in (k for s in found for k in s) if key.startswith(_STAGES) or _differs(key, found)}
    keys = [key for key in shown if key != "data.n_train"]
    labels = {name: ", ".join(uses_labels(arm.settings)) for name, arm in arms.items()}
    columns = [*keys, *["labels used by"] * any(labels.values())]
    if not keys:
        return None
    rows = tuple(
        Row((name[1], *(arm.settings.get(key, NONE) for key in keys), *[labels[name] or NONE] * any(labels.values())))
        for name, arm in arms.items()
    )
    return Table(("arm", *columns), rows)


def common_settings(results: Results) -> dict[str, str]:
    """The settings that all arms share, in dotted keys."""
    found = [arm.settings for group in results.groups for arm in group.arms if arm.settings]
    every = dict.fromkeys(key for settings in found for key in settings)
    return {key: found[0][key] for key in every if len({settings.get(key) for settings in found}) == 1}


def autoencoder_table(results: Results) -> Table | None:
    """What the autoencoders are worth by themselves, against the validation slice: a row a quantity, a column for those
    that the same arms are fed by, each counted once by its key."""
    rows = results.table[results.table["set"] == "autoencoder"].dropna(subset="value")
    found: dict[str, Mapping[str, list[float]]] = {}
    for place, here in rows.groupby("group"):
        group, shared = results.groups[place], defaultdict(list)
        fed = [arm.name for arm in group.arms if arm.settings.get("augmentation.name") != "none"]
        for name, keys in here.groupby("arm")["note"].agg(frozenset).reindex(fed).dropna().items():
            shared[keys].append(name)
        for keys, names in shared.items():
            mine = here[here["note"].isin(keys)].drop_duplicates(["note", "metric"])
            column = mine.groupby("metric", sort=False)["value"].agg(list).to_dict()
            found[f"{results.title(group)}: {', '.join(names)}"] = column
    cells = []
    for key in dict.fromkeys(key for column in found.values() for key in column):
        values = [column.get(key, []) for column in found.values()]
        fine = decimals(value for one in values for value in one)
        cells.append(Row((_spaced(key), *(spread(one, fine) for one in values))))
    return Table(("autoencoder", *found), tuple(cells), _seen(results)) if cells else None


def runs_table(results: Results, *, incomplete: bool = False) -> Table:
    """Every run, or those that did not come to the end of their budget or have no numbers."""
    rows = []
    for run in results.runs:
        note = "no such run: other arms have this seed" if run.state == "missing" else run.words.get("fault", "")
        if run.state == "done" and run.of(_FD) is None:
            note = "nothing measured on the test set" if _untested(run) else "done, but without numbers"
        if run.state == "running":
            note = "not finished, or killed: resume=true takes it up again"
        if incomplete and run.state == "done" and (not note or _untested(run)):
            continue
        seconds, images = run.of(METRICS["seconds_total"]), run.counts.get("images")
        shown = NONE if images is None else f"{number(images)} of {number(run.counts.get('budget.images', math.nan))}"
        size = "all" if run.n_train is None else number(run.n_train)
        told = NONE if seconds is None else number(seconds)
        names = run.arm, size, str(run.subset), str(run.seed)
        rows.append(Row((*names, run.state, shown, told, note, run.words.get("path", ""))))
    columns = ("arm", "training images", "subset", "seed", "state", "images shown", "seconds", "note", "folder")
    return Table(columns, tuple(rows))


def _title(results: Results, group: Group) -> list[Row]:
    return [Row((results.title(group),), "title")] if len(results.groups) > 1 else []


def _under_titles(results: Results, found: Sequence[Any], cells: Callable[[Any], tuple[str, ...]]) -> tuple[Row, ...]:
    """A row for each of ``found``, under the title of its group."""
    rows: list[Row] = []
    for group in results.groups:
        here = [Row(cells(one)) for one in found if one.group is group]
        rows += [*_title(results, group), *here] if here else []
    return tuple(rows)


def _fine(results: Results) -> int:
    """Decimals of what has the unit of FD."""
    return decimals(v for run in results.runs for name in (None, "real") if (v := run.of(_FD, name)) is not None)


def _measured(results: Results, metric: Metric) -> bool:
    """Whether any run has it, or says why it has none."""
    return any(run.of(metric) is not None or run.place(metric) in run.notes for run in results.runs)


def _cells(arms: Sequence[Arm], metric: Metric, of: str | None, fine: int, ratio: bool) -> list[str]:
    """A cell of ``metric`` over all runs of ``arms``, of the runs themselves or of one of their floors; ``fine``: the
    decimals of FD."""
    values, place = [value for arm in arms for value in arm.values(metric, of)], RunRecord.place(metric, of)
    notes = [run.notes[place] for arm in arms for run in arm.runs if place in run.notes]
    cell = spread(values, fine if metric.in_fd else metric.decimals)
    done = sum(arm.count("done") for arm in arms) if of is None and not getattr(metric, "of_diverged", False) else 0
    if 0 < len(values) < done and not notes:
        cell = f"{cell} (of {len(values)} of {done})"
    if notes:
        cell = f"{cell} ({len(notes)} of {len(values) + len(notes)}: {notes[0]})" if values else notes[0]
    if of == "real" and (deviations := [value for arm in arms for value in arm.values(metric, "real_sd")]):
        cell += f" ± {number(float(np.median(deviations)), decimals(deviations))}"
    if metric is not _FD or not ratio:
        return [cell]
    return [cell, _over_floor([run for arm in arms for run in arm.runs], "end", "classifier", of)]


def _over_floor(runs: Sequence[RunRecord], reading: str, space: str, of: str | None = None) -> str:
    """FD in multiples of the mean of the run's own real floor, ± what that floor's standard deviation over draws makes
    of it (to first order: the ratio times the floor's relative deviation)."""
    ratios, deviations = [], []
    for run in runs:
        value, real = run.of(_FD, of, reading, space), run.of(_FD, "real", space=space)
        if value is not None and real:
            ratios.append(value / real)
            deviations.append(ratios[-1] * (run.of(_FD, "real_sd", space=space) or 0.0) / real)
    if of == "real" or not any(deviations):
        return spread(ratios, 1)
    return f"{spread(ratios, 1)} ± {number(float(np.median(deviations)), 1)}"


def _seen(results: Results) -> str:
    """How many of the training images a feature net has seen, at each size at which it has any."""
    seen = {}
    for group in results.groups:
        counts = [run.counts.get("data.net_seen", 0.0) for arm in group.arms for run in arm.runs]
        if most := max(counts, default=0.0):
            seen[group.size] = number(most)
    where = "; ".join(f"with {size} training images, {count} of them" for size, count in seen.items())
    return f"Seen by the feature nets: {where}." * bool(where)


def _untested(run: RunRecord) -> bool:
    return run.settings.get("evaluation.test") == "False"


def _floors(group: Group, metrics: Sequence[Metric]) -> Iterator[tuple[str, tuple[Arm, ...], str]]:
    """Each floor, the arms it is measured over, and its name: decoded images are an arm's own, the others common."""
    for name, label in FLOORS.items():
        held = [arm for arm in group.arms if any(arm.values(metric, name) for metric in metrics)]
        if not held:
            continue
        for arms in [(arm,) for arm in held] if name == "decoded" else [tuple(held)]:
            own = f"decoded, {arms[0].name}" if name == "decoded" else label
            yield name, arms, own + _other_size(group, arms, name)


def _other_size(group: Group, arms: Sequence[Arm], name: str) -> str:
    """FD grows as samples shrink: a floor measured on another number of images than the arms says so."""
    sizes, same = (
        {run.numbers[place] for arm in among for run in arm.runs if place in run.numbers}
        for among, place in (
            (arms, (name, "n", "", "classifier")),
            (group.arms, ("generated", "n", "end", "classifier")),
        )
    )
    return "" if sizes <= same else f" (on {', '.join(map(number, sorted(sizes)))} images: not the arms' number)"


def _paired_cells(row: Comparison) -> tuple[str, ...]:
    pair, lost = row.paired, f" ({row.unpaired} without a pair)" if row.unpaired else ""
    names = row.treatment.name, row.control.name, f"{len(pair.seeds) if pair else 0}{lost}"
    if pair is None:
        return (*names, *[NONE] * 7)
    ends = f"{percent(min(pair.differences))} to {percent(max(pair.differences))}"
    interval = f"too few seeds, {MINIMUM_PAIRS} pairs needed"
    if pair.interval is not None:
        interval = f"{percent(pair.interval[0])} to {percent(pair.interval[1])}"
    lower = f"{row.lower} of {len(pair.seeds)}"
    p = _figure(pair.p, ".2g"), _figure(pair.p_holm, ".2g")
    return (*names, percent(pair.mean), interval, percent(pair.median), ends, lower, *p)


def _difference(row: Comparison) -> str:
    if row.paired is None:
        return NONE
    low, high = reach(row.paired)
    ends = f" [{amount(low, row.metric)} to {amount(high, row.metric)}]" if low != high else ""
    return amount(row.paired.mean, row.metric) + ends


def _figure(value: float | None, digits: str) -> str:
    return NONE if value is None else f"{value:{digits}}"


def _differs(key: str, found: Sequence[Mapping[str, str]]) -> bool:
    """Whether arms that use the key's stage differ in it; its name also where an arm does without it."""
    stage, _, option = key.partition(".")
    using = [s for s in found if option == "name" or any(other.startswith(f"{stage}.") for other in s)]
    return len({setting.get(key) for setting in using}) > 1


def _spaced(key: str) -> str:
    """``labels_kept@0.5`` as it is read."""
    name, _, gamma = key.replace("_", " ").partition("@")
    return f"{name}, γ = {gamma}" if gamma else name
