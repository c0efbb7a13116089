import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from aeaug.report import figures
from aeaug.report.figures.axes import folded, ratio_scale
from aeaug.report.figures.drawing import _COLOURS, styles
from aeaug.report.results import Results
from aeaug.report.verdict import verdicts
from tests.report.conftest import results
from tests.report.synthetic import experiment

WriteRun = Callable[..., Path]
ALL = [getattr(figures, name) for name in figures.__all__ if name not in ("Chart", "evidence", "change_by_axis")]


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


@pytest.mark.parametrize("draw", ALL)
def test_every_figure_is_drawn_the_same_each_time_and_of_the_same_arms(
    sizes: Path, draw: Callable[[Results], figures.Chart | None]
) -> None:
    found = results(sizes, "sizes")
    one, other = draw(found), draw(found)
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


@pytest.mark.parametrize("effect", [1e-3, 0.5, 0.98, 1.0, 1.02, 3.0, 500.0])
def test_the_ratio_axis_has_a_few_readable_ticks_at_any_scale(effect: float) -> None:
    axes = Figure().subplots()
    low, high = sorted((0.0, math.log(effect)))
    ratio_scale(axes.xaxis, low - 0.02, high + 0.02)
    ticks = [tick for tick in axes.get_xticks() if low - 0.02 <= tick <= high + 0.02]
    labels = [axes.xaxis.get_major_formatter()(tick) for tick in ticks]
    assert 2 <= len(set(labels)) <= 8
    assert "0%" in labels
    assert all(re.fullmatch(r"[+−]?[\d.e+]+%", label) for label in labels)


def test_sizes_are_compared_from_two_on(finished: Path, sizes: Path) -> None:
    assert figures.change_by_size(results(finished)) is None
    assert figures.change_by_size(results(sizes, "sizes")) is not None


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


def test_options_that_are_words_or_vary_with_others_are_no_axis(finished: Path, sizes: Path) -> None:
    assert figures.change_by_axis(results(finished)) == figures.change_by_axis(results(sizes, "sizes")) == []


def test_a_claim_is_drawn_where_it_has_pairs(sizes: Path) -> None:
    found = results(sizes, "sizes")
    judged = verdicts(found)
    for number, claim in enumerate(dict.fromkeys(row.claim for row in judged), 1):
        rows = [size for row in judged if row.claim == claim for size in row.sizes]
        chart = figures.evidence(found, rows, number)
        assert chart is not None
        assert (chart.key, chart.title) == (f"claim-{number}", claim.statement)
    assert figures.evidence(found, [replace(size, ends=None) for row in judged for size in row.sizes], 1) is None
