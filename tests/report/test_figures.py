import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from aeaug.evaluation.reading import percent
from aeaug.report import figures
from aeaug.report.figures import course, forest, profile
from aeaug.report.figures.axes import folded, ratio_scale
from aeaug.report.figures.contrasts import contrasts
from aeaug.report.figures.course import band
from aeaug.report.figures.drawing import _COLOURS, styles
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import compare
from aeaug.report.statistics.course import paired_course
from aeaug.report.statistics.exact_test import interval
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS
from tests.report.conftest import results
from tests.report.synthetic import CLAIM, Arms, experiment

WriteRun = Callable[..., Path]
FD = METRICS["frechet_distance"]
ALL = [getattr(figures, name) for name in figures.__all__ if name not in ("Chart", "evidence", "change_by_axis")]
OF_ANY = [draw for draw in ALL if draw is not figures.autoencoder_quality]  # which takes five autoencoders


@pytest.fixture(scope="module")
def sized(sizes: Path) -> Results:
    """The runs of `sizes`, read once."""
    return results(sizes, "sizes")


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_arm_colours_stand_out_on_white() -> None:
    assert min(1.05 / (luminance(colour) + 0.05) for colour in _COLOURS) >= 3


def test_controls_alone_are_grey_and_neighbours_differ_in_colour_and_marker() -> None:
    looks = styles(experiment({name: [40.0] for name in ("none", *(f"arm{k}" for k in range(12)))}))
    others = [look for name, look in looks.items() if name != "none"]
    assert len({(look.colour, look.marker) for look in others}) == len(others)
    assert looks["none"].colour not in {look.colour for look in others}
    assert len({look.colour for look in others[:8]}) == 8


def test_a_long_name_is_folded_and_loses_nothing() -> None:
    name = "append,autoencoder.hidden_layers=3,perturbation.name=interpolate_2"
    assert folded(name, 22).replace("\n", "") == name
    assert max(map(len, folded(name, 34).split("\n"))) <= 34


@pytest.mark.parametrize("draw", ALL)
def test_no_figure_is_drawn_of_nothing(runs_dir: Path, write_run: WriteRun, draw: Callable[[Results], object]) -> None:
    path = write_run(state="running")
    (path / "history.jsonl").unlink()
    assert draw(results(runs_dir)) is None
    assert figures.change_by_axis(results(runs_dir)) == []


@pytest.mark.cases(4)
@pytest.mark.parametrize("draw", OF_ANY)
def test_every_figure_is_drawn_the_same_each_time_and_of_the_same_arms(
    sized: Results, draw: Callable[[Results], figures.Chart | None]
) -> None:
    one, other = draw(sized), draw(sized)
    assert one is not None
    assert (one.svg, one.png) == (other.svg, other.png) if other else False
    assert one.png.startswith(b"\x89PNG")
    assert b"<svg" in one.svg
    assert b"data.n_train" not in one.svg


