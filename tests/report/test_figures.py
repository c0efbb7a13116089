import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aeaug.report.autoencoders import autoencoders, perturbed_figure
from aeaug.report.collect import Group, read_experiment
from aeaug.report.comparison import compare
from aeaug.report.cost import cost_figure
from aeaug.report.curves import coverage_curve, frechet_curve
from aeaug.report.drawing import DARK, LIGHT, PAPER, Chart, Style, styles
from aeaug.report.evidence import evidence
from aeaug.report.figures import frechet_by_arm, paired_differences
from aeaug.report.overfitting import judgement_figure, logit_figure, overfitting_figure
from aeaug.report.page import looks_of
from aeaug.report.quality import class_shares, precision_recall
from aeaug.report.sizes import change_by_size, frechet_by_size
from aeaug.report.verdict import verdicts

WriteRun = Callable[..., Path]
OF_RUNS = (frechet_by_arm, precision_recall, class_shares, frechet_curve, coverage_curve, cost_figure)
OF_THE_DISCRIMINATOR = (logit_figure, judgement_figure, overfitting_figure)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_arm_colours_stand_out_on_their_page() -> None:
    assert min(contrast(colour, PAPER) for colour in LIGHT) >= 3
    assert min(contrast(colour, "#14171a") for colour in DARK) >= 3


def test_controls_alone_are_grey_and_neighbours_differ_in_colour_marker_and_dash() -> None:
    variants = [f"arm{k}" for k in range(12)]
    looks = styles(variants, {"arm3"})
    assert [variant for variant, look in looks.items() if look.index == 0] == ["arm3"]
    others = [looks[variant] for variant in variants if variant != "arm3"]
    assert len({(look.index, look.marker, look.dash) for look in others}) == len(others)
    assert len({look.index for look in others[:7]}) == 7


def group_and_looks(runs_dir: Path) -> tuple[Group, dict[str, Style]]:
    (group,) = read_experiment(runs_dir, "demo").groups
    return group, styles([arm.variant for arm in group.arms], {"none"})


def test_every_seed_and_floor_is_drawn(finished: Path) -> None:
    group, looks = group_and_looks(finished)
    chart = frechet_by_arm(group, looks)
    assert chart is not None
    for arm in group.arms:
        variable = f"var(--arm-{looks[arm.variant].index})"
        marks = [use for use in re.findall(r"<use [^>]*>", chart.svg) if variable in use]
        assert len(marks) == 3 + (arm.variant != "none")  # seeds, and the ring of the decoded images
    for word in ("another real sample", "copy of the subset", *(arm.variant for arm in group.arms)):
        assert word in chart.svg
    assert chart.png.startswith(b"\x89PNG")


def test_paired_figure_draws_an_interval_only_with_pairs_enough(demo: Path, write_run: WriteRun) -> None:
    def bands(name: str) -> int:
        experiment = read_experiment(demo, name)
        (group,) = experiment.groups
        looks = styles([arm.variant for arm in group.arms], {"none"})
        chart = paired_differences(group, compare(experiment), looks)
        assert chart is not None
        return chart.svg.count("opacity: 0.16")

    for seed in range(6):
        write_run(name="six", seed=seed, frechet=40.0 + seed)
        write_run(name="six", variant="append", injection="append", seed=seed, frechet=30.0 - seed)
    assert (bands("demo"), bands("six")) == (0, 1)


@pytest.mark.parametrize("effect", [1e-3, 0.5, 0.98, 1.0, 1.02, 3.0, 500.0])
def test_the_ratio_axis_has_a_few_readable_ticks_at_any_scale(
    runs_dir: Path, write_run: WriteRun, effect: float
) -> None:
    for seed in range(3):
        write_run(seed=seed, frechet=40.0, samples=False)
        frechet = 40 * effect * math.exp(0.01 * seed)
        write_run(variant="append", injection="append", seed=seed, frechet=frechet, samples=False)
    group, looks = group_and_looks(runs_dir)
    chart = paired_differences(group, compare(read_experiment(runs_dir, "demo")), looks)
    assert chart is not None
    ticks = re.findall(r">([+−]?[\d.]+)%<", chart.svg)
    assert 2 <= len(set(ticks)) <= 7
    assert "0" in ticks


def test_a_run_that_diverged_is_a_broken_line_of_its_own(runs_dir: Path, write_run: WriteRun) -> None:
    def broken_lines() -> list[int]:
        group, looks = group_and_looks(runs_dir)
        charts = frechet_curve(group, looks), coverage_curve(group, looks)
        assert all(chart is not None and "nan" not in chart.svg.lower() for chart in charts)
        return [chart.svg.count("stroke-dasharray") for chart in charts if chart]

    for seed in range(2):
        write_run(seed=seed)
    assert broken_lines() == [1, 1]  # the floor
    write_run(seed=2, state="diverged")
    assert broken_lines() == [2, 2]


