"""autoencoder.steps=auto: what was measured, what lies between, and a line for everything else."""

import math
import re
from collections import defaultdict
from itertools import pairwise, product

import pytest
import yaml
from pydantic import TypeAdapter

from aeaug.autoencoder.networks import CLOSED_FORM
from aeaug.autoencoder.options import MOST_STEPS, AutoencoderChoice
from aeaug.autoencoder.steps import MEASURED, chosen_steps
from tests.conftest import REPOSITORY, options

CONF = REPOSITORY / "conf" / "autoencoder"


def of_file(name, **changes):
    content = yaml.safe_load((CONF / f"{name}.yaml").read_text()) | {"seed": 0} | changes
    return TypeAdapter(AutoencoderChoice).validate_python(content)


EVERY = pytest.mark.parametrize("measured", MEASURED, ids=lambda one: f"{one.network}-{one.data[0]}")


@EVERY
def test_a_size_that_was_measured_has_its_number_and_others_lie_between(measured):
    chosen = of_file(measured.network)
    sizes = sorted(measured.steps)
    for size, data in product(sizes, measured.data):
        assert chosen_steps(chosen, size, data) == measured.steps[size] <= MOST_STEPS
    for low, high in pairwise(sizes):
        middle = math.isqrt(low * high)
        expected = math.sqrt(measured.steps[low] * measured.steps[high])
        assert chosen_steps(chosen, middle, measured.data[0]) == pytest.approx(expected, rel=0.01)


def test_every_option_file_says_its_steps_or_was_measured_at_the_sizes_that_are_tuned():
    for path in CONF.glob("*.yaml"):
        if path.stem in CLOSED_FORM:
            continue
        chosen = of_file(path.stem)
        assert chosen.stopping == "fixed"
        if chosen.steps is None:
            assert [chosen_steps(chosen, size, "mnist") > 0 for size in (100, 500, 2_000)] == [True] * 3


@pytest.mark.parametrize(
    ("changes", "size", "line"),
    [
        ({}, 99, r"measured for data\.n_train from 100 to \d+, not 99; give a number"),
        ({}, 10**6, r"measured for data\.n_train from 100 to \d+, not 1000000; give a number"),
        ({"network": "article"}, 500, r"measured for autoencoder\.network=mlp, .*, not article; give a number"),
        ({"loss": "mse"}, 500, r"measured for autoencoder\.loss=bce, not mse; give a number"),
        ({"lr": 0.01}, 500, r"measured for autoencoder\.lr=0\.001, not 0\.01; give a number"),
        ({"latent_dim": 8}, 500, r"measured for autoencoder\.latent_dim=32, not 8; give a number"),
        ({"batch_size": 64}, 500, r"measured for autoencoder\.batch_size=32, not 64; give a number"),
        ({"data": "stacked_mnist_5k"}, 500, r"measured for data=mnist, .*, not stacked_mnist_5k; give a number"),
        ({"data": "fashion_mnist"}, 501, r"measured for data\.n_train=500, not 501; give a number"),
        ({"data": "fashion_mnist", "network": "conv"}, 500, r"measured for autoencoder\.network=mlp, not conv; give"),
    ],
)
def test_what_was_not_measured_is_one_line(changes, size, line):
    settings = {"data": "mnist", **changes}
    data = settings.pop("data")
    with pytest.raises(ValueError, match=rf"^autoencoder\.steps=auto: {line}[^\n]*$"):
        chosen_steps(of_file("mlp", **settings), size, data)


@pytest.mark.parametrize("stopping", ["hold_out", "validation"])
def test_a_training_that_is_told_when_to_end_has_twice_as_many_at_most(stopping):
    for size in (100, 700, 50_000):
        fixed = chosen_steps(of_file("mlp"), size, "mnist")
        assert chosen_steps(of_file("mlp", stopping=stopping), size, "mnist") == min(2 * fixed, MOST_STEPS)


def test_a_runs_options_hold_the_number(tmp_path):
    auto = "autoencoder.steps=auto"
    chosen = options(tmp_path, auto, "arm=append_gaussian", "data.n_train=500").autoencoder
    assert chosen.steps == chosen_steps(of_file("mlp"), 500, "mnist")
    whole = options(tmp_path, auto, "arm=append_gaussian", "data.n_train=null").autoencoder
    assert whole.steps == chosen_steps(of_file("mlp"), 3_500, "mnist")  # all of mnist_5k
    measured = options(tmp_path, auto, "arm=none", "evaluation.autoencoder=true", "data.n_train=500").autoencoder
    assert measured == chosen


def test_a_run_that_trains_no_autoencoder_asks_for_no_number(tmp_path):
    assert options(tmp_path, "autoencoder.steps=auto", "arm=none", "data.n_train=50").autoencoder.steps is None
    with pytest.raises(ValueError, match=r"^autoencoder\.steps=auto: [^\n]*not 50; give a number$"):
        options(tmp_path, "autoencoder.steps=auto", "arm=append_gaussian", "data.n_train=50")


PRINTED = re.compile(r"\| ([\d,]+) \| ([\d,]+) \| [\d.]+ \| ([\d.]+)")


@EVERY
def test_what_was_chosen_is_what_the_printed_curves_say(measured):
    """docs/tuning.md: the fewest steps whose held-out error is within 1% of the lowest."""
    text = (REPOSITORY / "docs" / "tuning.md").read_text()
    of = "" if measured.data[0] == "mnist" else f" --data {measured.data[0]}"
    start = text.index(f"`python scripts/tune_autoencoder.py {measured.network}{of}")
    errors = defaultdict(dict)
    for line in text[start:].split("\n\n", 3)[1].splitlines():
        if found := PRINTED.match(line):
            size, steps = (int(number.replace(",", "")) for number in found.groups()[:2])
            errors[size][steps] = float(found[3])
    chosen = {
        size: min(steps for steps, error in curve.items() if error <= 1.01 * min(curve.values()))
        for size, curve in errors.items()
    }
    assert measured.steps.items() <= chosen.items()
    for size in chosen.keys() - measured.steps.keys():  # one is left out where the error still falls at the last
        assert chosen[size] == max(errors[size])