def test_what_an_old_run_did_not_record_is_not_drawn(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(old=True)
    found = results(runs_dir)
    assert figures.overfitting(found) is figures.judgements(found) is None
    assert None not in (figures.frechet_by_arm(found), figures.training_curves(found), figures.class_shares(found))


@pytest.mark.parametrize("effect", [1e-3, 0.5, 0.98, 1.0, 1.02, 1.8, 2.4, 3.0, 500.0])
def test_the_ratio_axis_has_a_few_readable_ticks_at_any_scale(effect: float) -> None:
    axes = Figure().subplots()
    low, high = sorted((0.0, math.log(effect)))
    ratio_scale(axes.xaxis, low - 0.02, high + 0.02)
    ticks = [tick for tick in axes.get_xticks() if low - 0.02 <= tick <= high + 0.02]
    labels = [axes.xaxis.get_major_formatter()(tick) for tick in ticks]
    assert 2 <= len(set(labels)) <= 8
    assert "0%" in labels
    if effect > 0.1:  # labels of 0.15 of the axis or less do not run into each other
        assert np.diff(ticks).min() >= 0.15 * (ticks[-1] - ticks[0])
    assert all(re.fullmatch(r"[+−]?[\d.e+]+%", label) for label in labels)


@pytest.mark.parametrize("ends", [(-0.33, 0.6), (-0.35, 0.55), (-0.2, 0.45), (-0.6, 0.9)])
def test_an_axis_that_has_room_below_zero_says_how_much(ends: tuple[float, float]) -> None:
    axes = Figure().subplots()
    ratio_scale(axes.xaxis, *ends)
    ticks = axes.get_xticks().tolist()
    assert ends[0] <= ticks[0] < 0 < ticks[-1] <= ends[1]
    assert ticks == sorted(ticks)
    assert min(np.diff(ticks)) >= 0.15 * (ends[1] - ends[0])


def test_sizes_are_compared_from_two_on(finished: Path, sized: Results) -> None:
    assert figures.change_by_size(results(finished)) is None
    assert figures.change_by_size(sized) is not None


SWEPT = {
    "perturbation": {"gamma": (0.1, 0.5, 1.0)},
    "augmentation": {"ratio": (0.25, 1.0, 4.0)},
    "autoencoder": {"latent": (8, 32)},
    "gan": {"r1_gamma": (1, 5, 20)},
}


@pytest.mark.parametrize("section", SWEPT)
@pytest.mark.parametrize("n_train", [None, 500])
def test_any_number_that_a_sweep_varies_is_an_axis(
    runs_dir: Path, write_run: WriteRun, section: str, n_train: int | None
) -> None:
    ((option, values),) = SWEPT[section].items()
    for value in values:
        for arm, injection in (("none", "none"), ("append", "append")):
            shared = section != "gan" and arm == "none"
            if shared and value != values[0]:
                continue
            write_run(
                variant=arm if shared else f"{arm},{section}.{option}={value}",
                injection=injection,
                n_train=n_train,
                frechet=30.0 + value,
                samples=False,
                **({} if shared else {section: {option: value}}),
            )
    found = results(runs_dir)
    (chart,) = figures.change_by_axis(found)
    assert chart.title == f"Change of FD by {section}.{option}"
    assert chart.key == f"change-by-{section}-{option}".replace("_", "-")
    assert len([pair for group in found.groups for pair in group.compared]) == len(values)


def test_options_that_are_words_or_vary_with_others_are_no_axis(finished: Path, sized: Results) -> None:
    assert figures.change_by_axis(results(finished)) == figures.change_by_axis(sized) == []


def test_a_claim_is_drawn_where_it_has_pairs(sized: Results) -> None:
    found = sized
    judged = verdicts(found)
    for number, claim in enumerate(dict.fromkeys(row.claim for row in judged), 1):
        rows = [size for row in judged if row.claim == claim for size in row.sizes]
        chart = figures.evidence(found, rows, number)
        assert chart is not None
        assert (chart.key, chart.title) == (f"claim-{number}", claim.statement)
    assert figures.evidence(found, [replace(size, ends=None) for row in judged for size in row.sizes], 1) is None


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of matplotlib themselves, in place of the charts made of them."""
    for module in (course, forest, profile):
        monkeypatch.setattr(module, "chart", lambda figure, key: figure)


def curves(planted: dict[str, Sequence[Sequence[float]]], **claimed: object) -> Results:
    """Arms with a row of readings for each run, those that end in a NaN diverged; a claim with what is ``claimed``."""
    arms: Arms = {
        name: ["diverged" if math.isnan(row[-1]) else row[-1] for row in rows] for name, rows in planted.items()
    }
    found = experiment(arms, claims=[CLAIM | claimed])
    rows = [
        {"group": 0, "arm": arm.name, "subset": run.subset, "seed": run.seed, "state": run.state, "images": 1000 * k}
        | {"split": "validation", "set": "generated", "metric": "frechet_distance", "value": value}
        for arm in found.groups[0].arms
        for run, row in zip(arm.runs, planted[arm.name], strict=True)
        for k, value in enumerate(row, 1)
    ]
    return replace(found, table=pd.DataFrame(rows))


@pytest.mark.parametrize("n", [2, 5, 6, 9])
def test_the_band_over_training_is_the_interval_of_every_reading_or_the_range(n: int) -> None:
    rng = np.random.default_rng(n)
    control, planted = np.exp(rng.normal(4, 1, (n, 4))), rng.normal(-0.1, 0.1, (n, 4))
    found = curves({"append": (control * np.exp(planted)).tolist(), "none": control.tolist()})
    (contrast,) = contrasts(found)
    change = paired_course(found, *contrast.sizes[0])
    assert change is not None
    low, high, enough = band(change)
    np.testing.assert_allclose(change.change, planted.mean(axis=0), atol=1e-12)
    ends = [interval(column) if n >= 6 else (column.min(), column.max()) for column in planted.T]
    np.testing.assert_allclose(np.transpose([low, high]), ends, atol=1e-9)
    assert enough.tolist() == [n >= 6] * 4


def test_a_band_becomes_a_range_where_pairs_end() -> None:
    lost = [*[[30.0, 20.0]] * 5, [30.0, math.nan]]
    found = curves({"append": lost, "none": [[40.0, 40.0]] * 6})
    change = paired_course(found, *contrasts(found)[0].sizes[0])
    assert change is not None
    low, high, enough = band(change)
    assert enough.tolist() == [True, False]
    np.testing.assert_allclose(low, np.log([0.75, 0.5]))
    np.testing.assert_allclose(high, np.log([0.75, 0.5]))


def test_the_best_so_far_never_rises_again_where_the_readings_do() -> None:
    found = curves({"append": [[50.0, 20.0, 80.0]] * 6, "none": [[100.0, 40.0, 30.0]] * 6})
    arms = contrasts(found)[0].sizes[0]
    end, best = paired_course(found, *arms), paired_course(found, *arms, reading="best")
    assert end is not None
    assert best is not None
    np.testing.assert_allclose(np.exp(end.change), [1 / 2, 1 / 2, 8 / 3])
    np.testing.assert_allclose(np.exp(best.change), [1 / 2, 1 / 2, 2 / 3])


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(("claimed", "effects"), [({}, 2), ({"sizes": [100]}, 0), ({"space": "self_supervised"}, 0)])
def test_the_change_over_training_is_drawn_with_the_smallest_effect_of_a_claim_on_it(
    claimed: dict[str, object], effects: int
) -> None:
    found = curves({"append": [[50.0, 20.0, 80.0]] * 6, "none": [[100.0, 40.0, 30.0]] * 6}, **claimed)
    (panel,) = axes_of(figures.change_over_training(found))
    lines = [line.get_xydata() for line in panel.lines]
    points = [line for line in lines if len(line) == 3 and np.isfinite(line).all()]
    for expected in ([1 / 2, 1 / 2, 2 / 3], [1 / 2, 1 / 2, 8 / 3]):  # best so far, and readings
        assert any(np.allclose(line, np.transpose([[1000, 2000, 3000], np.log(expected)])) for line in points)
    across = sorted(line[0, 1] for line in lines if len(line) == 2 and line[0, 1] == line[1, 1])
    assert across == pytest.approx(sorted([0.0, *[math.log(0.95), math.log(1.05)][:effects]]))


def test_what_a_claim_compares_is_a_comparison_too() -> None:
    arms = {"none": [40.0], "append": [30.0], "mix": [35.0]}
    found = contrasts(experiment(arms, [CLAIM, CLAIM | {"control": "mix"}, CLAIM | {"treatment": "no such arm"}]))
    names = [(one.treatment, one.control, len(one.claims)) for one in found]
    assert names == [("append", "none", 1), ("mix", "none", 0), ("append", "mix", 1)]


RNG = np.random.default_rng(11)
SIZED: dict[int | None, Arms] = {
    size: {"none": np.exp(RNG.normal(4, 0.3, 9)).tolist(), "append": [*np.exp(RNG.normal(3, 0.3, 8)), "diverged"]}
    for size in (100, 500)
}
READINGS: dict[int | None, Arms] = {
    size: {
        name: [
            entry if isinstance(entry, str) else {("end", "classifier"): entry, ("best", "classifier"): 0.8 * entry}
            for entry in entries
        ]
        for name, entries in arms.items()
    }
    for size, arms in SIZED.items()
}


@pytest.mark.usefixtures("drawn")
def test_the_forest_of_claims_shows_every_size_and_the_one_test_as_they_were_judged() -> None:
    found = experiment(READINGS)
    (row,) = verdicts(found)
    panel, margin = axes_of(figures.claim_intervals(found))
    expected = [*(size.measured for size in row.sizes), row.measured, *(mark.paired for mark in row.marks)]
    assert points(panel) == pytest.approx([paired.mean for paired in expected if paired])
    said = [text.get_text().replace("\n", " ") for text in margin.texts]
    assert row.short_heading in said
    assert said.count("8/9") == 3  # the diverged run is lost at both sizes, and so for both together
    assert points(margin) == pytest.approx([8 / 9] * 3)


@pytest.mark.usefixtures("drawn")
def test_the_forest_of_comparisons_shows_both_readings_and_their_mean_over_sizes() -> None:
    panel, margin = axes_of(figures.effect_intervals(experiment(READINGS, claims=())))
    logs = [np.log(np.divide(arms["append"][:8], arms["none"][:8])) for arms in SIZED.values()]  # type: ignore[arg-type]
    means = [float(np.mean(one)) for one in (*logs, (logs[0] + logs[1]) / 2)]
    assert points(panel) == pytest.approx([mean for mean in means for _ in ("end", "best")])
    assert points(margin) == pytest.approx([8 / 9] * 6)


@pytest.mark.usefixtures("drawn")
def test_intervals_of_comparisons_hold_wherever_diverged_pairs_are_placed_as_those_of_claims_do() -> None:
    """The differences reach further than the smallest effect that matters: both place them alike."""
    found = experiment(READINGS)
    (row,) = verdicts(found)
    assert row.measured is not None
    assert row.ends is not None
    assert row.ends.span != row.measured.span
    low, high = map(percent, row.ends.span)
    for figure in (figures.claim_intervals(found), figures.effect_intervals(found)):
        assert f"{percent(row.measured.mean)} [{low}, {high}]" in [text.get_text() for text in axes_of(figure)[0].texts]
    said = [text.get_text() for text in axes_of(figures.effect_intervals(found))[0].texts]
    for one in compare(found, FD):
        assert one.paired is not None
        assert one.interval is not None
        low, high = map(percent, one.interval)
        assert f"{percent(one.paired.mean)} [{low}, {high}]" in said, "the page has one interval of a comparison"


@pytest.mark.parametrize("measured", [4, 5, 8])
def test_bars_of_change_hold_wherever_diverged_pairs_are_placed(measured: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer than six measured pairs, too: the interval of six where two of them diverged, else the range."""
    changes = np.linspace(-0.3, -0.1, measured)
    arms = {size: {"none": [40.0] * 9, "append": [*(40 * np.exp(changes)).tolist(), "diverged"]} for size in (100, 500)}
    found = experiment(arms)
    monkeypatch.setattr("aeaug.report.figures.change.chart", lambda figure, *words: figure)
    (panel,) = axes_of(figures.change_by_size(found))
    (bars,) = (one for one in panel.collections if isinstance(one, LineCollection))
    for segment, row in zip(bars.get_segments(), compare(found, FD), strict=True):
        assert row.ends is not None
        assert sorted(segment[:, 1]) == pytest.approx(row.ends.span)
        assert row.paired is not None
        assert max(segment[:, 1]) > max(row.paired.differences)


@pytest.mark.usefixtures("drawn")
def test_no_words_of_a_forest_lie_over_others() -> None:
    long = {"treatment": "append_gaussian,autoencoder.latent=64", "control": "append_reconstruct"}
    arms = {
        size: {"none": part["none"], long["control"]: part["none"], long["treatment"]: part["append"]}
        for size, part in READINGS.items()
    }
    found = experiment(arms, [CLAIM | long, CLAIM | long | {"reading": "best", "seeds": 40}])
    for figure in (figures.claim_intervals(found), figures.effect_intervals(found)):
        assert isinstance(figure, Figure)
        figure.draw_without_rendering()
        words = [text for panel in figure.axes for text in (*panel.texts, *panel.get_yticklabels()) if text.get_text()]
        assert len(words) >= 24
        boxes = [(text.get_text(), text.get_window_extent()) for text in words]
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            assert min(wide, high) <= 1.5, f"{one!r} lies over {other!r}"  # pixels
        whole = figure.bbox
        assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 for _, box in boxes)


@pytest.mark.usefixtures("drawn")
def test_a_profile_is_drawn_as_steps_that_end_below_1_where_a_run_diverged(sized: Results) -> None:
    figure = figures.performance_profile(sized)
    assert isinstance(figure, Figure)
    for group, column in zip(sized.groups, np.reshape(figure.axes, (2, -1)).T, strict=True):
        for panel in column:
            lines = {str(line.get_label()): line.get_ydata() for line in panel.lines}
            for arm in group.arms:
                done = arm.count("done") / len(arm.runs)
                assert (lines[arm.name][0], lines[arm.name][-1]) == (0.0, done)
                assert (np.diff(lines[arm.name]) >= 0).all()


def axes_of(figure: object) -> list[Any]:
    assert isinstance(figure, Figure)
    return figure.axes


def points(panel: Any) -> list[float]:
    """Where single marks are, from the top."""
    found = [line.get_xydata()[0] for line in panel.lines if len(line.get_xydata()) == 1]
    return [x for x, _ in sorted(found, key=lambda point: point[1])]