def test_curves_have_their_floor_where_it_was_measured(runs_dir: Path, write_run: WriteRun) -> None:
    path = write_run() / "metrics.json"
    chart = frechet_curve(*group_and_looks(runs_dir))
    assert chart is not None
    assert "another real sample" in chart.svg
    metrics = json.loads(path.read_text())
    del metrics["validation_floor"]
    path.write_text(json.dumps(metrics))
    without = frechet_curve(*group_and_looks(runs_dir))
    assert without is not None
    assert "another real sample" not in without.svg


def test_no_figure_is_drawn_of_nothing(runs_dir: Path, write_run: WriteRun) -> None:
    path = write_run(state="running")
    (path / "history.jsonl").unlink()
    group, looks = group_and_looks(runs_dir)
    for draw in (*OF_RUNS, *OF_THE_DISCRIMINATOR):
        assert draw(group, looks) is None
    assert paired_differences(group, [], looks) is None
    assert perturbed_figure(group, [], looks) is None
    assert frechet_by_size(read_experiment(runs_dir, "demo"), looks) is None


def test_what_an_old_run_did_not_record_is_not_drawn(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(old=True)
    group, looks = group_and_looks(runs_dir)
    assert all(draw(group, looks) is not None for draw in OF_RUNS)
    assert all(draw(group, looks) is None for draw in OF_THE_DISCRIMINATOR)


def lines(chart: Chart | None, colour: str) -> int:
    """Curves of that colour in a figure; a curve of K points has K - 1 segments in one path."""
    assert chart is not None
    paths = re.findall(r'<path d="([^"]*)"[^>]*style="([^"]*)"', chart.svg)
    return sum(d.count("L") >= 5 and "fill: none" in style and colour in style for d, style in paths)


def test_the_discriminator_is_shown_by_arm_on_all_it_was_asked_about(finished: Path) -> None:
    group, looks = group_and_looks(finished)
    for draw in (logit_figure, judgement_figure):
        chart = draw(group, looks)
        assert lines(chart, "var(--ink)") == 2 * 3  # training and validation images, in three arms
        assert lines(chart, "var(--arm-0)") == 1  # the control is fed no decoded images
        assert lines(chart, "var(--arm-1)") == lines(chart, "var(--arm-2)") == 2
    chart = overfitting_figure(group, looks)
    assert [lines(chart, f"var(--arm-{index})") for index in range(3)] == [2, 2, 2]


def test_every_run_is_a_mark_of_cost_against_quality(finished: Path) -> None:
    group, looks = group_and_looks(finished)
    chart = cost_figure(group, looks)
    assert chart is not None
    for arm in group.arms:
        variable = f"var(--arm-{looks[arm.variant].index})"
        marks = [use for use in re.findall(r"<use [^>]*>", chart.svg) if variable in use]
        assert len(marks) == 3 + 1 + 1  # runs, their median, the legend


def test_the_autoencoder_is_drawn_over_its_noise(finished: Path) -> None:
    group, looks = group_and_looks(finished)
    chart = perturbed_figure(group, autoencoders(group), looks)
    assert chart is not None
    for word in ("labels kept", "random latents", "another real sample", "0.25"):
        assert word in chart.svg


def test_sizes_are_compared_from_two_on_with_bars_that_say_what_they_are(finished: Path, sizes: Path) -> None:
    one = read_experiment(finished, "demo")
    assert frechet_by_size(one, looks_of(one)) is None
    assert change_by_size(one, compare(one), looks_of(one)) is None
    two = read_experiment(sizes, "sizes")
    charts = frechet_by_size(two, looks_of(two)), change_by_size(two, compare(two), looks_of(two))
    for chart in charts:
        assert chart is not None
        assert "Bars are 95% bootstrap intervals of the median." in chart.reading
        assert {">100<", ">500<"} <= set(re.findall(r">\d+<", chart.svg))
        assert "data.n_train" not in chart.svg


def test_with_few_seeds_bars_over_sizes_are_ranges(runs_dir: Path, write_run: WriteRun) -> None:
    for n_train in (100, 500):
        for seed in range(2):
            write_run(seed=seed, n_train=n_train, folder=f"none-{n_train}", subset_sha256=f"{n_train:064d}")
    experiment = read_experiment(runs_dir, "demo")
    chart = frechet_by_size(experiment, looks_of(experiment))
    assert chart is not None
    assert "from the smallest value to the largest" in chart.reading


def test_a_claim_is_drawn_with_a_line_for_each_size_and_a_cross_for_a_stand_in(sizes: Path) -> None:
    experiment = read_experiment(sizes, "sizes")
    judged = verdicts(experiment)
    for number, claim in enumerate(dict.fromkeys(row.claim for row in judged), 1):
        rows = [row for row in judged if row.claim == claim]
        chart = evidence(rows, number, looks_of(experiment))
        assert chart is not None
        assert "100 images" in chart.svg
        assert "500 images" in chart.svg
        seeds = sum(row.pairs for row in rows)
        variable = f"var(--arm-{looks_of(experiment)[rows[0].treatment.variant].index})" if rows[0].treatment else ""
        assert len([use for use in re.findall(r"<use [^>]*>", chart.svg) if variable in use]) == seeds
    nothing = [replace(row, paired=None) for row in judged]
    assert evidence(nothing, 1, looks_of(experiment)) is None
