import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aeaug.report.collect import Group, read_experiment
from aeaug.report.comparison import compare
from aeaug.report.curves import coverage_curve, frechet_curve
from aeaug.report.drawing import DARK, LIGHT, PAPER, Style, styles
from aeaug.report.figures import frechet_by_arm, paired_differences
from aeaug.report.quality import class_shares, precision_recall

WriteRun = Callable[..., Path]


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
    assert broken_lines() == [0, 0]
    write_run(seed=2, state="diverged")
    assert broken_lines() == [1, 1]


def test_no_figure_is_drawn_of_nothing(runs_dir: Path, write_run: WriteRun) -> None:
    path = write_run(state="running")
    (path / "history.jsonl").unlink()
    group, looks = group_and_looks(runs_dir)
    for draw in (frechet_by_arm, precision_recall, class_shares, frechet_curve, coverage_curve):
        assert draw(group, looks) is None
    assert paired_differences(group, [], looks) is None
