"""When real images are few, how many are generated then, and what that does to curves and their floor."""

import pytest
import torch

from aeaug.data.sets import DATA_SETS
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import extract, net_for
from aeaug.evaluation.few_images import PARTS, are_few, generated_for, part_of
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import validation_floor
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.metrics.frechet import frechet_distance
from scripts.few_images import differences, main, table


@pytest.mark.parametrize(
    ("images", "features", "few"),
    [(479, 96, True), (480, 96, False), (20, 288, True), (479, 289, False), (50, 2_048, False)],
)
def test_below_480_in_features_that_are_not_too_many(images, features, few):
    assert are_few(images, features) is few
    assert generated_for(images, features) == (2_000 if few else images)


@pytest.mark.parametrize("images", [40, 77, 479])
def test_parts_are_equal_and_at_random_and_the_same_in_every_run(images):
    parts = part_of(images)
    counts = parts.bincount(minlength=PARTS)
    assert counts.max() - counts.min() <= 1
    assert parts.equal(part_of(images))
    first, last = parts[: images // 2], parts[images // 2 :]
    assert abs(float(first.double().mean() - last.double().mean())) < 2.5, "no part is of one end"
    assert not parts.sort().values.equal(parts)


def test_no_published_data_set_has_few():
    for data in DATA_SETS.values():
        features = net_for(data, classes=False).num_features
        assert not are_few(data.test, features), data.name
        assert not are_few(data.validation, features), data.name


@pytest.mark.parametrize(("real", "generated"), [(60, 2_000), (479, 2_000), (480, 480)])
def test_a_curve_is_of_more_generated_images_where_real_ones_are_few(real, generated, digits, net):
    assert Evaluator(digits[:real], net).generated == generated


def test_such_a_curve_has_no_floor(embedded, digits, net):
    """There are no 2,000 more real images, and fewer would be another number."""
    nets = {"classifier": (net, "0" * 64)}
    assert validation_floor(embedded, Evaluator(digits[::60], net), nets, Kept(), 2) is None


@pytest.mark.parametrize(("test", "few"), [(60, True), (480, False)])
def test_few_test_images_have_a_metric_of_their_own(test, few, digits, net):
    shuffled = digits[torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))]
    real, generated, more = shuffled[:test], shuffled[500 : 500 + test], shuffled[1_000:3_000]
    labels = torch.zeros(test, dtype=torch.int64)
    evaluator = FinalEvaluator(
        real, labels, shuffled[-100:], {"classifier": (net, "0" * 64)}, classifier_steps=2, balanced=False
    )
    assert evaluator.more == (2_000 if few else 0)
    features = evaluator.features(generated)
    found, alone = (evaluator.measure(generated, features, one)["classifier"] for one in (more, None))
    assert ("frechet_distance_few" in found) is few
    if few:
        by_hand = frechet_distance(extract(real, net).features, extract(more, net).features)
        assert found["frechet_distance_few"] == pytest.approx(by_hand, rel=1e-5)
        assert found["frechet_distance_few"] < found["frechet_distance"]  # less of it is chance
        assert alone["frechet_distance_few"] is None
    assert {key: one for key, one in alone.items() if "few" not in key} == {
        key: one for key, one in found.items() if "few" not in key
    }


def test_the_documented_table_finds_what_is_planted():
    """Gaussians of 8 features whose means are off by little, by more, and by more still, one seed each."""
    draw = torch.Generator().manual_seed(0)

    def normal(n: int, off: float) -> torch.Tensor:
        return torch.randn(n, 8, generator=draw, dtype=torch.float64) + off

    generated = {(0, name): normal(2_000, off) for name, off in (("near", 0.2), ("far", 0.3), ("farther", 0.6))}
    generated[1, "near"] = normal(2_000, 0.2)  # of another seed, so of no pair
    real = normal(2_000, 0.0)
    pairs = list(differences(real, generated, 160))
    assert sorted(abs(truth) for truth, _ in pairs) == pytest.approx([0.81, 1.39, 2.2], abs=0.25)
    for truth, rows in pairs:
        assert len(rows) == 10
        assert all(whole * truth > 0 for _, whole, *_ in rows)
        assert sum(error for _, _, error, _ in rows) / 10 == pytest.approx(
            float(torch.tensor(rows)[:, 1].std()), rel=0.6
        )
    head, _, *lines = table(real, generated)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {row[0] for row in cells} == {"40", "77", "160", "320", "480", "960"}
    assert {row[1] for row in cells} == {"101% or more"}
    assert all(len(row) == head.count("|") - 1 for row in cells)
    assert [row[4] for row in cells if int(row[0]) >= 160] == ["100%"] * 4


def test_without_runs_the_table_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["few_images.py", "--runs", str(tmp_path), "--data", "mnist_5k"])
    with pytest.raises(SystemExit, match=r"^error: .*: no finished run with data\.n_train=500$"):
        main()
